import assert from "node:assert/strict";
import { populationOf } from "../../../controllers/ephemeral_runner_set/population.ts";
import { rollSteps } from "../../../controllers/ephemeral_runner_set/rolling.ts";
import { ANNOTATIONS } from "../../../crds/group.ts";
import { anEphemeralRunnerSet, aRunner, type RunnerChanges } from "../../builders.ts";
import { pure } from "../situations.ts";

const hashed = (hash: string) => ({ annotations: { [ANNOTATIONS.integrityHash]: hash } });
const made = (name: string, hash: string, changes: RunnerChanges = {}) =>
  aRunner({ name, ...changes, metadata: hashed(hash) });

function rolled(runners: readonly ReturnType<typeof made>[], hash = "ls1-new"): readonly string[] {
  const set = anEphemeralRunnerSet({ metadata: hashed(hash) });
  return rollSteps(set, populationOf(runners), { patchId: 1, replicas: 8 }).map((step) => {
    assert.ok(step.do === "replace-runner");
    assert.equal(step.lost, undefined, "what is replaced on purpose is no failure");
    return step.key.name;
  });
}

const old = ["a", "b", "c"].map((name) => made(name, "ls1-old"));

pure(
  "B3: a quarter of the wanted runners is replaced at a time, less those that are on their way",
  () => {
    assert.deepEqual(rolled(old), ["a", "b"]);
    assert.deepEqual(rolled([...old, made("new", "ls1-new", { phase: "Pending" })]), ["a"]);
  },
);

pure("B3: busy ones, those of this template, and those that another controller marked stay", () => {
  assert.deepEqual(rolled([made("busy", "ls1-old", { hasJob: true })]), []);
  assert.deepEqual(rolled([made("same", "ls1-new"), made("arcs", "0a1b")]), []);
  assert.deepEqual(rolled(old, "0a1b"), []);
});

pure("X7: those of a former scale set go, whatever their template", () => {
  assert.deepEqual(rolled([made("a", "ls1-new", { spec: { runnerScaleSetId: 99 } })]), ["a"]);
});
