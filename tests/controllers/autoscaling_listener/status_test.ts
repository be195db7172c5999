import assert from "node:assert/strict";
import { listenerStatus, notReady } from "../../../controllers/autoscaling_listener/status.ts";
import { listenerAfterFailure } from "../../../controllers/autoscaling_listener/plan.ts";
import type { Condition } from "../../../kube/types.ts";
import { aListener, aListenerPod } from "../../builders.ts";
import { after as later } from "../../times.ts";
import { kubeError } from "../fakes.ts";
import { NO_CREDENTIALS, observedListener, pure } from "../situations.ts";

const RUNS = { ready: "True", reason: "Running", message: "The listener runs" } as const;

function said(write: ReturnType<typeof listenerStatus>): readonly string[] {
  const { conditions = [] } = (write?.patch ?? {}) as { conditions?: readonly Condition[] };
  return conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`);
}

pure("B7: a listener at work says so in each of its conditions, for this generation", () => {
  const observed = observedListener({
    listener: aListener({ metadata: { generation: 4 } }),
    pod: aListenerPod().running(),
    word: { patchID: 0, completedRunners: [] },
  });
  const write = listenerStatus(observed, RUNS, later(1));
  assert.deepEqual(said(write), [
    "Ready True Running",
    "CredentialsValid True Accepted",
    "SessionHealthy True Polling",
    "PodTemplateValid True Accepted",
  ]);
  const { conditions } = write?.patch as { conditions: readonly Condition[] };
  assert.ok(conditions.every(({ observedGeneration }) => observedGeneration === 4));
});

pure("B7: without credentials it says what is wrong with them", () => {
  const write = listenerStatus(
    observedListener({ credentials: NO_CREDENTIALS }),
    notReady("CredentialsInvalid", "m"),
    later(1),
  );
  assert.deepEqual(said(write), [
    "Ready False CredentialsInvalid",
    "CredentialsValid False SecretMissing",
    "SessionHealthy Unknown ListenerNotReady",
  ]);
});

pure("B7: a pod that the cluster refuses is told with the cluster's words", () => {
  const refusal = kubeError(
    "kube_invalid",
    'Cannot create pods "a/b": spec.containers[0].image: Required',
  );
  const write = listenerAfterFailure(observedListener(), refusal, later(1));
  assert.ok(said(write).includes("Ready False PodRefused"));
  assert.ok(said(write).includes("PodTemplateValid False Refused"));
  assert.match(JSON.stringify(write?.patch), /image: Required/);
});

pure("a failure of the moment, or of anything else, is no condition of the pod", () => {
  const observed = observedListener();
  assert.equal(listenerAfterFailure(observed, kubeError("kube_timeout"), later(1)), undefined);
  assert.equal(listenerAfterFailure(observed, new TypeError("bug"), later(1)), undefined);
  const going = observedListener({ listener: aListener({ deleting: true }) });
  assert.equal(listenerAfterFailure(going, kubeError("kube_invalid"), later(1)), undefined);
  const roles = listenerAfterFailure(
    observed,
    kubeError("kube_forbidden", "Cannot create roles"),
    later(1),
  );
  assert.ok(said(roles).includes("Ready False Refused"));
});
