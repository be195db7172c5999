/** What the plan for a runner looks at. Caches only. */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { ANNOTATIONS } from "../../crds/group.ts";
import type { ObjectKey, Pod } from "../../kube/types.ts";
import type { Caches } from "../caches.ts";
import type { RunnerSettings } from "./children.ts";

export interface ObservedRunner {
  readonly runner: EphemeralRunner;
  readonly pod: Pod | undefined;
  /** From the status, or from the pod before the status says it; `undefined`: not known to be registered. */
  readonly runnerId: number | undefined;
  readonly settings: RunnerSettings;
}

export interface RunnerSources {
  readonly caches: Caches;
  readonly settings: RunnerSettings;
}

export function observeRunner(sources: RunnerSources, key: ObjectKey): ObservedRunner | undefined {
  const runner = sources.caches.runners.get(key);
  if (runner === undefined) return undefined;
  const namesake = sources.caches.pods.get(key);
  const isOurs = namesake?.metadata?.ownerReferences?.some((o) => o.uid === runner.metadata?.uid);
  const pod = isOurs ? namesake : undefined;
  const annotated = Number(pod?.metadata?.annotations?.[ANNOTATIONS.runnerId] ?? 0);
  const runnerId = runner.status?.runnerId || annotated;
  return {
    runner,
    pod,
    runnerId: runnerId > 0 ? runnerId : undefined,
    settings: sources.settings,
  };
}
