import assert from "node:assert/strict";
import {
  currentRunnerSet,
  forgottenScaleSet,
  labelChange,
  registerStep,
  scaleSetChange,
  scaleSetIdOf,
  targetOf,
} from "../../../controllers/autoscaling_runner_set/registration.ts";
import { ANNOTATIONS, LABELS } from "../../../crds/group.ts";
import { anEphemeralRunnerSet, aRunnerSet } from "../../builders.ts";
import { parseConfigUrl } from "../../../github/config_url.ts";
import { observedRunnerSet, pure, TARGET } from "../situations.ts";

const ACME = parseConfigUrl("https://github.com/acme");

const IDS: readonly (readonly [text: string | null, id: number | undefined])[] = [
  ["7", 7],
  [null, undefined],
  ["", undefined],
  ["0", undefined],
  ["-1", undefined],
  ["1.5", undefined],
  ["seven", undefined],
];

for (const [text, id] of IDS) {
  pure(`scale set id ${JSON.stringify(text)} is read as ${id}`, () => {
    const set = aRunnerSet({ metadata: { annotations: { [ANNOTATIONS.scaleSetId]: text } } });
    assert.equal(scaleSetIdOf(observedRunnerSet({ set })), id);
  });
}

pure("registering takes the object's name when the spec has none, and writes it down", () => {
  const set = aRunnerSet({ fresh: true });
  assert.deepEqual(registerStep(observedRunnerSet({ set }), ACME), {
    do: "register-scale-set",
    runnerSet: { namespace: "arc-runners", name: "linux" },
    target: TARGET,
    name: "linux",
    group: "",
    labels: ["linux"],
    alsoWrite: {
      metadata: { labels: { [LABELS.organization]: "acme" } },
      spec: { runnerScaleSetName: "linux" },
    },
  });
});

pure("registering asks for the user's name, group and labels, each label once", () => {
  const set = aRunnerSet({
    fresh: true,
    spec: {
      runnerScaleSetName: "big",
      runnerGroup: "gpu",
      runnerScaleSetLabels: ["x", "big", "x", "X"],
    },
  });
  const step = registerStep(observedRunnerSet({ set }), ACME);
  assert.deepEqual([step.name, step.group, step.labels], ["big", "gpu", ["big", "x", "X"]]);
});

type SpecChanges = NonNullable<NonNullable<Parameters<typeof aRunnerSet>[0]>["spec"]>;

const CHANGES: readonly {
  readonly claim: string;
  readonly spec?: SpecChanges;
  readonly annotations?: Readonly<Record<string, string | null>>;
  readonly expected: object | undefined;
}[] = [
  { claim: "nothing when the spec names neither", expected: undefined },
  {
    claim: "nothing when both are as wanted, in any case",
    spec: { runnerGroup: "DEFAULT", runnerScaleSetName: "Linux" },
    expected: undefined,
  },
  { claim: "ARS-11: the group", spec: { runnerGroup: "gpu" }, expected: { group: "gpu" } },
  { claim: "ARS-14: the name", spec: { runnerScaleSetName: "big" }, expected: { name: "big" } },
  {
    claim: "the group before the name",
    spec: { runnerGroup: "gpu", runnerScaleSetName: "big" },
    expected: { group: "gpu" },
  },
  {
    claim: "ARS-11: a group that nobody noted is asked for",
    annotations: { [ANNOTATIONS.runnerGroupName]: null },
    expected: { group: "" },
  },
  {
    claim: "a name that nobody noted is the object's",
    annotations: { [ANNOTATIONS.scaleSetName]: null },
    expected: { name: "linux" },
  },
];

for (const { claim, spec = {}, annotations = {}, expected } of CHANGES) {
  pure(`what has to change at GitHub: ${claim}`, () => {
    const set = aRunnerSet({ spec, metadata: { annotations } });
    assert.deepEqual(scaleSetChange(observedRunnerSet({ set })), expected);
  });
}

const REPORTS: readonly (readonly [report: string | null, id: number | undefined])[] = [
  [null, undefined],
  ["", undefined],
  ["no-scale-set:7", 7],
  ["no-scale-set:", undefined],
  ["no-scale-set:7x", undefined],
  ["something-else:7", undefined],
];

for (const [listenerReport, id] of REPORTS) {
  pure(`the listener's report ${JSON.stringify(listenerReport)} names ${id} as forgotten`, () => {
    const runnerSets = [anEphemeralRunnerSet({ spec: { listenerReport } })];
    assert.equal(forgottenScaleSet(observedRunnerSet({ runnerSets })), id);
  });
}

pure("the current child is the one of the set's name, and calls go where the spec says", () => {
  const current = anEphemeralRunnerSet();
  const runnerSets = [anEphemeralRunnerSet({ name: "linux-abc12" }), current];
  assert.equal(currentRunnerSet(observedRunnerSet({ runnerSets })), current);
  assert.equal(currentRunnerSet(observedRunnerSet()), undefined);
  assert.deepEqual(targetOf(observedRunnerSet()), TARGET);
});

pure("B3: the newest set of runners that ARC made under a generated name is kept under it", () => {
  const made = (name: string, creationTimestamp: string) =>
    anEphemeralRunnerSet({ name, metadata: { creationTimestamp } });
  const former = made("linux-b4m9q", "2026-01-01T10:00:00Z");
  const newest = made("linux-x7k2p", "2026-01-01T11:00:00Z");
  for (const runnerSets of [[former, newest], [newest, former]]) {
    assert.equal(currentRunnerSet(observedRunnerSet({ runnerSets })), newest);
  }
});

pure("a set of runners that goes is waited for under the set's own name only", () => {
  const own = anEphemeralRunnerSet({ deleting: true });
  assert.equal(currentRunnerSet(observedRunnerSet({ runnerSets: [own] })), own);
  const generated = anEphemeralRunnerSet({ name: "linux-x7k2p", deleting: true });
  assert.equal(currentRunnerSet(observedRunnerSet({ runnerSets: [generated] })), undefined);
});

const LABEL_ROWS: readonly (readonly [
  claim: string,
  wanted: readonly string[] | null,
  noted: string | null,
  change: readonly string[] | undefined,
])[] = [
  ["as they are", ["gpu"], '["linux","gpu"]', undefined],
  ["in another order and case", ["GPU", "x"], '["x","gpu","LINUX"]', undefined],
  ["one more", ["gpu", "x"], '["linux","gpu"]', ["linux", "gpu", "x"]],
  ["none any more", null, '["linux","gpu"]', ["linux"]],
  ["of a set that was found with others", ["gpu"], '["linux"]', ["linux", "gpu"]],
  ["of a set that ARC registered", ["gpu"], null, ["linux", "gpu"]],
  ["none, of a set that ARC registered", null, null, undefined],
  ["noted by somebody else", ["gpu"], "gpu", ["linux", "gpu"]],
];

for (const [claim, wanted, noted, change] of LABEL_ROWS) {
  pure(`labels ${claim}: ${change === undefined ? "nothing to tell" : `tells ${change}`}`, () => {
    const set = aRunnerSet({
      metadata: { annotations: { [ANNOTATIONS.scaleSetLabels]: noted } },
      spec: { runnerScaleSetLabels: wanted },
    });
    assert.deepEqual(labelChange(observedRunnerSet({ set })), change && { labels: change });
  });
}
