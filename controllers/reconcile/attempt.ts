/** One attempt at one key: observe, plan, run the steps, write the status. Knows no kind and no step. */
import {
  type Disposition,
  disposition,
  errorCode,
  HouseError,
  messageOf,
} from "../../lib/errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log.ts";
import { keyText, type ObjectKey } from "../../kube/types.ts";
import type { Plan, Reconciler, StatusWrite } from "./reconciler.ts";
import type { Executors, Step, Wait } from "./step.ts";

/** What the loop does next with the key. */
export interface AttemptResult {
  readonly lookAgainMs?: number;
}

export interface AttemptContext {
  readonly executors: Executors;
  readonly writeStatus: (write: StatusWrite, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A failure inside a plan that has its own idea of when to look again. */
class AttemptFailed extends HouseError {
  override readonly name = "AttemptFailed";
  override readonly code: string;
  override readonly disposition: Disposition;

  constructor(cause: unknown, lookAgainMs: number) {
    super(messageOf(cause), { cause });
    this.code = errorCode(cause);
    const wanted = disposition(cause);
    this.disposition = wanted.kind === "retry"
      ? {
        kind: "retry",
        withinMs: Math.max(Math.min(lookAgainMs, wanted.withinMs ?? Infinity), SOONEST_MS),
      }
      : wanted.kind === "stop" || wanted.ms > lookAgainMs
      ? { kind: "retry-after", ms: lookAgainMs }
      : wanted;
  }
}

/** A failure is not tried again every time at this or a shorter distance, in ms, because a plan would look again sooner. */
const SOONEST_MS = 5_000;

/**
 * Makes the attempt function of a reconciler. It throws what a step threw, after telling the object's status about it.
 * Delayed status writes are remembered per key, so the function must serve all attempts of its reconciler.
 */
export function attemptOf<Observed>(
  reconciler: Reconciler<Observed>,
  context: AttemptContext,
): (key: ObjectKey, signal: AbortSignal) => Promise<AttemptResult> {
  const { clock } = context;
  const dueAt = new Map<string, number>();

  return async (key, signal) => {
    const observed = await reconciler.observe(key, signal);
    if (observed === undefined) {
      dueAt.delete(keyText(key));
      return {};
    }
    const plan = reconciler.plan(observed, clock.now());
    if (plan.steps.length > 0) {
      context.log.debug(plan.because, { ...key, steps: plan.steps.flat().map((step) => step.do) });
    }
    let wait: Wait | undefined;
    try {
      wait = await runSteps(plan.steps, context.executors, signal);
    } catch (thrown) {
      const status = signal.aborted
        ? undefined
        : reconciler.afterFailure?.(observed, thrown, clock.now());
      if (status) await tellFailure(context, status, signal);
      throw plan.lookAgainMs === undefined ? thrown : new AttemptFailed(thrown, plan.lookAgainMs);
    }
    if (wait) return { lookAgainMs: wait.waitMs };
    return await settleStatus(plan, key, signal);
  };

  async function settleStatus(
    plan: Plan,
    key: ObjectKey,
    signal: AbortSignal,
  ): Promise<AttemptResult> {
    const name = keyText(key);
    const { status, lookAgainMs } = plan;
    if (status === undefined) {
      dueAt.delete(name);
      return lookAgainMs === undefined ? {} : { lookAgainMs };
    }
    const nowMs = clock.now().getTime();
    const due = Math.min(dueAt.get(name) ?? Infinity, nowMs + status.delayMs);
    if (nowMs < due) {
      dueAt.set(name, due);
      return { lookAgainMs: Math.min(due - nowMs, lookAgainMs ?? Infinity) };
    }
    dueAt.delete(name);
    await context.writeStatus(status, signal);
    return lookAgainMs === undefined ? {} : { lookAgainMs };
  }
}

/** Best effort: the failure that is to be told counts, not that of telling it. */
async function tellFailure(
  context: AttemptContext,
  status: StatusWrite,
  signal: AbortSignal,
): Promise<void> {
  try {
    await context.writeStatus(status, signal);
  } catch (thrown) {
    context.log.warn("A failure could not be told in the status", {
      ...status.key,
      error: messageOf(thrown),
    });
  }
}

/** Most steps of one parallel group that run at a time. */
const PARALLEL = 32;

async function runSteps(
  steps: Plan["steps"],
  executors: Executors,
  signal: AbortSignal,
): Promise<Wait | undefined> {
  for (const step of steps) {
    const wait = isGroup(step)
      ? await runGroup(step, executors, signal)
      : await runStep(step, executors, signal);
    if (wait) return wait;
  }
  return undefined;
}

function isGroup(step: Step | readonly Step[]): step is readonly Step[] {
  return Array.isArray(step);
}

/**
 * All of a group is tried, whatever happens to one; then the first failure is thrown. Objects that are made together are
 * alike: when the server refuses one of them, or wants to be left alone for a while, the others are not sent.
 */
async function runGroup(
  group: readonly Step[],
  executors: Executors,
  signal: AbortSignal,
): Promise<Wait | undefined> {
  const waiting = group.values();
  let failure: { readonly thrown: unknown } | undefined;
  let wait: Wait | undefined;
  let isOver = false;
  async function worker(): Promise<void> {
    for (const step of waiting) {
      try {
        wait = (await runStep(step, executors, signal)) ?? wait;
      } catch (thrown) {
        failure ??= { thrown };
        if (step.do === "create" && disposition(thrown).kind !== "retry") isOver = true;
      }
      if (isOver) return;
    }
  }
  await Promise.all(Array.from({ length: Math.min(PARALLEL, group.length) }, worker));
  if (failure) throw failure.thrown;
  return wait;
}

async function runStep(
  step: Step,
  executors: Executors,
  signal: AbortSignal,
): Promise<Wait | undefined> {
  signal.throwIfAborted();
  const execute = executors[step.do] as (step: Step, signal: AbortSignal) => Promise<Wait | void>;
  return (await execute(step, signal)) ?? undefined;
}
