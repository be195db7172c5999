import assert from "node:assert/strict";
import { costOf, processStat } from "../../bench/processes.ts";

/** Fields as proc(5) numbers them: CPU time in 14–17 (ticks), resident pages in 24. */
function statLine(pid: number, parent: number, name: string): string {
  const fields = Array.from({ length: 50 }, (_, at) => String(at + 3));
  fields[0] = "S";
  fields[4 - 3] = String(parent);
  fields[14 - 3] = "100";
  fields[15 - 3] = "50";
  fields[16 - 3] = "10";
  fields[17 - 3] = "5";
  fields[24 - 3] = "25600";
  return `${pid} (${name}) ${fields.join(" ")}`;
}

Deno.test("a line of the system tells CPU time with ended children, and resident memory", () => {
  const stat = processStat(statLine(7, 1, "a) strange (name"));
  assert.deepEqual(stat, {
    pid: 7,
    parent: 1,
    name: "a) strange (name",
    cpuMs: 1_650,
    residentMiB: 100,
  });
});

Deno.test("a process costs what its descendants cost with it, and nobody else", () => {
  const all = [[1, 0], [2, 1], [3, 2], [4, 0]].map(([pid = 0, parent = 0]) =>
    processStat(statLine(pid, parent, "x"))
  );
  assert.equal(costOf([1], all).residentMiB, 300);
  assert.equal(costOf([4], all).residentMiB, 100);
  assert.equal(costOf([99], all).residentMiB, 0);
});
