import assert from "node:assert/strict";
import {
  formerScaleSets,
  formerTarget,
  formerText,
  movedFrom,
  noteMove,
  retireFormer,
} from "../../../controllers/autoscaling_runner_set/former_scale_sets.ts";
import type { ObservedRunnerSet } from "../../../controllers/autoscaling_runner_set/observe.ts";
import { ANNOTATIONS } from "../../../crds/group.ts";
import {
  aListener,
  aListenerPod,
  anEphemeralRunnerSet,
  aRunner,
  aRunnerSet,
} from "../../builders.ts";
import { observedRunnerSet, pure, TARGET } from "../situations.ts";

const GLOBEX = "https://github.com/globex";
const OLD = { id: 7, url: "https://github.com/acme", secret: "github-credentials" };

function remembering(...formers: readonly object[]): ReturnType<typeof aRunnerSet> {
  return aRunnerSet({
    metadata: {
      annotations: {
        [ANNOTATIONS.scaleSetId]: "9",
        [ANNOTATIONS.registeredUrl]: GLOBEX,
        [ANNOTATIONS.formerScaleSets]: JSON.stringify(formers),
      },
    },
    spec: { githubConfigUrl: GLOBEX },
  });
}

const MOVES:
  readonly (readonly [claim: string, observed: Partial<ObservedRunnerSet>, from: unknown])[] = [
    ["not, when the URL is the registered one", {}, undefined],
    ["not, when it is spelled otherwise", {
      set: aRunnerSet({ spec: { githubConfigUrl: "https://GitHub.com/Acme/" } }),
    }, undefined],
    ["not, when nothing is registered", {
      set: aRunnerSet({ fresh: true, spec: { githubConfigUrl: GLOBEX } }),
    }, undefined],
    ["not, when nobody knows of another URL", {
      set: aRunnerSet({
        metadata: { annotations: { [ANNOTATIONS.registeredUrl]: null } },
        spec: { githubConfigUrl: GLOBEX },
      }),
    }, undefined],
    ["from the noted URL, with what its runners use", {
      set: aRunnerSet({ spec: { githubConfigUrl: GLOBEX, githubConfigSecret: "new" } }),
      runnerSets: [anEphemeralRunnerSet()],
    }, OLD],
    ["from the noted URL, with the Secret of now when the runners are gone", {
      set: aRunnerSet({ spec: { githubConfigUrl: GLOBEX, githubConfigSecret: "new" } }),
    }, { ...OLD, secret: "new" }],
    ["from the URL of its runners, when ARC registered it", {
      set: aRunnerSet({
        metadata: { annotations: { [ANNOTATIONS.registeredUrl]: null } },
        spec: { githubConfigUrl: GLOBEX },
      }),
      runnerSets: [anEphemeralRunnerSet()],
    }, OLD],
  ];

for (const [claim, observed, from] of MOVES) {
  pure(`X7: a set has moved: ${claim}`, () => {
    assert.deepEqual(movedFrom(observedRunnerSet(observed)), from);
  });
}

pure("X7: a move is noted in one patch that takes the registration off the set", () => {
  const observed = observedRunnerSet({ set: aRunnerSet({ spec: { githubConfigUrl: GLOBEX } }) });
  const step = noteMove(observed, OLD) as { patch: { metadata: { annotations: object } } };
  assert.deepEqual(step.patch.metadata.annotations, {
    [ANNOTATIONS.formerScaleSets]: JSON.stringify([OLD]),
    [ANNOTATIONS.scaleSetId]: null,
    [ANNOTATIONS.scaleSetName]: null,
    [ANNOTATIONS.runnerGroupName]: null,
    [ANNOTATIONS.scaleSetLabels]: null,
    [ANNOTATIONS.registeredUrl]: null,
  });
});

pure("a note that somebody else wrote says nothing", () => {
  for (const text of ["", "x", "{}", "[1]", '[{"id":0,"url":"u","secret":"s"}]', '[{"id":"7"}]']) {
    const set = aRunnerSet({ metadata: { annotations: { [ANNOTATIONS.formerScaleSets]: text } } });
    assert.deepEqual(formerScaleSets(set), []);
  }
});

pure("a former scale set is removed where it is, with the credential that was used there", () => {
  const set = remembering(OLD);
  assert.deepEqual(formerTarget(set, OLD), TARGET);
  const [step] = retireFormer(observedRunnerSet({ set }), 9);
  assert.ok(step?.do === "retire-scale-set");
  assert.deepEqual([step.target, step.scaleSetId], [TARGET, 7]);
  assert.deepEqual(step.forget, {
    metadata: { annotations: { [ANNOTATIONS.formerScaleSets]: null } },
  });
  assert.match(formerText(set), /scale set 7 at https:\/\/github.com\/acme/);
});

pure("a former scale set waits for whoever listens or works there", () => {
  const set = remembering(OLD);
  for (
    const rest of [
      { listeners: [aListener()] },
      { listenerPods: [aListenerPod().running()] },
      { runners: [aRunner()] },
    ]
  ) assert.deepEqual(retireFormer(observedRunnerSet({ set, ...rest }), 9), []);
  const elsewhere = aRunner({ spec: { githubConfigUrl: GLOBEX } });
  assert.equal(retireFormer(observedRunnerSet({ set, runners: [elsewhere] }), 9).length, 1);
});

pure("a set that came back forgets the note, and removes nothing", () => {
  const set = remembering({ ...OLD, id: 9, url: GLOBEX });
  const [step, ...rest] = retireFormer(observedRunnerSet({ set }), 9);
  assert.equal(step?.do, "patch");
  assert.deepEqual(rest, []);
});
