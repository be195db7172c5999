import assert from "node:assert/strict";
import { Fifo } from "../../../sim/github/job_board.ts";

Deno.test("a queue gives what is wanted in order, and forgets what is not", {
  permissions: "none",
}, () => {
  const fifo = new Fifo<number>();
  for (let i = 0; i < 5_000; i++) fifo.push(i);
  const isEven = (n: number) => n % 2 === 0;
  assert.equal(fifo.peek(isEven), 0);
  const taken = [];
  for (let n = fifo.take(isEven); n !== undefined; n = fifo.take(isEven)) taken.push(n);
  assert.deepEqual(taken, Array.from({ length: 2_500 }, (_, i) => 2 * i));
  fifo.push(7);
  assert.equal(fifo.take(() => true), 7);
});
