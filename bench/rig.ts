/**
 * The control plane that the bench measures on, and what of it every scenario needs: an administrator, the identities of
 * who is measured, the pids of its parts. Knows how it is started and emptied, not what is measured.
 */
import {
  clusterRules,
  eventRules,
  leaderElectionRules,
  ownNamespaceRules,
  runnerNamespaceRules,
} from "../controllers/rules.ts";
import { customResourceDefinition } from "../crds/kind.ts";
import { KINDS } from "../crds/kinds.ts";
import { createKubeClient, type KubeClient } from "../kube/client.ts";
import { SECRETS } from "../kube/resources.ts";
import { createTransport } from "../kube/transport.ts";
import type { KubeObject } from "../kube/types.ts";
import { systemClock } from "../lib/clock.ts";
import {
  CONTROLLER,
  controllerObjects,
  grant,
  inOrder,
  missingNamespaces,
  namespaceObject,
} from "../sim/world_objects.ts";
import { applyAll } from "../tests/cluster/apply.ts";
import { findAssets } from "../tests/cluster/assets.ts";
import { startControlPlane } from "../tests/cluster/control_plane.ts";
import { eventually } from "../tests/cluster/eventually.ts";
import { adminConnection, type Facts } from "../tests/cluster/facts.ts";
import { openMirror } from "../tests/cluster/mirror.ts";
import { NODES_ACCOUNT, nodesObjects, tokenFor } from "../tests/cluster/simulated_nodes.ts";
import { wipe } from "../tests/cluster/wiping.ts";
import { listenersMayWatch } from "../tests/journeys/stage.ts";
import { type BenchOptions, CONTROLLER_COMMAND } from "./options.ts";
import { allProcesses } from "./processes.ts";

/** Where the runner sets live. */
export const HOME = "arc-runners";

export interface Rig extends AsyncDisposable {
  readonly facts: Facts;
  /** As the administrator. */
  readonly kube: KubeClient;
  /** It was started for this run, and goes with it. */
  readonly isOurs: boolean;
  /** Pids of the parts of the control plane, by program; empty for one that we did not start. */
  readonly parts: ReadonlyMap<string, number>;
  controllerToken(): Promise<string>;
  nodesToken(): Promise<string>;
  apply(objects: readonly KubeObject[]): Promise<void>;
  /** Removes everything of runner sets, and waits until the garbage collector has nothing left to do. */
  empty(): Promise<void>;
}

const PARTS = ["kube-apiserver", "etcd", "kube-controller-manager"];
const COLLECTED_MS = 180_000;

/** Throws what is missing, in one sentence. */
export async function openRig(
  options: BenchOptions,
  print: (line: string) => void,
): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const facts = options.cluster === undefined
    ? await ownPlane(stack, print)
    : JSON.parse(await Deno.readTextFile(options.cluster)) as Facts;
  const connection = stack.use(adminConnection(facts));
  const kube = createKubeClient(
    createTransport({ connection, clock: systemClock, userAgent: "bench" }),
  );
  const apply = async (objects: readonly KubeObject[]) => {
    await applyAll(facts, inOrder([...missingNamespaces(objects), ...objects]));
  };
  const identities = [
    ...nodesObjects(),
    ...controllerObjects(CONTROLLER, {
      cluster: [...clusterRules, ...eventRules],
      ownNamespace: [...ownNamespaceRules, ...leaderElectionRules],
    }),
    ...listenersMayWatch(),
    ...(options.controller === CONTROLLER_COMMAND ? [] : [everything()]),
    namespaceObject(HOME),
    ...grant(CONTROLLER, { name: "bare-calls", rules: runnerNamespaceRules, namespace: HOME }),
  ];
  const empty = async () => {
    await wiped(kube);
    await apply(identities); // which were wiped too
    await eventually("the garbage collector to be done", async () => {
      const { items } = await kube.listPage(SECRETS, { namespace: HOME, limit: 1 });
      return items.length === 0 || undefined;
    }, { withinMs: COLLECTED_MS });
  };
  await apply(KINDS.map(customResourceDefinition));
  await empty();
  const parts = new Map(
    allProcesses().filter(({ name, parent }) =>
      parent === Deno.pid && PARTS.some((part) => part.startsWith(name))
    ).map(({ name, pid }) => [PARTS.find((part) => part.startsWith(name)) ?? name, pid]),
  );
  const owned = stack.move();
  return {
    facts,
    kube,
    isOurs: options.cluster === undefined,
    parts,
    controllerToken: () => tokenFor(kube, CONTROLLER),
    nodesToken: () => tokenFor(kube, NODES_ACCOUNT),
    apply,
    empty,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function wiped(kube: KubeClient): Promise<void> {
  await using mirror = await openMirror(kube);
  await eventually("the cluster to be empty", async () => {
    await wipe(kube, mirror);
    return true;
  }, { withinMs: COLLECTED_MS });
}

async function ownPlane(
  stack: AsyncDisposableStack,
  print: (line: string) => void,
): Promise<Facts> {
  const found = await findAssets(print);
  if ("missing" in found) throw new Error(`No control plane: ${found.missing}`);
  const plane = await startControlPlane({ assets: found.assets });
  stack.defer(() => plane.stop());
  return plane.facts;
}

/** Another implementation may want other rights than ours. */
function everything(): KubeObject {
  const binding: KubeObject & Readonly<Record<string, unknown>> = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "measured-controller" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", ...CONTROLLER }],
  };
  return binding;
}
