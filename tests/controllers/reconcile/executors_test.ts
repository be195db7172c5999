import assert from "node:assert/strict";
import { createExecutors, deleteObject } from "../../../controllers/reconcile/executors.ts";
import { PODS } from "../../../kube/resources.ts";
import { executorContext, fakeGitHub, fakeKube, kubeError, NEVER } from "../fakes.ts";

Deno.test("every step has one that carries it out", () => {
  const { context } = executorContext({ kube: fakeKube().kube, ...fakeGitHub() });
  const executors = Object.values(createExecutors(context));
  assert.equal(executors.length, 23);
  assert.ok(executors.every((execute) => typeof execute === "function"));
});

Deno.test("a deletion that failed shows nothing", async () => {
  const { kube } = fakeKube(() => {
    throw kubeError("kube_forbidden");
  });
  const { context, absorbed } = executorContext({ kube, ...fakeGitHub() });
  const what = { type: PODS, key: { namespace: "n", name: "o" }, uid: "u" };
  await assert.rejects(deleteObject(context, what, NEVER));
  assert.deepEqual(absorbed, []);
});
