import assert from "node:assert/strict";
import { createRenewable } from "../../kube/renewable.ts";
import { VirtualClock } from "../../sim/clock.ts";

/** A value that is what `next` says, and how it was asked for. */
class Source {
  readonly clock = new VirtualClock();
  next: { readonly id: number } | Error = { id: 1 };
  readonly loads: string[] = [];
  readonly value = createRenewable<{ readonly id: number }>({
    load: (how) => {
      this.loads.push(how);
      return this.next instanceof Error ? Promise.reject(this.next) : Promise.resolve(this.next);
    },
    same: (a, b) => a.id === b.id,
    clock: this.clock,
  });
}

Deno.test("a value is read once a minute, once for all who ask", async () => {
  const source = new Source();
  await Promise.all([source.value.read(), source.value.read()]);
  await source.clock.advance(59_999);
  await source.value.read();
  assert.deepEqual(source.loads, ["soft"]);
  await source.clock.advance(1);
  await source.value.read();
  assert.deepEqual(source.loads, ["soft", "soft"]);
});

Deno.test("an equal value is the same one", async () => {
  const source = new Source();
  const first = await source.value.read();
  source.next = { id: 1 };
  source.value.doubt();
  assert.equal(await source.value.read(), first);
  assert.equal(source.loads.length, 2);
});

Deno.test("the last good value serves while there is no other, and is not asked for at every turn", async () => {
  const source = new Source();
  const first = await source.value.read();
  source.next = new Error("gone");
  source.value.doubt();
  assert.equal(await source.value.read(), first);
  assert.equal(await source.value.read(), first);
  assert.equal(source.loads.length, 2);
});

Deno.test("without a first value the failure is told, and the next one tries again", async () => {
  const source = new Source();
  source.next = new Error("not there");
  await assert.rejects(source.value.read(), /not there/);
  source.next = { id: 2 };
  assert.deepEqual(await source.value.read(), { id: 2 });
});

Deno.test("a refused value is looked for hard, once for all who were refused", async () => {
  const source = new Source();
  const first = await source.value.read();
  source.next = { id: 2 };
  assert.deepEqual(await Promise.all([source.value.renew(first), source.value.renew(first)]), [
    true,
    true,
  ]);
  assert.deepEqual(source.loads, ["soft", "hard"]);
  assert.ok(await source.value.renew(first), "renewed already");
  assert.deepEqual(source.loads, ["soft", "hard"]);
  assert.deepEqual(await source.value.read(), { id: 2 });
});

Deno.test("when there is no other value, or none can be read, asking again would not help", async () => {
  const source = new Source();
  const first = await source.value.read();
  assert.ok(!await source.value.renew(first));
  source.next = new Error("locked");
  await assert.rejects(source.value.renew(first), /locked/);
  assert.equal(await source.value.read(), first);
});
