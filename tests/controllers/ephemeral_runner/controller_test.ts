import assert from "node:assert/strict";
import { CompletedRunners } from "../../../controllers/ephemeral_runner/completed_runners.ts";
import { runnerReconciler } from "../../../controllers/ephemeral_runner/controller.ts";
import { GitHubError } from "../../../github/errors.ts";
import type { KubeErrorCode } from "../../../kube/errors.ts";
import { aRunner, STORY } from "../../builders.ts";
import { after } from "../../times.ts";
import { cachesWith, kubeError, NEVER } from "../fakes.ts";
import { NO_DEADLINES, outline } from "../situations.ts";

const reconciler = runnerReconciler({
  caches: cachesWith([aRunner({ phase: "" })]),
  completed: new CompletedRunners(),
  started: new Map<string, number>(),
  deadlines: NO_DEADLINES,
  settings: { userAgent: "u", excludedLabelPrefixes: [] },
});
const observe = async () => {
  const key = { namespace: STORY.namespace, name: STORY.runner };
  const observed = await reconciler.observe(key, NEVER);
  assert.ok(observed);
  return observed;
};

Deno.test("a runner in the cache is observed and planned for", async () => {
  assert.deepEqual(outline(reconciler.plan(await observe(), after(1))), ["start-runner"]);
});

const REFUSALS:
  readonly (readonly [code: KubeErrorCode, message: string, marks: "marks" | "is tried again"])[] =
    [
      ["kube_invalid", "spec.containers is wrong", "marks"],
      ["kube_forbidden", 'admission webhook "policy" denied the request', "marks"],
      [
        "kube_forbidden",
        'User "c" cannot create resource "pods" in API group ""',
        "is tried again",
      ],
      ["kube_timeout", "no answer", "is tried again"],
    ];

for (const [code, message, marks] of REFUSALS) {
  Deno.test(`a pod refused as ${code} (${message}) ${marks}`, async () => {
    const write = reconciler.afterFailure?.(await observe(), kubeError(code, message), after(1));
    assert.equal(write === undefined, marks !== "marks");
  });
}

Deno.test("B7: a runner that GitHub lets not register says so after a minute, and once", async () => {
  const refusal = new GitHubError("github_forbidden", "answered 403: no");
  const observed = await observe();
  assert.equal(reconciler.afterFailure?.(observed, refusal, after(59)), undefined);
  const write = reconciler.afterFailure?.(observed, refusal, after(60));
  const { conditions: _, ...facts } = write?.patch as Readonly<Record<string, unknown>>;
  const message = "The runner cannot be registered: answered 403: no";
  assert.deepEqual(facts, { ready: false, reason: "RegistrationFailed", message });
  const told = { ...observed, runner: aRunner({ phase: "", status: { ...facts } }) };
  const another = new GitHubError("github_unavailable", "answered 503, activity 17");
  assert.equal(reconciler.afterFailure?.(told, another, after(90)), undefined);
  const gone = { ...observed, runner: aRunner({ phase: "", deleting: true }) };
  assert.equal(reconciler.afterFailure?.(gone, refusal, after(90)), undefined);
});

Deno.test("F22: a runner without room in the quota says so, and is not given up", async () => {
  const refusal = kubeError("kube_quota", "exceeded quota: q");
  const write = reconciler.afterFailure?.(await observe(), refusal, after(1));
  const { phase, reason, message } = write?.patch as Readonly<Record<string, unknown>>;
  assert.deepEqual([phase, reason, message], [undefined, "QuotaExceeded", "exceeded quota: q"]);
});
