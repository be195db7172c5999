/** What `explain` saw, all at one moment: objects as they are stored, and what could not be seen. Pure. */
import type { AutoscalingListener } from "../../crds/autoscaling_listener.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import type { Event, Pod } from "../../kube/types.ts";

/** One runner set with all that belongs to it. What does not exist, or could not be seen, is absent. */
export interface SetView {
  readonly set: AutoscalingRunnerSet;
  readonly runnerSet: EphemeralRunnerSet | undefined;
  readonly listener: AutoscalingListener | undefined;
  readonly listenerPod: Pod | undefined;
  readonly runners: readonly EphemeralRunner[];
  /** Of the runners; by the names of these. */
  readonly pods: ReadonlyMap<string, Pod>;
}

/** A runner of a set that does not exist any more, or that could not be seen. */
export interface Stray {
  readonly runner: EphemeralRunner;
  readonly pod: Pod | undefined;
}

export interface Snapshot {
  readonly now: Date;
  readonly sets: readonly SetView[];
  readonly strays: readonly Stray[];
  /** Everything that was told, about these objects and about those that are gone. */
  readonly events: readonly Event[];
  /** Sentences: what was not seen, and why. */
  readonly unseen: readonly string[];
  /** Whether pods could be seen: their absence says something only then. */
  readonly pods: "seen" | "unseen";
}

/** Those of sets first, strays too. */
export function runnersOf({ sets, strays }: Snapshot): readonly EphemeralRunner[] {
  return [...sets.flatMap(({ runners }) => runners), ...strays.map(({ runner }) => runner)];
}
