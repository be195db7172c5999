import assert from "node:assert/strict";
import type { ObservedListener } from "../../../controllers/autoscaling_listener/observe.ts";
import { planListener } from "../../../controllers/autoscaling_listener/plan.ts";
import { ANNOTATIONS, FINALIZERS } from "../../../crds/group.ts";
import { conditionOf } from "../../../kube/meta.ts";
import type { Pod, Role, RoleBinding, ServiceAccount } from "../../../kube/types.ts";
import { applyMergePatch } from "../../../lib/json.ts";
import { aListener, aListenerPod, STORY } from "../../builders.ts";
import { after as later, stampAfter } from "../../times.ts";
import {
  after,
  created,
  GOOD_CREDENTIALS,
  NO_CREDENTIALS,
  observedListener,
  only,
  outline,
  pure,
  STALE_CREDENTIALS,
} from "../situations.ts";

const NOW = later(30);
const NAME = STORY.listener;
const runningStatus = aListenerPod().running().status;

/** A listener with everything that it needs, running. */
function settled(changes: Partial<ObservedListener> = {}): ObservedListener {
  const start = observedListener(changes);
  const first = planListener(start, NOW);
  const role = created<Role>(first, "Role");
  const binding = created<RoleBinding>(first, "RoleBinding");
  const pod = created<Pod>(first, "Pod");
  const [config] = only(first, "write-listener-config");
  assert.ok(start.listener && role && binding && pod && config);
  const listener = applyMergePatch(start.listener, {
    metadata: { annotations: { [ANNOTATIONS.configHash]: config.hash } },
  }) as typeof start.listener;
  const running = {
    ...start,
    listener,
    serviceAccount: created<ServiceAccount>(first, "ServiceAccount"),
    roles: [role],
    roleBindings: [binding],
    pod: { ...pod, status: runningStatus } as Pod,
  };
  return { ...running, listener: after(planListener(running, NOW), listener) };
}

function edited(changes: Parameters<typeof aListener>[0]): ObservedListener {
  const before = settled();
  return {
    ...before,
    listener: applyMergePatch(before.listener, changes) as ReturnType<typeof aListener>,
  };
}

const withPod = (pod: Pod | undefined, status?: object): ObservedListener => {
  const before = settled();
  const listener = applyMergePatch(before.listener, { status: status ?? {} });
  return { ...before, listener: listener as ReturnType<typeof aListener>, pod };
};
/** Our pod in another state. */
const inState = (state: Pod): Pod => ({
  ...(settled().pod as Pod),
  ...(state.status && { status: state.status }),
});

/** A pod created so many seconds after the story began, whose container waits for its volumes. */
function mounting(createdS: number): Pod {
  const pod = inState(aListenerPod().waitingFor("ContainerCreating"));
  return { ...pod, metadata: { ...pod.metadata, creationTimestamp: stampAfter(createdS) } };
}

const ROWS: readonly {
  readonly claim: string;
  readonly observed: ObservedListener;
  readonly because: string;
  readonly steps: readonly string[];
  readonly reason?: string;
  readonly lookAgainMs?: number;
}[] = [
  {
    claim: "does nothing when it runs as wanted (B9)",
    observed: settled(),
    because: "The listener is as wanted",
    steps: [],
  },
  {
    claim: "does nothing when it goes: its pod goes by owner reference (B5)",
    observed: { ...settled(), listener: aListener({ deleting: true }) },
    because: "It goes, and its pod by owner reference",
    steps: [],
  },
  {
    claim: "does nothing to a pod of ARC's that runs: its fingerprint says nothing",
    observed: withPod(
      aListenerPod({ metadata: { annotations: { [ANNOTATIONS.integrityHash]: "6fb" } } }).running(),
    ),
    because: "The listener is as wanted",
    steps: [],
  },
  {
    claim: "takes its rights back when it is gone",
    observed: { ...settled(), listener: undefined },
    because: "The listener is gone; its rights go too",
    steps: [`delete RoleBinding ${NAME}`, `delete Role ${NAME}`],
  },
  {
    claim: "B5: lets ARC's finalizer go when it goes",
    observed: {
      ...settled(),
      listener: aListener({ deleting: true, metadata: { finalizers: [FINALIZERS.listener] } }),
    },
    because: "It goes, and its pod by owner reference",
    steps: [`remove-finalizers ${FINALIZERS.listener}`],
  },
  {
    claim: "B5: lets ARC's finalizer go when it stays",
    observed: edited({ metadata: { finalizers: [FINALIZERS.listener] } }),
    because: "The listener is as wanted",
    steps: [`remove-finalizers ${FINALIZERS.listener}`],
  },
  {
    claim: "deletes itself when its runner set is gone",
    observed: { ...settled(), runnerSet: undefined },
    because: "Its runner set is gone",
    steps: [`delete AutoscalingListener ${NAME}`],
  },
  {
    claim: "AL-01: makes all that a listener needs in one go, its pod last",
    observed: observedListener(),
    because: "It has no pod",
    steps: [
      "create ServiceAccount",
      "create Role",
      "create RoleBinding",
      "write-listener-config",
      "create Pod",
    ],
    reason: "Starting",
  },
  {
    claim: "prepares its rights, and waits for credentials",
    observed: observedListener({ credentials: NO_CREDENTIALS }),
    because: "Without credentials it could not listen",
    steps: ["create ServiceAccount", "create Role", "create RoleBinding"],
    reason: "CredentialsInvalid",
    lookAgainMs: 60_000,
  },
  {
    claim: "keeps a pod that runs when the Secret broke",
    observed: { ...settled(), credentials: STALE_CREDENTIALS },
    because: "The listener is as wanted",
    steps: [],
    reason: "Running",
    lookAgainMs: 60_000,
  },
  {
    claim: "keeps the credentials it has while GitHub has not taken the new ones",
    observed: {
      ...settled(),
      credentials: { ...GOOD_CREDENTIALS, fingerprint: "f2", isUnproven: true },
    },
    because: "The listener is as wanted",
    steps: [],
    reason: "Running",
    lookAgainMs: 60_000,
  },
  {
    claim: "AL-10: gets its proxies in a Secret, before its pod",
    observed: {
      ...withPod(undefined),
      listener: aListener({ spec: { proxy: { http: { url: "http://proxy.example" } } } }),
    },
    because: "It has no pod",
    steps: ["write-proxy-secret", "write-listener-config", "create Pod"],
    reason: "Starting",
  },
  {
    claim: "AL-10: has its proxies already",
    observed: {
      ...withPod(undefined),
      listener: aListener({ spec: { proxy: { http: { url: "http://proxy.example" } } } }),
      proxySecret: GOOD_CREDENTIALS.fingerprint,
    },
    because: "It has no pod",
    steps: ["write-listener-config", "create Pod"],
    reason: "Starting",
  },
  {
    claim: "B3: other limits are written down for the next start, and the pod runs on",
    observed: edited({ spec: { minRunners: 2, maxRunners: 20 } }),
    because: "The listener is as wanted",
    steps: ["write-listener-config"],
    reason: "Running",
  },
  {
    claim: "AL-03: follows its set of runners with its Role",
    observed: edited({ spec: { ephemeralRunnerSetName: "other" } }),
    because: "The pod was made from another configuration",
    steps: [`patch Role ${NAME}`, "write-listener-config", `delete Pod ${NAME}`],
    reason: "Restarting",
  },
  {
    claim: "AL-04: passes changed labels on",
    observed: edited({ metadata: { labels: { team: "blue" } } }),
    because: "The pod was made from another configuration",
    steps: [
      `patch ServiceAccount ${NAME}`,
      `patch Role ${NAME}`,
      `patch RoleBinding ${NAME}`,
      `delete Pod ${NAME}`,
    ],
    reason: "Restarting",
  },
  {
    claim: "AL-04: passes changed wishes for the Secret on, and the pod runs on",
    observed: edited({ spec: { configSecretMetadata: { labels: { a: "1" } } } }),
    because: "The listener is as wanted",
    steps: ["write-listener-config"],
  },
  {
    claim: "X17, B3: rotated credentials reach it, and the pod runs on",
    observed: {
      ...settled(),
      credentials: { ...STALE_CREDENTIALS, problem: undefined, fingerprint: "f2" },
    },
    because: "The listener is as wanted",
    steps: ["write-listener-config"],
    reason: "Running",
  },
  {
    claim: "waits for its former pod to stop",
    observed: withPod(aListenerPod().running().deleting()),
    because: "Its former pod is still stopping",
    steps: [],
    lookAgainMs: 40_000,
  },
  {
    claim: "AL-07: makes a pod again that somebody deleted, at once",
    observed: withPod(undefined),
    because: "It has no pod",
    steps: ["write-listener-config", "create Pod"],
    reason: "Starting",
  },
  {
    claim: "AL-05: clears away a pod whose listener ended",
    observed: withPod(inState(aListenerPod().exitedWith(0))),
    because: "The listener ended by itself",
    steps: [`delete Pod ${NAME}`],
    reason: "Terminated",
  },
  {
    claim: "AL-08: clears away a pod whose sidecar still runs",
    observed: withPod(inState(aListenerPod().exitedWith(1))),
    because: "The listener ended by itself",
    steps: [`delete Pod ${NAME}`],
    reason: "Terminated",
  },
  {
    claim: "AL-09: clears away an evicted pod",
    observed: withPod(inState(aListenerPod().evicted())),
    because: "The listener ended by itself",
    steps: [`delete Pod ${NAME}`],
    reason: "Terminated",
  },
  {
    claim: "B10: waits before it starts again after several short lives",
    observed: withPod(undefined, { restarts: 3, lastRestartTime: stampAfter(28) }),
    because: "It ended by itself; the next start waits",
    steps: [],
    reason: "BackingOff",
    lookAgainMs: 3_000,
  },
  {
    claim: "says that its container has not started",
    observed: withPod(inState(aListenerPod().waitingFor("ImagePullBackOff"))),
    because: "The listener is as wanted",
    steps: [],
    reason: "Starting",
  },
  {
    claim: "writes the configuration again for a pod that does not start: its Secret may be gone",
    observed: withPod(mounting(0)),
    because: "The pod does not start; somebody may have deleted the Secret that it mounts",
    steps: ["write-listener-config"],
    reason: "Starting",
    lookAgainMs: 60_000,
  },
];

for (const { claim, observed, because, steps, reason, lookAgainMs } of ROWS) {
  pure(`a listener: ${claim}`, () => {
    const plan = planListener(observed, NOW);
    assert.equal(plan.because, because);
    assert.deepEqual(outline(plan), steps);
    assert.equal(plan.lookAgainMs, lookAgainMs);
    if (reason === undefined) return;
    const { status } = after(plan, observed.listener ?? aListener());
    assert.equal(conditionOf(status?.conditions, "Ready")?.reason, reason);
  });
}

pure("a pod has half a minute to start before its configuration is written again", () => {
  const plan = planListener(withPod(mounting(10)), NOW);
  assert.deepEqual(plan.steps, []);
  assert.equal(plan.lookAgainMs, 10_000);
});

pure("a settled listener is not written again (B9)", () => {
  assert.equal(planListener(settled(), later(99)).status, undefined);
});

pure("B10: each end by itself is counted, with its time", () => {
  const observed = withPod(inState(aListenerPod().exitedWith(1)), { restarts: 2 });
  const { status } = after(planListener(observed, NOW), observed.listener ?? aListener());
  assert.deepEqual([status?.restarts, status?.lastRestartTime], [3, stampAfter(30)]);
});

pure("the document holds no credential: it is added where it is written", () => {
  const [step] = only(planListener(observedListener(), NOW), "write-listener-config");
  const keys = Object.keys(step?.document as object);
  assert.deepEqual(keys.filter((key) => key.startsWith("github_")), []);
  assert.deepEqual(step?.target.secretName, STORY.secret);
});

pure(
  "B3: a pod of another controller's program is started again when its configuration changes: it would never hear of it",
  () => {
    const before = settled();
    const arcs = applyMergePatch(before.pod, {
      metadata: { annotations: { [ANNOTATIONS.integrityHash]: "6fb" } },
    }) as Pod;
    assert.deepEqual(outline(planListener({ ...before, pod: arcs }, NOW)), []);
    const plan = planListener({ ...edited({ spec: { maxRunners: 20 } }), pod: arcs }, NOW);
    assert.deepEqual(outline(plan), ["write-listener-config", `delete Pod ${NAME}`]);
  },
);

pure(
  "B3: ARC's program in a pod of ours is started again, too, when its configuration changes",
  () => {
    const word = { patchID: 3, replicas: 1 };
    assert.deepEqual(outline(planListener({ ...settled(), word }, NOW)), []);
    const plan = planListener({ ...edited({ spec: { maxRunners: 20 } }), word }, NOW);
    assert.deepEqual(outline(plan), ["write-listener-config", `delete Pod ${NAME}`]);
  },
);

pure(
  "B5: rights in the runners' namespace that went first keep nothing: Role and RoleBinding go with the set",
  () => {
    const { steps } = planListener({ ...settled(), listener: undefined }, later(0));
    assert.deepEqual(
      steps.map((step) => "whenForbidden" in step && step.whenForbidden),
      ["go-on", "go-on"],
    );
  },
);
