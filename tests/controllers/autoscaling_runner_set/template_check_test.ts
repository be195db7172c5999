import assert from "node:assert/strict";
import {
  checkTemplate,
  probePod,
  recheckMs,
  templateFacts,
} from "../../../controllers/autoscaling_runner_set/template_check.ts";
import { notTaken, taken } from "../../../controllers/template_verdicts.ts";
import { LABELS } from "../../../crds/group.ts";
import { anEphemeralRunnerSet, aRunnerSet } from "../../builders.ts";
import { after as later } from "../../times.ts";
import { kubeError } from "../fakes.ts";
import { observedRunnerSet, pure } from "../situations.ts";

type SpecChanges = NonNullable<NonNullable<Parameters<typeof aRunnerSet>[0]>["spec"]>;

function withSpec(spec: SpecChanges = {}) {
  return observedRunnerSet({ set: aRunnerSet({ spec }) });
}

function hashOf(spec: SpecChanges = {}): string {
  const [step] = checkTemplate(withSpec(spec), anEphemeralRunnerSet(), later(1));
  assert.ok(step?.do === "check-pod-template");
  return step.hash;
}

pure("B6: the pod that is asked about is as the runners' are", () => {
  const observed = withSpec({
    ephemeralRunnerMetadata: { labels: { team: "blue" }, annotations: { a: "1" } },
    template: {
      metadata: { labels: { own: "yes" } },
      spec: { containers: [{ name: "runner", image: "i" }], serviceAccountName: "sa" },
    },
  });
  const pod = probePod(observed, anEphemeralRunnerSet());
  assert.deepEqual(
    [
      pod.metadata?.labels?.["team"],
      pod.metadata?.labels?.["own"],
      pod.metadata?.labels?.[LABELS.component],
    ],
    ["blue", "yes", "runner"],
  );
  assert.equal(pod.metadata?.annotations?.["a"], "1");
  assert.equal(pod.metadata?.namespace, "arc-runners");
  assert.equal(pod.spec?.restartPolicy, "Never");
  assert.equal(pod.spec?.serviceAccountName, "sa");
});

pure(
  "B6: the cluster is asked once for each template, and again when it refused and time has passed",
  () => {
    const asks = (template: ReturnType<typeof taken>, seconds: number) =>
      checkTemplate({ ...withSpec(), template }, anEphemeralRunnerSet(), later(seconds)).length;
    const refused = notTaken(kubeError("kube_invalid"), hashOf(), later(0));
    assert.equal(asks(taken(hashOf()), 9_999), 0);
    assert.equal(asks(taken("another"), 1), 1);
    assert.equal(asks(refused, 299), 0);
    assert.equal(asks(refused, 300), 1);
    assert.equal(recheckMs({ ...withSpec(), template: refused }, later(100)), 200_000);
    assert.equal(recheckMs({ ...withSpec(), template: taken("h") }, later(100)), undefined);
    assert.equal(recheckMs(withSpec(), later(100)), undefined);
  },
);

pure("B3: limits and what a listener is told are no other template", () => {
  assert.equal(hashOf({ maxRunners: 99, listenerMetrics: { counters: {} } }), hashOf());
});

pure("B6: what the cluster said is a condition", () => {
  const shown = (template?: ReturnType<typeof taken>, spec: SpecChanges = {}) =>
    templateFacts({ ...withSpec(spec), template }).map(({ status, reason }) =>
      `${status} ${reason}`
    );
  assert.deepEqual(shown(), []);
  assert.deepEqual(shown(taken("h")), ["True Accepted"]);
  assert.deepEqual(shown(notTaken(kubeError("kube_invalid"), "h", later(0))), ["False Invalid"]);
  assert.deepEqual(shown(notTaken(kubeError("kube_timeout"), "h", later(0))), [
    "Unknown NotChecked",
  ]);
});

pure("X20: another restart policy than Never is told of, and does not count", () => {
  for (const restartPolicy of ["Always", "OnFailure", null]) {
    const observed = withSpec({ template: { spec: { containers: [], restartPolicy } } });
    const [fact] = templateFacts({ ...observed, template: taken("h") });
    assert.deepEqual([fact?.status, fact?.reason], ["True", "RestartPolicyOverridden"]);
    assert.match(fact?.message ?? "", /restartPolicy is (Always|OnFailure): /);
    assert.equal(probePod(observed, anEphemeralRunnerSet()).spec?.restartPolicy, "Never");
  }
});
