/**
 * Since when it is known of a runner that its job is over. In memory only: a new process counts from the day it hears of
 * it again, which lets a runner live a little longer.
 */
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import type { ObjectKey } from "../../kube/types.ts";
import { keyOf } from "../../kube/types.ts";

/** In memory only: after a restart a runner may live one deadline longer. */
export class CompletedRunners {
  /** By UID of the runner, in ms. */
  readonly #since = new Map<string, number>();

  /** Takes the names that a set's listener tells. Returns the runners that are news, of those that still exist. */
  note(
    set: EphemeralRunnerSet,
    now: Date,
    find: (key: ObjectKey) => EphemeralRunner | undefined,
  ): readonly ObjectKey[] {
    const { namespace } = keyOf(set);
    return (set.spec?.completedRunners ?? []).flatMap((name) => {
      const runner = find({ namespace, name });
      const uid = runner?.metadata?.uid;
      if (uid === undefined || this.#since.has(uid)) return [];
      this.#since.set(uid, now.getTime());
      return [{ namespace, name }];
    });
  }

  /** In ms since the epoch; `undefined`: nobody said so. */
  sinceMs(uid: string): number | undefined {
    return this.#since.get(uid);
  }

  /** The runner is gone. */
  forget(uid: string): void {
    this.#since.delete(uid);
  }

  get size(): number {
    return this.#since.size;
  }
}
