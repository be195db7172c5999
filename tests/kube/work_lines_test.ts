import assert from "node:assert/strict";
import { type Line, newLine } from "../../kube/work_lines.ts";

function lineOf(limit = Infinity, shareLimit = Infinity): Line<string> {
  return newLine<string>({ limit, shareLimit });
}

function drained(line: Line<string>): string[] {
  const all: string[] = [];
  for (let item = line.take(); item !== undefined; item = line.take()) all.push(item);
  return all;
}

Deno.test("who comes first is first, and no more are held than may be", () => {
  const line = lineOf(2);
  for (const item of ["a", "b", "c"]) line.add(item, { kind: "any" });
  assert.deepEqual(drained(line), ["a", "b"]);
  assert.equal(line.size, 1);
  line.release("a");
  assert.deepEqual(drained(line), ["c"]);
});

Deno.test("one who has much to do waits for its turn as everybody else", () => {
  const line = lineOf();
  for (let i = 1; i <= 4; i++) line.add(`big-${i}`, { kind: "any", turn: "big" });
  line.add("small-1", { kind: "any", turn: "small" });
  assert.deepEqual(drained(line), ["big-1", "small-1", "big-2", "big-3", "big-4"]);
});

Deno.test("who comes back goes to the end of the order", () => {
  const line = lineOf();
  line.add("a-1", { kind: "any", turn: "a" });
  line.add("b-1", { kind: "any", turn: "b" });
  assert.equal(line.take(), "a-1");
  line.add("a-2", { kind: "any", turn: "a" });
  assert.deepEqual(drained(line), ["b-1", "a-2"]);
});

Deno.test("a share that is used up holds up those who draw on it, and nobody else", () => {
  const line = lineOf(3, 1);
  line.add("a-1", { kind: "any", turn: "a", share: "slow" });
  line.add("a-2", { kind: "any", turn: "a", share: "slow" });
  line.add("b-1", { kind: "any", turn: "b", share: "slow" });
  line.add("c-1", { kind: "any", turn: "c", share: "quick" });
  line.add("d-1", { kind: "any", turn: "d" });
  assert.deepEqual(drained(line), ["a-1", "c-1", "d-1"]);
  line.release("c-1");
  assert.equal(line.take(), undefined);
  line.release("a-1");
  assert.deepEqual(drained(line), ["b-1"]); // a had its turn
});

Deno.test("what is taken out of the line draws on nothing and leaves no turn behind", () => {
  const line = lineOf(1, 1);
  line.add("a-1", { kind: "any", turn: "a", share: "one" });
  line.add("b-1", { kind: "any", turn: "b", share: "one" });
  line.remove("a-1");
  assert.equal(line.size, 1);
  assert.deepEqual(drained(line), ["b-1"]);
  line.release("b-1");
  line.add("a-1", { kind: "any", turn: "a", share: "one" });
  assert.deepEqual(drained(line), ["a-1"]);
});
