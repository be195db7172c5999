/** What holds for all kinds together: who writes what, and what a kind's table says in words. */
import assert from "node:assert/strict";
import { KINDS } from "../../crds/kinds.ts";
import { fieldRows } from "../../tools/gen/fields_page.ts";

Deno.test("all four kinds are installed, each once", { permissions: "none" }, () => {
  assert.deepEqual(KINDS.map(({ type }) => type.plural).sort(), [
    "autoscalinglisteners",
    "autoscalingrunnersets",
    "ephemeralrunners",
    "ephemeralrunnersets",
  ]);
});

function pathsWrittenBy(kind: string, writer: string): readonly string[] {
  const definition = KINDS.find(({ type }) => type.kind === kind);
  assert.ok(definition !== undefined);
  return fieldRows(definition).filter(({ writtenBy }) => writtenBy === writer)
    .map(({ path }) => path);
}

Deno.test("the listener writes its decision and the job, nothing else", {
  permissions: "none",
}, () => {
  assert.deepEqual(pathsWrittenBy("EphemeralRunnerSet", "listener"), [
    "spec.replicas",
    "spec.patchID",
    "spec.completedRunners",
    "spec.listenerReport",
    "spec.listenerSession",
  ]);
  assert.deepEqual(pathsWrittenBy("EphemeralRunner", "listener"), [
    "status.jobRequestId",
    "status.jobId",
    "status.jobRepositoryName",
    "status.jobWorkflowRef",
    "status.workflowRunId",
    "status.jobDisplayName",
  ]);
  assert.deepEqual(pathsWrittenBy("AutoscalingListener", "listener"), []);
  assert.deepEqual(pathsWrittenBy("AutoscalingRunnerSet", "listener"), []);
});

Deno.test("the user writes the spec of a runner set, nothing else", { permissions: "none" }, () => {
  for (const { type } of KINDS) {
    const paths = pathsWrittenBy(type.kind, "user");
    if (type.kind !== "AutoscalingRunnerSet") assert.deepEqual(paths, [], type.kind);
    else assert.ok(paths.length > 20 && paths.every((path) => path.startsWith("spec")));
  }
});

Deno.test("every kind reports conditions, with the generation it looked at", {
  permissions: "none",
}, () => {
  for (const kind of KINDS) {
    const paths = fieldRows(kind).map(({ path }) => path);
    assert.ok(paths.includes("status.conditions"), kind.type.kind);
    assert.ok(paths.includes("status.conditions[].observedGeneration"), kind.type.kind);
  }
});
