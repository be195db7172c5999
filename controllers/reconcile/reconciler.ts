/** The shape of a reconciler: observe (reads) → plan (pure, synchronous, total) → run (writes). */
import type { Happened } from "../../kube/events.ts";
import type { KubeObject, ObjectKey, ResourceType } from "../../kube/types.ts";
import type { Step } from "./step.ts";

export interface StatusWrite {
  readonly type: ResourceType<KubeObject>;
  readonly key: ObjectKey;
  /** A JSON merge patch of the `status` member; never empty. */
  readonly patch: unknown;
  /** How long the write may be put off so that several changes become one, in ms. 0: now. */
  readonly delayMs: number;
  /** What people are told when it is written. */
  readonly events?: readonly Happened[];
}

export interface Plan {
  /** Constant sentence naming the branch taken: the line an operator reads in the log. */
  readonly because: string;
  /** In order; an inner list runs in parallel. The first failure, or an answer to wait, ends the attempt. */
  readonly steps: readonly (Step | readonly Step[])[];
  /** Written last; absent when what is stored is already true. */
  readonly status?: StatusWrite | undefined;
  /** Look again after this many ms even if nothing changes, and also when a step failed. */
  readonly lookAgainMs?: number | undefined;
}

export interface Reconciler<Observed> {
  /** For logs and metrics, e.g. "ephemeralrunner". */
  readonly name: string;
  /** Reads caches and, where it must, credentials. Writes nothing. `undefined`: there is nothing to do. */
  observe(key: ObjectKey, signal: AbortSignal): Promise<Observed | undefined>;
  /** Pure, synchronous, total. Bad user input is a plan with a false condition, not a throw. */
  plan(observed: Observed, now: Date): Plan;
  /** What a failed step means for the object's status; `undefined`: nothing that a user should see. Pure. */
  afterFailure?(observed: Observed, thrown: unknown, now: Date): StatusWrite | undefined;
}
