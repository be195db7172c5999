import assert from "node:assert/strict";
import { MessageQueue } from "../../../sim/github/message_queue.ts";

const pure = { permissions: "none" } as const;

Deno.test("an envelope stays until it is deleted, and ids only grow", pure, () => {
  const queue = new MessageQueue(7);
  assert.equal(queue.next(0), undefined);
  queue.emit("a");
  queue.emit("b");
  const first = queue.next(0);
  assert.deepEqual(first, { messageId: 7, body: '["a","b"]' });
  queue.emit("c");
  assert.equal(queue.next(0), first);
  assert.deepEqual(queue.next(7), { messageId: 8, body: '["c"]' });
  assert.ok(queue.delete(7));
  assert.ok(!queue.delete(7));
  assert.equal(queue.next(0)?.messageId, 8);
  queue.delete(8);
  assert.equal(queue.next(0), undefined);
  queue.emit("d");
  assert.equal(queue.next(0)?.messageId, 9);
  assert.equal(queue.undeleted, 1);
});

Deno.test("an envelope may carry statistics only, and may come twice", pure, () => {
  const queue = new MessageQueue(1);
  queue.emitStatistics();
  const envelope = queue.next(0);
  assert.equal(envelope?.body, "");
  if (envelope) queue.repeat(envelope);
  assert.deepEqual(queue.next(1), { messageId: 2, body: "" });
  queue.emit("a");
  assert.deepEqual(queue.messages(), ["a"]);
});
