import assert from "node:assert/strict";
import fc from "fast-check";
import { createDueHeap } from "../../kube/due_heap.ts";

Deno.test("what is due first comes first, and of the same moment what came first", () => {
  fc.assert(fc.property(fc.array(fc.nat({ max: 20 })), (times) => {
    const heap = createDueHeap<number>();
    times.forEach((atMs, i) => heap.push(atMs, i));
    const expected = times.map((atMs, item) => ({ atMs, item }))
      .sort((a, b) => a.atMs - b.atMs || a.item - b.item);
    const seen = [];
    for (let next = heap.peek(); next !== undefined; next = heap.peek()) {
      assert.equal(heap.pop(), next);
      seen.push({ atMs: next.atMs, item: next.item });
    }
    assert.deepEqual(seen, expected);
    assert.equal(heap.size, 0);
    assert.equal(heap.pop(), undefined);
  }));
});
