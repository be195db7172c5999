/** What the plan for a runner looks at. Caches only. */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { ANNOTATIONS } from "../../crds/group.ts";
import type { ObjectKey, Pod } from "../../kube/types.ts";
import type { Caches } from "../caches.ts";
import type { RunnerSettings } from "./children.ts";
import type { CompletedRunners } from "./completed_runners.ts";
import type { Deadlines } from "./deadlines.ts";

export interface ObservedRunner {
  readonly runner: EphemeralRunner;
  readonly pod: Pod | undefined;
  /** From the status, or from the pod or memory before the status says it; `undefined`: not known to be registered. */
  readonly runnerId: number | undefined;
  /** When the word came that its job is over, in ms since the epoch; `undefined`: it did not. */
  readonly completedMs: number | undefined;
  readonly deadlines: Deadlines;
  readonly settings: RunnerSettings;
}

export interface RunnerSources {
  readonly caches: Caches;
  readonly completed: CompletedRunners;
  /** By UID: ids of runners whose pod was made. */
  readonly started: ReadonlyMap<string, number>;
  readonly deadlines: Deadlines;
  readonly settings: RunnerSettings;
}

/** `undefined`: the runner is gone. Reads caches alone. */
export function observeRunner(sources: RunnerSources, key: ObjectKey): ObservedRunner | undefined {
  const runner = sources.caches.runners.get(key);
  if (runner === undefined) return undefined;
  const namesake = sources.caches.pods.get(key);
  const isOurs = namesake?.metadata?.ownerReferences?.some((o) => o.uid === runner.metadata?.uid);
  const pod = isOurs ? namesake : undefined;
  const annotated = Number(pod?.metadata?.annotations?.[ANNOTATIONS.runnerId] ?? 0);
  const runnerId = runner.status?.runnerId || annotated ||
    (sources.started.get(runner.metadata?.uid ?? "") ?? 0);
  return {
    runner,
    pod,
    runnerId: runnerId > 0 ? runnerId : undefined,
    completedMs: sources.completed.sinceMs(runner.metadata?.uid ?? ""),
    deadlines: sources.deadlines,
    settings: sources.settings,
  };
}
