/**
 * Carries out decisions on the cluster: which runners have a job, then how many there should be. Knows two patches and
 * how to insist on them; refuses to know why, and never reads (ARC's role for a listener allows no reading).
 */
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../crds/ephemeral_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../crds/ephemeral_runner.ts";
import type { StartedJob } from "../github/messages.ts";
import type { KubeClient } from "../kube/client.ts";
import { isNotFound } from "../kube/errors.ts";
import type { ObjectKey } from "../kube/types.ts";
import type { Clock } from "../lib/clock.ts";
import { disposition, errorCode, messageOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import type { Decision } from "./decide.ts";
import { patienceMs } from "./patience.ts";

export interface ScalerOptions {
  readonly kube: Pick<KubeClient, "patch">;
  /** The EphemeralRunnerSet; its runners are in the same namespace. */
  readonly runnerSet: ObjectKey;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Told of every failed write, in words for a person. */
  readonly onTrouble?: (reason: string) => void;
}

export type Order = Pick<Decision, "started" | "target" | "patchId" | "write"> & {
  /** Names for a controller that wants to know them; absent: it does not. */
  readonly completedRunners?: readonly string[] | undefined;
  /** Id of the session that is held, for such a controller. */
  readonly session?: string | undefined;
};

export interface Scaler {
  /**
   * Marks the runners that have a job, then says how many there should be, if that is to be said. Insists, with
   * back-off, until it is done or `signal` aborts (it then rejects with the reason); doing it twice is harmless. Returns
   * what the server made of the set, `undefined` when nothing was to be written there.
   */
  apply(order: Order, signal: AbortSignal): Promise<EphemeralRunnerSet | undefined>;
  /** Leaves a text for the controller on the set, or (`undefined`) takes it away. Tried once; returns success. */
  report(text: string | undefined, signal: AbortSignal): Promise<boolean>;
  /** Names the session that is held, without an order. Tried once: a successor that does not know it has to wait. */
  nameSession(sessionId: string, signal: AbortSignal): Promise<void>;
  /**
   * The set as it is: the answer to a patch that changes nothing, as reading is not allowed. Tried once; `undefined` when
   * it failed.
   */
  look(signal: AbortSignal): Promise<EphemeralRunnerSet | undefined>;
}

/** Patches of different runners that are under way at a time. */
const PARALLEL = 16;

/** Stateless: every patch says all that it means. */
export function createScaler(options: ScalerOptions): Scaler {
  const { kube, runnerSet } = options;

  async function markRunner(job: StartedJob, signal: AbortSignal): Promise<void> {
    const key = { namespace: runnerSet.namespace, name: job.runnerName };
    const patch = { status: jobFacts(job) };
    await insist(options, signal, {
      sentence: "Cannot mark a runner as busy",
      write: () => kube.patch(EPHEMERAL_RUNNERS, key, patch, { subresource: "status", signal }),
      // One refused runner must not hold up the set; GitHub itself refuses to remove a busy runner.
      givesUp: (thrown) => isNotFound(thrown) || disposition(thrown).kind === "stop",
      fields: { runnerName: job.runnerName },
    });
  }

  async function tried(
    sentence: string,
    patch: unknown,
    signal: AbortSignal,
  ): Promise<EphemeralRunnerSet | undefined> {
    try {
      return await kube.patch(EPHEMERAL_RUNNER_SETS, runnerSet, patch, { signal });
    } catch (thrown) {
      signal.throwIfAborted();
      options.log.warn(sentence, failure(thrown));
      return undefined;
    }
  }

  return {
    async apply({ started, target, patchId, write, completedRunners, session }, signal) {
      const lanes = [...byRunner(started).values()];
      const worker = async () => {
        for (let jobs = lanes.shift(); jobs !== undefined; jobs = lanes.shift()) {
          for (const job of jobs) await markRunner(job, signal); // facts of one runner keep their order
        }
      };
      await allEnded(Array.from({ length: Math.min(PARALLEL, lanes.length) }, worker));
      if (!write) return undefined;
      const patch = {
        spec: {
          ...(completedRunners && { completedRunners, listenerSession: session }),
          patchID: patchId,
          replicas: target > 0 ? target : null,
        },
      };
      return await insist(options, signal, {
        sentence: "Cannot tell the number of runners",
        write: () => kube.patch(EPHEMERAL_RUNNER_SETS, runnerSet, patch, { signal }),
        givesUp: () => false,
        fields: { target, patchId },
      });
    },

    async report(text, signal) {
      const patch = { spec: { listenerReport: text ?? null } };
      return await tried("Cannot leave a word for the controller", patch, signal) !== undefined;
    },

    async nameSession(sessionId, signal) {
      const patch = { spec: { listenerSession: sessionId } };
      await tried("Cannot name the session", patch, signal);
    },

    look: (signal) => tried("Cannot look at the set of runners", {}, signal),
  };
}

/** What a runner's status says about its job; empty facts are left out. Source: spec listener.md §6.3. */
function jobFacts(job: StartedJob): Readonly<Record<string, string | number>> {
  const facts = {
    jobDisplayName: job.displayName,
    jobId: job.jobId,
    jobRepositoryName: `${job.ownerName}/${job.repositoryName}`,
    jobRequestId: job.requestId,
    jobWorkflowRef: job.workflowRef,
    workflowRunId: job.workflowRunId,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== "" && fact !== 0));
}

function byRunner(jobs: readonly StartedJob[]): ReadonlyMap<string, readonly StartedJob[]> {
  const named = jobs.filter(({ runnerName }) => runnerName !== "");
  return Map.groupBy(named, ({ runnerName }) => runnerName);
}

/** Throws the first failure, but only when nothing is under way any more. */
async function allEnded(work: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

/** Writes until it works, or is not worth it: then `undefined`. */
async function insist<T>(
  options: ScalerOptions,
  signal: AbortSignal,
  call: {
    readonly sentence: string;
    readonly write: () => Promise<T>;
    readonly givesUp: (thrown: unknown) => boolean;
    readonly fields: Readonly<Record<string, unknown>>;
  },
): Promise<T | undefined> {
  for (let failures = 1;; failures++) {
    signal.throwIfAborted();
    try {
      return await call.write();
    } catch (thrown) {
      signal.throwIfAborted();
      const fields = { ...call.fields, ...failure(thrown), attempt: failures };
      if (call.givesUp(thrown)) {
        if (isNotFound(thrown)) options.log.debug("A runner with a job is not there", fields);
        else options.log.error(call.sentence, fields);
        return undefined;
      }
      const ms = patienceMs(thrown, { failures, random: options.random });
      if (disposition(thrown).kind === "stop") options.log.error(call.sentence, { ...fields, ms });
      else options.log.warn(call.sentence, { ...fields, ms });
      options.onTrouble?.(`${call.sentence}: ${messageOf(thrown)}`);
      await options.clock.sleep(ms, signal);
    }
  }
}

function failure(thrown: unknown): { readonly code: string; readonly error: string } {
  return { code: errorCode(thrown), error: messageOf(thrown) };
}
