/**
 * Objects of ours in the cluster that nobody owns any more, and that no garbage collector takes: left when an owner was
 * deleted without its dependents. Pure. What another controller has, or anybody owns, is never one.
 */
import type { AutoscalingListener } from "../../crds/autoscaling_listener.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNERS, type EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { ANNOTATIONS, COMPONENTS, LABELS, PART_OF } from "../../crds/group.ts";
import { listenerConfigSecretName, listenerProxySecretName } from "../../crds/names.ts";
import { controllerOf, isDeleting } from "../../kube/meta.ts";
import { PODS, SERVICE_ACCOUNTS } from "../../kube/resources.ts";
import {
  type AnyType,
  keyOf,
  keyText,
  type KubeObject,
  type ObjectKey,
  type Pod,
  type ServiceAccount,
} from "../../kube/types.ts";
import { gitHubTarget } from "../github_target.ts";
import type { GitHubTarget } from "../reconcile/step.ts";

/** What is in the cluster, of the kinds that can be left behind and those that would own them. */
export interface ClusterView {
  readonly runnerSets: readonly AutoscalingRunnerSet[];
  readonly listeners: readonly AutoscalingListener[];
  readonly ephemeralRunnerSets: readonly EphemeralRunnerSet[];
  readonly runners: readonly EphemeralRunner[];
  readonly pods: readonly Pod[];
  readonly serviceAccounts: readonly ServiceAccount[];
  /** The controller's own namespace: only there are listeners ours. */
  readonly controllerNamespace: string;
  /** Namespaces that are served; empty: all. */
  readonly served: readonly string[];
}

export interface Orphan {
  readonly type: AnyType;
  readonly key: ObjectKey;
  readonly uid: string;
  /** Names of Secrets, in its namespace, that were made for it. */
  readonly secrets: readonly string[];
  /** Present: GitHub has to let this runner go first. */
  readonly ask?: {
    readonly target: GitHubTarget;
    readonly scaleSetId: number;
    readonly runnerId: number | undefined;
  };
}

/** One that is younger, in ms, may still be on its way to an owner. */
const GRACE_MS = 600_000;

/** Those that are orphans now. Whoever acts looks twice: a cache may be behind. */
export function clusterOrphans(view: ClusterView, now: Date): readonly Orphan[] {
  const isLeft = (object: KubeObject) => isOurs(object, view) && isUnowned(object, now);
  return [
    ...view.ephemeralRunnerSets.filter(isLeft).flatMap((set) => setOrphan(set, view)),
    ...view.runners.filter(isLeft).map((runner) => plain(EPHEMERAL_RUNNERS, runner)),
    ...view.pods.filter(isLeft).flatMap((pod) => podOrphan(pod, view)),
    ...view.serviceAccounts.filter(isLeft).flatMap((account) => accountOrphan(account, view)),
  ];
}

function plain(type: AnyType, object: KubeObject, secrets: readonly string[] = []): Orphan {
  return { type, key: keyOf(object), uid: object.metadata?.uid ?? "", secrets };
}

/** Our labels, and of a namespace that we serve. */
function isOurs({ metadata }: KubeObject, view: ClusterView): boolean {
  const { labels = {} } = metadata ?? {};
  const namespace = labels[LABELS.scaleSetNamespace] ?? "";
  if (labels[LABELS.partOf] !== PART_OF || !labels[LABELS.scaleSetName] || namespace === "") {
    return false;
  }
  if (view.served.length > 0 && !view.served.includes(namespace)) return false;
  return labels[LABELS.component] === COMPONENTS.listener
    ? metadata?.namespace === view.controllerNamespace
    : metadata?.namespace === namespace;
}

function isUnowned(object: KubeObject, now: Date): boolean {
  const ageMs = now.getTime() - Date.parse(object.metadata?.creationTimestamp ?? "");
  return controllerOf(object) === undefined && !isDeleting(object) && ageMs > GRACE_MS;
}

function runnerSetOf(object: KubeObject, view: ClusterView): AutoscalingRunnerSet | undefined {
  const { labels } = object.metadata ?? {};
  const key = `${labels?.[LABELS.scaleSetNamespace]}/${labels?.[LABELS.scaleSetName]}`;
  return view.runnerSets.find((set) => keyText(keyOf(set)) === key);
}

/** One of the name of a set that is there is taken over by it. */
function setOrphan(set: EphemeralRunnerSet, view: ClusterView): readonly Orphan[] {
  const isWanted = runnerSetOf(set, view)?.metadata?.name === set.metadata?.name;
  return isWanted ? [] : [plain(EPHEMERAL_RUNNER_SETS, set)];
}

function podOrphan(pod: Pod, view: ClusterView): readonly Orphan[] {
  const { name } = keyOf(pod);
  const { labels, annotations } = pod.metadata ?? {};
  if (labels?.[LABELS.component] === COMPONENTS.listener) {
    return hasListener(pod, view) ? [] : [plain(PODS, pod, listenerSecrets(name))];
  }
  const key = keyText(keyOf(pod));
  const hasRunner = view.runners.some((runner) => keyText(keyOf(runner)) === key);
  if (labels?.[LABELS.ephemeralRunner] === undefined || hasRunner) return [];
  const orphan = plain(PODS, pod, [name]);
  if (pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") return [orphan];
  const set = runnerSetOf(pod, view);
  const scaleSetId = Number(set?.metadata?.annotations?.[ANNOTATIONS.scaleSetId]);
  // Nobody can tell whether a job runs there.
  if (set === undefined || !Number.isInteger(scaleSetId)) return [];
  const runnerId = Number(annotations?.[ANNOTATIONS.runnerId]);
  return [{
    ...orphan,
    ask: {
      target: gitHubTarget(set.metadata?.namespace ?? "", set.spec),
      scaleSetId,
      runnerId: Number.isInteger(runnerId) && runnerId > 0 ? runnerId : undefined,
    },
  }];
}

function accountOrphan(account: ServiceAccount, view: ClusterView): readonly Orphan[] {
  if (account.metadata?.labels?.[LABELS.component] !== COMPONENTS.listener) return [];
  if (hasListener(account, view)) return [];
  return [plain(SERVICE_ACCOUNTS, account, listenerSecrets(keyOf(account).name))];
}

/** What it made has its name. */
function hasListener(object: KubeObject, view: ClusterView): boolean {
  const key = keyText(keyOf(object));
  return view.listeners.some((listener) => keyText(keyOf(listener)) === key);
}

function listenerSecrets(name: string): readonly string[] {
  return [listenerConfigSecretName(name), listenerProxySecretName(name)];
}
