/**
 * What the compiled program answers to a person: `doctor` and `explain` in a process of their own, over sockets, with the
 * faults that `tests/modes/` plants. The first line has to name the cause.
 */
import assert from "node:assert/strict";
import { DOCTOR_FAULTS } from "../modes/doctor/faults.ts";
import { EXPLAIN_FAULTS } from "../modes/explain/faults.ts";
import { type Fault, firstLine, Installation } from "../modes/installation.ts";
import { binaryTest } from "./binary_test_case.ts";
import { clockOfThePast, openDoors } from "./open_doors.ts";
import { outcomeOf, type ProgramOutcome } from "./process.ts";

const HEALTHY: Omit<Fault, "fault" | "firstLine"> = { words: { min: 1 } };

for (const row of DOCTOR_FAULTS) {
  binaryTest(`longshore doctor names it first: ${row.fault}`, async (path) => {
    const { code, out, err } = await doctorOf(path("image"), row);
    assert.match(firstLine(out), row.firstLine, out + err);
    assert.equal(code, 1);
    assert.ok(!/ghp_\w/.test(out + err), "a secret is shown");
  });
}

for (const row of EXPLAIN_FAULTS) {
  binaryTest(`longshore explain names it first: ${row.fault}`, async (path) => {
    const { code, out, err } = await explainOf(path("image"), row);
    assert.match(firstLine(out), row.firstLine, out + err);
    assert.equal(code, 0);
  });
}

binaryTest("longshore doctor finds nothing in a healthy world, exit code 0", async (path) => {
  const { code, out, err } = await doctorOf(path("image"), HEALTHY);
  assert.match(firstLine(out), /^✓ Nothing is wrong/, out + err);
  assert.equal(code, 0, out);
});

binaryTest("longshore explain finds nothing that holds a healthy set back", async (path) => {
  const { code, out, err } = await explainOf(path("image"), HEALTHY);
  assert.match(firstLine(out), /^✓ Nothing holds "arc-runners\/linux" back/, out + err);
  assert.equal(code, 0);
});

type World = Omit<Fault, "fault" | "firstLine">;

async function doctorOf(program: string, world: World): Promise<ProgramOutcome> {
  await using installation = await Installation.planted(world, { clock: clockOfThePast() });
  await using doors = await openDoors(installation);
  return await outcomeOf(program, [
    "doctor",
    `--kubeconfig=${doors.kubeconfig}`,
    `--github-hosts=${doors.githubHosts}`,
  ]);
}

async function explainOf(program: string, world: World): Promise<ProgramOutcome> {
  await using installation = await Installation.planted(world, { clock: clockOfThePast() });
  await using doors = await openDoors(installation);
  return await outcomeOf(program, ["explain", "set", "linux", `--kubeconfig=${doors.kubeconfig}`]);
}
