/** What the plan for a runner set looks at. Reads caches and the credentials; writes nothing. */
import type { AutoscalingListener } from "../../crds/autoscaling_listener.ts";
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { COMPONENTS, LABELS } from "../../crds/group.ts";
import { runnerProxySecretName } from "../../crds/names.ts";
import { controllerOf } from "../../kube/meta.ts";
import { keyOf, keyText, type ObjectKey, type Pod } from "../../kube/types.ts";
import type { Caches } from "../caches.ts";
import type { CredentialState, GitHubServices } from "../github_services.ts";
import { gitHubTarget } from "../github_target.ts";
import type { TemplateVerdict } from "../template_verdicts.ts";
import { namesakeOf } from "./namesakes.ts";
import { currentRunnerSet } from "./registration.ts";

/** What a runner set's children take from the controller's own configuration. */
export interface RunnerSetSettings {
  /** Where listeners live. */
  readonly controllerNamespace: string;
  readonly listenerImage: string;
  readonly listenerPullSecrets: readonly string[];
  readonly excludedLabelPrefixes: readonly string[];
  readonly forceGhes: boolean;
}

export interface ObservedRunnerSet {
  readonly set: AutoscalingRunnerSet;
  /** All that this set owns, by UID: one, unless an older controller left more. */
  readonly runnerSets: readonly EphemeralRunnerSet[];
  /** All that name this set. */
  readonly listeners: readonly AutoscalingListener[];
  /** Pods of its listeners that still exist. */
  readonly listenerPods: readonly Pod[];
  /** How many runners of this set still exist. */
  readonly runnerCount: number;
  /** Whose they are, and where they are registered. Absent: not known. */
  readonly runners?: readonly Pick<EphemeralRunner, "metadata" | "spec">[];
  readonly credentials: CredentialState;
  /** Fingerprint of what the runners' proxy Secret holds; absent: not known. */
  readonly proxySecret?: string | undefined;
  /** What the API server said of the template, last. Absent: it was not asked yet. */
  readonly template?: TemplateVerdict | undefined;
  /** An older set that wants the same scale set. Absent: none. */
  readonly namesake?: ObjectKey | undefined;
  readonly settings: RunnerSetSettings;
}

export interface RunnerSetSources {
  readonly caches: Caches;
  readonly services: GitHubServices;
  /** By "namespace/name". */
  readonly proxySecrets?: ReadonlyMap<string, string>;
  /** By UID of a set. */
  readonly templates?: ReadonlyMap<string, TemplateVerdict>;
  readonly settings: RunnerSetSettings;
}

/** `undefined`: the set is gone. Reads caches, and what GitHub said of the credentials; writes nothing. */
export async function observeRunnerSet(
  sources: RunnerSetSources,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<ObservedRunnerSet | undefined> {
  const { caches, services, settings } = sources;
  const set = caches.runnerSets.get(key);
  if (set === undefined) return undefined;
  const indexed = keyText(key);
  const credentials = await services.check(gitHubTarget(key.namespace, set.spec), signal);
  const uid = set.metadata?.uid ?? "";
  const runners = caches.runners.by("scaleSet", indexed);
  const runnerSets = [...caches.ephemeralRunnerSets.by("owner", uid), ...orphanOf(caches, key)];
  const { name } = keyOf(currentRunnerSet({ set, runnerSets }) ?? set);
  return {
    set,
    runnerSets,
    listeners: caches.listeners.by("runnerSet", indexed),
    listenerPods: caches.pods.by("scaleSet", indexed)
      .filter((pod) => pod.metadata?.labels?.[LABELS.component] === COMPONENTS.listener),
    runnerCount: runners.length,
    runners,
    credentials,
    proxySecret: sources.proxySecrets?.get(
      keyText({ ...key, name: runnerProxySecretName(name, key.namespace) }),
    ),
    template: sources.templates?.get(uid),
    namesake: namesakeOf(set, caches.runnerSets.all()),
    settings,
  };
}

/** One of the set's name that nobody owns: left by a set that was deleted without its children, and applied again. */
function orphanOf(caches: Caches, key: ObjectKey): readonly EphemeralRunnerSet[] {
  const runners = caches.ephemeralRunnerSets.get(key);
  const { labels } = runners?.metadata ?? {};
  return runners !== undefined && controllerOf(runners) === undefined &&
      labels?.[LABELS.scaleSetName] === key.name
    ? [runners]
    : [];
}
