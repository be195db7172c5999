import assert from "node:assert/strict";
import { clusterOrphans, type ClusterView } from "../../../controllers/sweep/cluster_orphans.ts";
import { LABELS } from "../../../crds/group.ts";
import type { KubeObject, ServiceAccount } from "../../../kube/types.ts";
import {
  aListener,
  aListenerPod,
  anEphemeralRunnerSet,
  aPod,
  aRunner,
  aRunnerSet,
  STORY,
} from "../../builders.ts";
import { after as later } from "../../times.ts";
import { pure, TARGET } from "../situations.ts";

const ALONE = { ownerReferences: [] };

function view(changes: Partial<ClusterView> = {}): ClusterView {
  return {
    runnerSets: [aRunnerSet()],
    listeners: [aListener()],
    ephemeralRunnerSets: [],
    runners: [],
    pods: [],
    serviceAccounts: [],
    controllerNamespace: STORY.controllerNamespace,
    served: [],
    ...changes,
  };
}

function names(changes: Partial<ClusterView>, seconds = 3_600): readonly string[] {
  return clusterOrphans(view(changes), later(seconds)).map(({ type, key }) =>
    `${type.kind} ${key.name}`
  );
}

function unowned<T extends KubeObject>(object: T, labels: Record<string, string> = {}): T {
  const metadata = {
    ...object.metadata,
    ...ALONE,
    labels: { ...object.metadata?.labels, ...labels },
  };
  return { ...object, metadata };
}

const account = (name: string): ServiceAccount => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { ...aListener().metadata, name, uid: `uid-${name}` },
});

pure("nothing that somebody owns is an orphan", () => {
  const owned = {
    runners: [aRunner()],
    pods: [aPod().running()],
    ephemeralRunnerSets: [anEphemeralRunnerSet()],
  };
  assert.deepEqual(names(owned), []);
});

pure(
  "a runner that lost its owner is an orphan, once it is old enough and not going already",
  () => {
    const runner = unowned(aRunner());
    assert.deepEqual(names({ runners: [runner] }), [`EphemeralRunner ${STORY.runner}`]);
    assert.deepEqual(names({ runners: [runner] }, 599), []);
    assert.deepEqual(names({ runners: [unowned(aRunner({ deleting: true }))] }), []);
  },
);

pure("nothing without our labels, or of a namespace that is not served, is ours to remove", () => {
  const runner = unowned(aRunner());
  assert.deepEqual(
    names({ runners: [unowned(runner, { [LABELS.partOf]: "something-else" })] }),
    [],
  );
  assert.deepEqual(names({ runners: [unowned(runner, { [LABELS.scaleSetNamespace]: "" })] }), []);
  assert.deepEqual(names({ runners: [runner], served: ["elsewhere"] }), []);
  assert.deepEqual(names({ runners: [runner], served: [STORY.namespace] }).length, 1);
});

pure(
  "a set of runners whose runner set is there is taken over; one whose is not is an orphan",
  () => {
    const ephemeralRunnerSets = [unowned(anEphemeralRunnerSet())];
    assert.deepEqual(names({ ephemeralRunnerSets }), []);
    assert.deepEqual(names({ ephemeralRunnerSets, runnerSets: [] }), ["EphemeralRunnerSet linux"]);
  },
);

pure(
  "a runner's pod without its runner goes when GitHub agrees; where nobody can ask, only an ended one",
  () => {
    const running = unowned(aPod().running());
    const [orphan] = clusterOrphans(view({ pods: [running] }), later(3_600));
    assert.deepEqual(orphan?.ask?.target, TARGET);
    assert.equal(orphan?.ask?.scaleSetId, STORY.scaleSetId);
    assert.deepEqual(orphan?.secrets, [STORY.runner]);
    assert.deepEqual(names({ pods: [running], runnerSets: [] }), []);
    const ended = unowned(aPod().succeeded());
    assert.deepEqual(names({ pods: [ended], runnerSets: [] }), [`Pod ${STORY.runner}`]);
    assert.deepEqual(names({ pods: [running], runners: [aRunner()] }), []);
  },
);

pure("what a listener left goes when the listener is gone, in our own namespace only", () => {
  const pods = [unowned(aListenerPod().running())];
  const left = { pods, serviceAccounts: [account(STORY.listener)] };
  assert.deepEqual(names(left), []);
  assert.deepEqual(names({ ...left, listeners: [] }), [
    `Pod ${STORY.listener}`,
    `ServiceAccount ${STORY.listener}`,
  ]);
  assert.deepEqual(names({ ...left, listeners: [], controllerNamespace: "other" }), []);
  const [pod] = clusterOrphans(view({ ...left, listeners: [] }), later(3_600));
  assert.deepEqual(pod?.secrets, [`${STORY.listener}-config`, `${STORY.listener}-proxy`]);
});
