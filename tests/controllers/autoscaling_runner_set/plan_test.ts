import assert from "node:assert/strict";
import type { ObservedRunnerSet } from "../../../controllers/autoscaling_runner_set/observe.ts";
import {
  planRunnerSet,
  runnerSetAfterFailure,
} from "../../../controllers/autoscaling_runner_set/plan.ts";
import { taken } from "../../../controllers/template_verdicts.ts";
import type { AutoscalingListener } from "../../../crds/autoscaling_listener.ts";
import type { EphemeralRunnerSet } from "../../../crds/ephemeral_runner_set.ts";
import { ANNOTATIONS, FINALIZERS } from "../../../crds/group.ts";
import { conditionOf } from "../../../kube/meta.ts";
import { aListener, anEphemeralRunnerSet, aRunnerSet, STORY } from "../../builders.ts";
import { after as later } from "../../times.ts";
import {
  after,
  created,
  NO_CREDENTIALS,
  observedRunnerSet,
  only,
  outline,
  pure,
  SETTINGS,
  STALE_CREDENTIALS,
  storedAs,
  TARGET,
} from "../situations.ts";
import { applyMergePatch } from "../../../lib/json.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../../crds/ephemeral_runner_set.ts";

type SetChanges = NonNullable<Parameters<typeof aRunnerSet>[0]>;
const NOW = later(100);
/** Comes last when the template is another one: a test of its own tells when. */
const CHECK = "check-pod-template";
const fresh = aRunnerSet({ fresh: true });

/** A runner set after all its children were made and its status was written. */
function settled(changes: Partial<ObservedRunnerSet> = {}): ObservedRunnerSet {
  const start = observedRunnerSet(changes);
  const first = planRunnerSet(start, NOW);
  const runners = created<EphemeralRunnerSet>(first, "EphemeralRunnerSet");
  const listener = created<AutoscalingListener>(first, "AutoscalingListener");
  assert.ok(runners && listener);
  return {
    ...start,
    set: after(first, start.set),
    runnerSets: [applyMergePatch(runners, { spec: { replicas: 3, patchID: 9 } }) as typeof runners],
    listeners: [listener],
    template: taken(only(first, "check-pod-template")[0]?.hash ?? ""),
  };
}

/** The settled set after an edit by its user. */
function edited(changes: SetChanges, before = settled()): ObservedRunnerSet {
  return { ...before, set: applyMergePatch(before.set, changes) as typeof before.set };
}

const ROWS: readonly {
  readonly claim: string;
  readonly observed: ObservedRunnerSet;
  readonly because: string;
  readonly steps: readonly string[];
  readonly lookAgainMs?: number;
  /** What the status then says: phase and reasons of conditions. */
  readonly phase?: string;
  readonly reasons?: Readonly<Record<string, string | undefined>>;
}[] = [
  {
    claim: "does nothing when all is as wanted, whatever the listener wrote (B9)",
    observed: settled(),
    because: "The children are brought to what is wanted",
    steps: [],
  },
  {
    claim: "B1: does nothing to a set of another version",
    observed: settled({
      set: aRunnerSet({ metadata: { labels: { "app.kubernetes.io/version": "0.9.3" } } }),
    }),
    because: "The children are brought to what is wanted",
    steps: [],
  },
  {
    claim: "does nothing when labels of third parties are on the children (X4)",
    observed: (() => {
      const observed = settled();
      const foreign = { metadata: { labels: { foreign: "1" }, annotations: { foreign: "1" } } };
      return {
        ...observed,
        runnerSets: observed.runnerSets.map((r) => applyMergePatch(r, foreign) as typeof r),
        listeners: observed.listeners.map((l) => applyMergePatch(l, foreign) as typeof l),
      };
    })(),
    because: "The children are brought to what is wanted",
    steps: [],
  },
  {
    claim: "leaves a broken spec's children alone and says what is wrong",
    observed: edited({ spec: { template: { spec: { containers: [] } } } }),
    because: "The spec cannot work; what runs already is left alone",
    steps: [],
    phase: "Running",
    reasons: { Ready: "InvalidTemplate", PodTemplateValid: "Invalid" },
  },
  {
    claim: "waits for credentials before the first registration",
    observed: observedRunnerSet({ set: fresh, credentials: NO_CREDENTIALS }),
    because: "There are no usable credentials yet",
    steps: [`add-finalizer ${FINALIZERS.runnerSet}`],
    lookAgainMs: 60_000,
    phase: "Pending",
    reasons: { Ready: "CredentialsInvalid", CredentialsValid: "SecretMissing" },
  },
  {
    claim: "registers a fresh set, held by its finalizer before anything exists at GitHub",
    observed: observedRunnerSet({ set: fresh }),
    because: "The scale set is not registered at GitHub",
    steps: [`add-finalizer ${FINALIZERS.runnerSet}`, "register-scale-set"],
    lookAgainMs: 60_000,
  },
  {
    claim: "B10: registers again what the listener says is forgotten",
    observed: (() => {
      const observed = settled();
      const report = { spec: { listenerReport: "no-scale-set:7" } };
      const runnerSets = observed.runnerSets.map((r) => applyMergePatch(r, report) as typeof r);
      return { ...observed, runnerSets };
    })(),
    because: "The listener says that GitHub forgot the scale set",
    steps: ["register-scale-set"],
  },
  {
    claim: "does not believe a report about another scale set",
    observed: (() => {
      const observed = settled();
      const report = { spec: { listenerReport: "no-scale-set:6" } };
      const runnerSets = observed.runnerSets.map((r) => applyMergePatch(r, report) as typeof r);
      return { ...observed, runnerSets };
    })(),
    because: "The children are brought to what is wanted",
    steps: [],
  },
  {
    claim: "ARS-11: moves the scale set to another group",
    observed: edited({ spec: { runnerGroup: "gpu" } }),
    because: "The scale set's name or group at GitHub is not the wanted one",
    steps: ["update-scale-set"],
  },
  {
    claim: "ARS-01: makes one set of runners and one listener",
    observed: observedRunnerSet(),
    because: "The children are brought to what is wanted",
    steps: ["create EphemeralRunnerSet", "create AutoscalingListener"],
    phase: "Running",
    reasons: {
      Ready: "ListenerNotReady",
      Registered: "Registered",
      CredentialsValid: "Accepted",
      SessionHealthy: "ListenerNotReady",
    },
  },
  {
    claim: "B3: a change of the limits changes the listener's object and nothing else",
    observed: edited({ spec: { minRunners: 2, maxRunners: 20 } }),
    because: "The children are brought to what is wanted",
    steps: [`patch AutoscalingListener ${STORY.listener}`],
  },
  {
    claim: "ARS-04, B3: a change of the template changes the set of runners in place",
    observed: edited({
      spec: { template: { spec: { containers: [{ name: "runner", image: "v2" }] } } },
    }),
    because: "The children are brought to what is wanted",
    steps: ["patch EphemeralRunnerSet linux"],
  },
  {
    claim: "ARS-10 by B3: another Secret changes both children in place",
    observed: edited({ spec: { githubConfigSecret: "other" } }),
    because: "The children are brought to what is wanted",
    steps: ["patch EphemeralRunnerSet linux", `patch AutoscalingListener ${STORY.listener}`],
  },
  {
    claim: "ARS-06: a label reaches both children",
    observed: edited({ metadata: { labels: { team: "blue" } } }),
    because: "The children are brought to what is wanted",
    steps: ["patch EphemeralRunnerSet linux", `patch AutoscalingListener ${STORY.listener}`],
  },
  {
    claim:
      "a listener whose set of runners was taken away goes first: it believes its order stands",
    observed: { ...settled(), runnerSets: [] },
    because: "The set of runners is gone; its listener has to begin anew",
    steps: [`delete AutoscalingListener ${STORY.listener}`],
  },
  {
    claim: "X6: a listener under a former name goes before the new one comes",
    observed: { ...settled(), listeners: [aListener({ name: "linux-former-listener" })] },
    because: "The children are brought to what is wanted",
    steps: ["delete AutoscalingListener linux-former-listener", "create AutoscalingListener"],
  },
  {
    claim: "a set of runners of an older controller is told to shrink",
    observed: ((observed: ObservedRunnerSet) => ({
      ...observed,
      runnerSets: [
        ...observed.runnerSets,
        anEphemeralRunnerSet({
          name: "linux-abc12",
          spec: { replicas: 2, patchID: 4 },
          status: { currentReplicas: 2 },
        }),
      ],
    }))(settled()),
    because: "The children are brought to what is wanted",
    steps: ["patch EphemeralRunnerSet linux-abc12"],
  },
  {
    claim: "a set of runners of an older controller is waited for while it shrinks",
    observed: ((observed: ObservedRunnerSet) => ({
      ...observed,
      runnerSets: [
        ...observed.runnerSets,
        anEphemeralRunnerSet({ name: "linux-abc12", status: { currentReplicas: 1 } }),
      ],
    }))(settled()),
    because: "The children are brought to what is wanted",
    steps: [],
  },
  {
    claim: "a set of runners of an older controller goes when it is empty",
    observed: ((observed: ObservedRunnerSet) => ({
      ...observed,
      runnerSets: [...observed.runnerSets, anEphemeralRunnerSet({ name: "linux-abc12" })],
    }))(settled()),
    because: "The children are brought to what is wanted",
    steps: ["delete EphemeralRunnerSet linux-abc12"],
  },
  {
    claim: "works on with the last good credential, and says that the Secret broke",
    observed: { ...settled(), credentials: STALE_CREDENTIALS },
    because: "The children are brought to what is wanted",
    steps: [],
    phase: "Running",
    reasons: {
      Ready: "CredentialsInvalid",
      CredentialsValid: "SecretMissing",
      Registered: "Registered",
    },
    lookAgainMs: 60_000,
  },
  {
    claim: "does not ask GitHub for changes without credentials",
    observed: {
      ...edited({ spec: { runnerScaleSetName: "big" } }),
      credentials: NO_CREDENTIALS,
    },
    because: "The children are brought to what is wanted",
    steps: [],
    phase: "Running",
    reasons: { Ready: "CredentialsInvalid" },
    lookAgainMs: 60_000,
  },
  {
    claim: "tells GitHub of edited labels, after everything else",
    observed: edited({ spec: { runnerScaleSetLabels: ["gpu"], maxRunners: 9 } }),
    because: "The children are brought to what is wanted",
    steps: ["patch AutoscalingListener " + STORY.listener, "update-scale-set"],
    phase: "Running",
  },
  {
    claim: "leaves alone what runs while the way to GitHub cannot work",
    observed: {
      ...edited({ spec: { maxRunners: 9 } }),
      credentials: {
        service: "none",
        fingerprint: "",
        problem: { reason: "ProxyInvalid", message: "spec.proxy.http.url is …", about: "network" },
      },
    },
    because: "The way to GitHub cannot work; what runs already is left alone",
    steps: [],
    phase: "Running",
    reasons: { Ready: "ProxyInvalid" },
    lookAgainMs: 60_000,
  },
  {
    claim: "does not fight an older set for a scale set",
    observed: { ...settled(), namesake: { namespace: "other", name: "linux" } },
    because: "An older runner set has the scale set; what runs already is left alone",
    steps: [],
    phase: "Running",
    reasons: { Ready: "ScaleSetNameTaken" },
    lookAgainMs: 60_000,
  },
  {
    claim: "passes on that the runners' version is refused",
    observed: ((observed: ObservedRunnerSet) => ({
      ...observed,
      runnerSets: observed.runnerSets.map((r) =>
        applyMergePatch(r, { status: { currentReplicas: 0, phase: "Outdated" } }) as typeof r
      ),
    }))(settled()),
    because: "The children are brought to what is wanted",
    steps: [],
    phase: "Outdated",
    reasons: { Ready: "RunnerImageOutdated", RunnerImageOutdated: "VersionRefused" },
  },
  {
    claim: "goes with its children when it is deleted",
    observed: { ...settled(), set: aRunnerSet({ deleting: true }) },
    because: "Listener and runners go first",
    steps: [
      `delete AutoscalingListener ${STORY.listener}`,
      "delete EphemeralRunnerSet linux",
    ],
    lookAgainMs: 5_000,
  },
];

for (const { claim, observed, because, steps, lookAgainMs, phase, reasons = {} } of ROWS) {
  pure(`a runner set: ${claim}`, () => {
    const plan = planRunnerSet(observed, NOW);
    assert.equal(plan.because, because);
    assert.deepEqual(outline(plan).filter((step) => step !== CHECK), steps);
    assert.equal(plan.lookAgainMs, lookAgainMs);
    const { status } = after(plan, observed.set);
    if (phase === undefined) assert.deepEqual(status?.phase, observed.set.status?.phase);
    else assert.equal(status?.phase, phase);
    for (const [type, reason] of Object.entries(reasons)) {
      assert.equal(conditionOf(status?.conditions, type)?.reason, reason);
    }
  });
}

pure("a second look after any plan's own patches finds nothing left to do (B9)", () => {
  for (
    const { observed } of ROWS.filter(({ steps: [first, ...rest] }) =>
      first?.startsWith("patch ") && rest.every((step) => step.startsWith("patch "))
    )
  ) {
    const first = planRunnerSet(observed, NOW);
    const asked = only(first, "check-pod-template")[0];
    const second = planRunnerSet({
      ...observed,
      ...(asked && { template: taken(asked.hash) }),
      set: after(first, observed.set),
      runnerSets: observed.runnerSets.map((r) => after(first, r)),
      listeners: observed.listeners.map((l) => after(first, l)),
    }, NOW);
    assert.deepEqual([outline(second), second.status], [[], undefined]);
  }
});

pure("B3: a change of the limits keeps the fingerprints of the runners", () => {
  const plan = planRunnerSet(edited({ spec: { minRunners: 2, maxRunners: 20 } }), NOW);
  const [patch] = only(plan, "patch");
  const { spec } = patch?.patch as { spec: unknown };
  assert.deepEqual(spec, { minRunners: 2, maxRunners: 20 });
});

pure("B3: a change of the template never touches what the listener writes", () => {
  const observed = edited({ spec: { template: { metadata: { labels: { a: "1" } } } } });
  const [patch] = only(planRunnerSet(observed, NOW), "patch");
  const { spec } = patch?.patch as { spec: Record<string, unknown> };
  assert.deepEqual(Object.keys(spec), ["ephemeralRunnerSpec"]);
});

pure("X4: what the user takes back goes from the children, and what others put there stays", () => {
  const labelled = settled({ set: aRunnerSet({ metadata: { labels: { team: "blue" } } }) });
  const observed = edited({ metadata: { labels: { team: null } } }, {
    ...labelled,
    runnerSets: labelled.runnerSets.map((r) =>
      applyMergePatch(r, { metadata: { labels: { foreign: "1" } } }) as typeof r
    ),
  });
  const plan = planRunnerSet(observed, NOW);
  assert.deepEqual(only(plan, "patch")[0]?.patch, { metadata: { labels: { team: null } } });
  const [runners] = observed.runnerSets.map((r) => after(plan, r));
  assert.deepEqual(
    [runners?.metadata?.labels?.["team"], runners?.metadata?.labels?.["foreign"]],
    [undefined, "1"],
  );
});

pure("X1, X2: empty lists, odd quantities and nulls of a template are no difference", () => {
  const containers = [{
    name: "runner",
    resources: { limits: { cpu: "0.5", memory: "1024Mi" } },
    volumeMounts: [],
  }];
  const spec = {
    template: { spec: { containers, volumes: [], nodeSelector: {} } },
    listenerTemplate: { spec: { containers: [], tolerations: [] } },
    listenerMetrics: { counters: {} },
  };
  const observed = settled({ set: aRunnerSet({ spec }) });
  assert.deepEqual(outline(planRunnerSet(observed, NOW)), []);
  // As the API server stores a null that a chart rendered.
  const withNull = { ...observed.set.spec, template: { spec: { containers, volumes: null } } };
  const set = { ...observed.set, spec: withNull } as unknown as typeof observed.set;
  const first = planRunnerSet({ ...observed, set }, NOW);
  const second = planRunnerSet({
    ...observed,
    template: taken(only(first, "check-pod-template")[0]?.hash ?? observed.template?.hash ?? ""),
    set: after(first, set),
    runnerSets: observed.runnerSets.map((r) => after(first, r)),
  }, NOW);
  assert.deepEqual(outline(second), []);
});

pure("X5: pull secrets of the flag are no difference to what the listener has", () => {
  const settings = { ...SETTINGS, listenerPullSecrets: ["pull"] };
  assert.deepEqual(outline(planRunnerSet(settled({ settings }), NOW)), []);
});

pure(
  "objects of ARC are adopted: a fingerprint that is not ours is overwritten, nothing else",
  () => {
    const observed = settled();
    const [ours] = observed.runnerSets;
    assert.ok(ours);
    const arcs = storedAs(
      EPHEMERAL_RUNNER_SETS,
      applyMergePatch(ours, {
        metadata: { annotations: { [ANNOTATIONS.integrityHash]: "6fb7975f69" } },
      }) as typeof ours,
    );
    const plan = planRunnerSet({ ...observed, runnerSets: [arcs] }, NOW);
    assert.deepEqual(outline(plan), ["patch EphemeralRunnerSet linux"]);
    const [patch] = only(plan, "patch");
    assert.deepEqual(patch?.patch, {
      metadata: {
        annotations: {
          [ANNOTATIONS.integrityHash]: ours.metadata?.annotations?.[ANNOTATIONS.integrityHash],
        },
      },
    });
  },
);

pure("B10: the forgotten scale set is named, so that one that exists all the same is kept", () => {
  const observed = settled();
  const report = { spec: { listenerReport: "no-scale-set:7" } };
  const runnerSets = observed.runnerSets.map((r) => applyMergePatch(r, report) as typeof r);
  const [step] = only(planRunnerSet({ ...observed, runnerSets }, NOW), "register-scale-set");
  assert.deepEqual([step?.replaces, step?.name, step?.target], [7, "linux", TARGET]);
});

pure("B1: no plan deletes a user's object, whatever its version", () => {
  for (const version of ["0.1.0", "0.15.0", "", "abc", null]) {
    const set = aRunnerSet({ metadata: { labels: { "app.kubernetes.io/version": version } } });
    const plan = planRunnerSet(observedRunnerSet({ set }), NOW);
    assert.deepEqual(only(plan, "delete"), []);
    assert.equal(plan.because, "The children are brought to what is wanted");
  }
});

const FAILURES: readonly {
  readonly claim: string;
  readonly set: ReturnType<typeof aRunnerSet>;
  readonly code: string;
  readonly reasons: Readonly<Record<string, string>> | undefined;
}[] = [
  { claim: "of the cluster is not told", set: fresh, code: "kube_conflict", reasons: undefined },
  { claim: "of a bug is not told", set: fresh, code: "bug", reasons: undefined },
  {
    claim: "is not told on a set that goes",
    set: aRunnerSet({ deleting: true }),
    code: "github_unauthorized",
    reasons: undefined,
  },
  {
    claim: "of credentials is told as such",
    set: aRunnerSet(),
    code: "github_unauthorized",
    reasons: { CredentialsValid: "Refused", Ready: "CredentialsInvalid" },
  },
  {
    claim: "to register is told as such",
    set: fresh,
    code: "github_no_runner_group",
    reasons: { Registered: "RegistrationFailed", Ready: "Failing" },
  },
  {
    claim: "of a registered set makes it no less registered",
    set: aRunnerSet(),
    code: "github_unavailable",
    reasons: { Ready: "Failing" },
  },
];

for (const { claim, set, code, reasons } of FAILURES) {
  pure(`a failure ${claim}`, () => {
    const write = runnerSetAfterFailure(observedRunnerSet({ set }), { code, message: "m" }, NOW);
    const { conditions = [] } = (write?.patch ?? {}) as { conditions?: { type: string }[] };
    const told = Object.fromEntries(
      conditions.map(({ type, ...rest }) => [type, (rest as { reason?: string }).reason]),
    );
    assert.deepEqual(write && told, reasons);
  });
}
