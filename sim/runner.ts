/**
 * A simulated runner program: takes its JIT configuration from the environment, connects, does one job, exits. It plays
 * the container `runner`, and knows of the service only what the configuration tells.
 */
import { backoffMs } from "../lib/backoff.ts";
import { type Clock, withDeadline } from "../lib/clock.ts";
import type { Fetch } from "../lib/http.ts";
import type { Random } from "../lib/random.ts";
import { type RunnerIdentity, runnerIdentity } from "./runner_identity.ts";

/** What a runner may do instead of its work. */
export const RUNNER_SCRIPTS = [
  /** One job, then exit 0. */
  "run",
  /** Exit 1 before it connects. */
  "fail-early",
  /** Exit 7 before it connects, as a runner whose version is refused. */
  "outdated",
  /** Never connects, never ends by itself. */
  "never-register",
  /** Connects, then falls silent for ever and does not end by itself. */
  "fall-silent",
  /** Dies in the middle of its job without a word: exit 137. */
  "crash",
  /** Completes its job, then does not end by itself. */
  "hang-after-job",
  /** Completes its job, then exits 1. */
  "fail-after-job",
] as const;

export type RunnerScript = typeof RUNNER_SCRIPTS[number];

export interface RunnerOptions {
  /** The environment of its container. */
  readonly env: Readonly<Record<string, string>>;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: Random;
  /** SIGTERM: it reports a job that it has as canceled, says goodbye and exits 0; one that hangs exits 143. */
  readonly signal: AbortSignal;
  /** SIGKILL: it ends at once with 137. */
  readonly killed?: AbortSignal | undefined;
  /** `run` when left out. */
  readonly script?: RunnerScript | undefined;
}

interface Job {
  readonly jobId: string;
  readonly durationMs: number;
  readonly result: string;
}

interface Run extends RunnerOptions, RunnerIdentity {
  readonly killed: AbortSignal;
  /** Aborts on either signal. */
  readonly stopped: AbortSignal;
}

const RETRY = { baseMs: 1_000, capMs: 15_000 };

/** A last word that the service does not take within this long is left unsaid. */
const LAST_WORD_MS = 30_000;

/**
 * Runs to the end and returns the exit code: 0 when the job ran, whatever its result, and when the runner was deleted
 * while idle or stopped; 1 when it was not accepted; 7 when its version is refused and
 * `ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE` is 1. Calls that fail on the way are tried again until a signal.
 */
export async function runRunner(options: RunnerOptions): Promise<number> {
  const { script = "run", signal, killed = new AbortController().signal } = options;
  const stopped = AbortSignal.any([signal, killed]);
  if (script === "fail-early") return 1;
  if (script === "outdated") return 7;
  if (script === "never-register") return await hang(stopped, killed);
  const identity = runnerIdentity(options.env);
  if (!identity) return 1;
  const run: Run = { ...options, ...identity, script, killed, stopped };
  try {
    return await live(run);
  } catch (thrown) {
    if (killed.aborted) return 137;
    if (signal.aborted) return await leave(run);
    throw thrown;
  }
}

async function live(run: Run): Promise<number> {
  const refusal = await connect(run);
  if (refusal !== undefined) return refusal;
  if (run.script === "fall-silent") return await hang(run.stopped, run.killed);
  const job = await nextJob(run);
  if (!job) return 0;
  const result = await work(run, job);
  if (result === "crashed") return 137;
  if (result !== "taken-away" && !await complete(run, { job, result })) return 1;
  if (run.script === "fail-after-job") return 1;
  if (run.script === "hang-after-job") return await hang(run.stopped, run.killed);
  return 0;
}

/** `undefined`: accepted. Else the exit code. */
async function connect(run: Run): Promise<number | undefined> {
  const answer = await call(run, { method: "POST", path: "connect", signal: run.stopped });
  if (answer.status === 200) return void await answer.body?.cancel();
  const { errorKind } = await told(run, answer);
  const tellsVersion = run.env["ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE"] === "1";
  return errorKind === "RunnerVersionTooOld" && tellsVersion ? 7 : 1;
}

/** `undefined`: the registration was deleted. */
async function nextJob(run: Run): Promise<Job | undefined> {
  for (;;) {
    const answer = await call(run, { method: "GET", path: "job", signal: run.stopped });
    if (answer.status === 200) {
      const { jobId, durationMs, result } = await told(run, answer);
      if (typeof jobId === "string" && typeof durationMs === "number") {
        return { jobId, durationMs, result: String(result) };
      }
      await run.clock.sleep(RETRY.baseMs, run.stopped);
      continue;
    }
    await answer.body?.cancel();
    if (answer.status !== 202) return undefined;
  }
}

/** What the service said; nothing where it cannot be read. */
async function told(run: Run, answer: Response): Promise<Readonly<Record<string, unknown>>> {
  try {
    const said: unknown = await answer.json();
    return typeof said === "object" && said !== null ? { ...said } : {};
  } catch (thrown) {
    if (run.stopped.aborted) throw thrown;
    return {};
  }
}

/** Does the job; returns what is to be reported, if anything. */
async function work(run: Run, job: Job): Promise<string> {
  const over = new AbortController();
  const stop = AbortSignal.any([run.stopped, over.signal]);
  const isCrash = run.script === "crash";
  const done = run.clock.sleep(isCrash ? job.durationMs / 2 : job.durationMs, stop)
    .then(() => isCrash ? "crashed" : job.result, () => "canceled");
  const interrupted = watch(run, { job, stop });
  const outcome = await Promise.race([done, interrupted]);
  over.abort();
  await Promise.all([done, interrupted]);
  run.killed.throwIfAborted();
  return outcome;
}

/** Waits for the cancellation of the job, which ends with `stop` too. */
async function watch(
  run: Run,
  about: { readonly job: Job; readonly stop: AbortSignal },
): Promise<"canceled" | "taken-away"> {
  const path = `jobs/${about.job.jobId}/cancellation`;
  try {
    for (;;) {
      const answer = await call(run, { method: "GET", path, signal: about.stop });
      await answer.body?.cancel();
      if (answer.status === 200) return "canceled";
      if (answer.status !== 202) return "taken-away";
    }
  } catch (thrown) {
    if (about.stop.aborted) return "canceled";
    throw thrown;
  }
}

/** Whether the service took the report; one that says that the job is not ours any more counts. */
async function complete(
  run: Run,
  report: { readonly job: Job; readonly result: string },
): Promise<boolean> {
  return await lastWord(run, {
    method: "POST",
    path: `jobs/${report.job.jobId}/complete`,
    body: { result: report.result },
  });
}

async function leave(run: Run): Promise<number> {
  await lastWord(run, { method: "DELETE", path: "session" });
  return run.killed.aborted ? 137 : 0;
}

/** A call that SIGTERM does not stop, bounded in time. */
async function lastWord(run: Run, what: Omit<WhatToCall, "signal">): Promise<boolean> {
  const deadline = { ms: LAST_WORD_MS, parent: run.killed };
  try {
    const answer = await withDeadline(
      run.clock,
      deadline,
      (signal) => call(run, { ...what, signal }),
    );
    await answer.body?.cancel();
    return true;
  } catch (thrown) {
    if (run.killed.aborted) throw thrown;
    return false;
  }
}

interface WhatToCall {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/** One answer of the service that is neither "try again" nor silence. */
async function call(run: Run, what: WhatToCall): Promise<Response> {
  for (let attempt = 0;; attempt++) {
    try {
      const answer = await run.fetch(requestFor(run, what));
      if (answer.status < 500 && answer.status !== 429) return answer;
      await answer.body?.cancel();
    } catch (thrown) {
      if (what.signal.aborted) throw thrown;
    }
    await run.clock.sleep(backoffMs(attempt, RETRY, run.random), what.signal);
  }
}

function requestFor(run: Run, what: WhatToCall): Request {
  return new Request(`${run.url}${run.agentId}/${what.path}`, {
    method: what.method,
    headers: { "authorization": `Bearer ${run.credential}`, "content-type": "application/json" },
    body: what.body === undefined ? null : JSON.stringify(what.body),
    signal: what.signal,
  });
}

/** A program that is stuck: it ends by a signal only. */
async function hang(stopped: AbortSignal, killed: AbortSignal): Promise<number> {
  if (!stopped.aborted) {
    await new Promise((resolve) => stopped.addEventListener("abort", resolve, { once: true }));
  }
  return killed.aborted ? 137 : 143;
}
