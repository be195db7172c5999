import assert from "node:assert/strict";
import { runnerWorkKinds } from "../../controllers/runner_work.ts";
import { LABELS } from "../../crds/group.ts";
import { keyOf, keyText, type KubeObject } from "../../kube/types.ts";
import { aPod, aRunner } from "../builders.ts";
import { cachesWith } from "./fakes.ts";

function workOf(runner: KubeObject, ...others: readonly KubeObject[]) {
  const kinds = runnerWorkKinds(cachesWith([runner, ...others]), 64);
  return kinds.of(keyText(keyOf(runner)));
}

Deno.test("a runner without a pod is to start, one that goes or whose pod has ended is to be cleaned up", () => {
  const runner = aRunner({ phase: "" });
  assert.equal(workOf(runner).kind, "start");
  assert.equal(workOf(runner, aPod().running()).kind, "bookkeeping");
  assert.equal(workOf(runner, aPod().succeeded()).kind, "cleanup");
  const going = {
    ...runner,
    metadata: { ...runner.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" },
  };
  assert.equal(workOf(going, aPod().running()).kind, "cleanup");
});

Deno.test("F25: a runner that failed and whose pod lives is cleaned up: GitHub is asked about it, and may hang", () => {
  assert.equal(workOf(aRunner({ phase: "Failed" }), aPod().running()).kind, "cleanup");
  assert.equal(workOf(aRunner({ phase: "Outdated" }), aPod().running()).kind, "cleanup");
  assert.equal(workOf(aRunner({ phase: "Failed" })).kind, "bookkeeping");
});

Deno.test("a runner that is gone is looked at with the bookkeeping", () => {
  assert.deepEqual(runnerWorkKinds(cachesWith([]), 64).of("arc-runners/gone"), {
    kind: "bookkeeping",
  });
});

Deno.test("runners of a set take one turn, those of another set another one, with the same credential", () => {
  const runner = aRunner({ phase: "" });
  const labels = { ...runner.metadata?.labels, [LABELS.scaleSetName]: "other" };
  const other = { ...runner, metadata: { ...runner.metadata, labels } };
  assert.notEqual(workOf(runner).turn, workOf(other).turn);
  assert.equal(workOf(runner).share, workOf(other).share);
  const moved = { ...runner, spec: { ...runner.spec, githubConfigSecret: "another" } };
  assert.notEqual(workOf(runner).share, workOf(moved).share);
});

Deno.test("a few workers are enough for every kind of work", () => {
  const { limits, shares } = runnerWorkKinds(cachesWith([]), 1);
  assert.deepEqual({ limits, shares }, {
    limits: { start: 1, bookkeeping: 1, cleanup: 1 },
    shares: { start: 1, cleanup: 1 },
  });
});
