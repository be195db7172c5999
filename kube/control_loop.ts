/**
 * Takes keys from a queue and makes attempts at them until told to stop. Knows keys and outcomes, nothing of what an
 * attempt does. The only place that catches what a reconciliation throws.
 */
import { backoffMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { disposition, errorCode, HouseError, messageOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { type Metrics, silentMetrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import { runTogether, type Task } from "../lib/tasks.ts";
import { keyFromText } from "./types.ts";
import type { WorkLease, WorkQueue } from "./work_queue.ts";

/** What an attempt came to when it did not throw. */
export interface AttemptResult {
  /** Look at the key again after this many ms even if nothing changes. */
  readonly lookAgainMs?: number | undefined;
}

export interface ControlLoopOptions {
  /** Names the loop in logs and metrics; constant. */
  readonly name: string;
  readonly queue: WorkQueue;
  /** Attempts at the same time, on different keys; at least 1. */
  readonly workers: number;
  /** Throws what failed: its disposition says when the key comes again. */
  readonly attempt: (key: string, signal: AbortSignal) => Promise<AttemptResult>;
  /** Every key there is, for the slow resync. */
  readonly keys: () => Iterable<string>;
  /** Between two resyncs, ± 10 %. Default 10 minutes. */
  readonly resyncMs?: number;
  /**
   * Until a key is tried again that only a change can help, at most. Default 5 minutes. The first times it is tried
   * sooner: what looks like a refusal may have been a server's bad moment.
   */
  readonly slowRetryMs?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: Metrics;
}

const RESYNC_MS = 600_000;
const SLOW_RETRY_MS = 300_000;
const FIRST_SLOW_RETRY_MS = 10_000;
/** Whoever is told the same short time again and again, as all others are, comes later each time, in ms. */
const CROWD = { baseMs: 1_000, capMs: 10_000 };
const RESULTS = ["success", "requeue_after", "requeue", "error"] as const;

/** A task: ends when `signal` aborts, with its attempts aborted by the same signal; never throws otherwise. */
export async function runControlLoop(
  options: ControlLoopOptions,
  signal: AbortSignal,
): Promise<void> {
  const metrics = options.metrics ?? silentMetrics;
  const controller = options.name;
  for (const result of RESULTS) {
    metrics.increment("controller_runtime_reconcile_total", { controller, result }, 0);
  }
  metrics.increment("controller_runtime_reconcile_errors_total", { controller }, 0);
  metrics.set("controller_runtime_max_concurrent_reconciles", options.workers, { controller });
  const busy = { count: 0 };
  const worker: Task = async (stop) => {
    for (;;) {
      using lease = await options.queue.take(stop);
      metrics.set("controller_runtime_active_workers", ++busy.count, { controller });
      try {
        await work(options, lease, stop);
      } finally {
        metrics.set("controller_runtime_active_workers", --busy.count, { controller });
      }
    }
  };
  const tasks: Task[] = [(stop) => resync(options, stop)];
  for (let i = 0; i < options.workers; i++) tasks.push(worker);
  await runTogether(tasks, signal);
}

/** One attempt and what follows from it. Throws only `signal.reason`. */
async function work(
  options: ControlLoopOptions,
  lease: WorkLease,
  signal: AbortSignal,
): Promise<void> {
  const metrics = options.metrics ?? silentMetrics;
  const controller = options.name;
  const startMs = options.clock.now().getTime();
  let result: typeof RESULTS[number];
  try {
    const { lookAgainMs } = await options.attempt(lease.key, signal);
    if (lookAgainMs === undefined) lease.succeed();
    else lease.addAfter(lookAgainMs);
    result = lookAgainMs === undefined ? "success" : "requeue_after";
  } catch (thrown) {
    signal.throwIfAborted();
    result = failed(options, lease, thrown);
    if (result === "error") {
      metrics.increment("controller_runtime_reconcile_errors_total", { controller });
    }
  }
  const seconds = (options.clock.now().getTime() - startMs) / 1000;
  metrics.increment("controller_runtime_reconcile_total", { controller, result });
  metrics.observe("controller_runtime_reconcile_time_seconds", seconds, { controller });
}

function failed(
  options: ControlLoopOptions,
  lease: WorkLease,
  thrown: unknown,
): "error" | "requeue" {
  const what = disposition(thrown);
  const log = options.log.with({
    controller: options.name,
    ...keyFromText(lease.key),
    attempt: lease.attempt,
    code: errorCode(thrown),
    error: messageOf(thrown),
  });
  if (!(thrown instanceof HouseError)) {
    log.error("An attempt met a bug", {
      stack: thrown instanceof Error ? thrown.stack : undefined,
    });
    lease.retry();
    return "error";
  }
  switch (what.kind) {
    case "retry":
      log.warn("An attempt failed and is made again");
      lease.retry(undefined, what.withinMs);
      return "error";
    case "retry-after": {
      const ms = Math.max(what.ms, backoffMs(lease.attempt - 1, CROWD, options.random));
      log.warn("An attempt has to wait", { ms });
      lease.retryAfter(ms);
      return "requeue";
    }
    case "stop": {
      const ms = backoffMs(
        lease.attempt - 1,
        { baseMs: FIRST_SLOW_RETRY_MS, capMs: options.slowRetryMs ?? SLOW_RETRY_MS },
        options.random,
      );
      log.error("An attempt failed and needs a change", { ms });
      lease.retry(ms);
      return "error";
    }
    default:
      return what satisfies never;
  }
}

async function resync(options: ControlLoopOptions, signal: AbortSignal): Promise<void> {
  const { clock, keys, queue, random, resyncMs = RESYNC_MS } = options;
  for (;;) {
    await clock.sleep(resyncMs * (0.9 + random() / 5), signal);
    for (const key of keys()) queue.add(key, "later");
  }
}
