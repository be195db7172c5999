/**
 * The world round what is measured, as a process of its own: simulated nodes, runners and GitHub, and the listeners, each
 * a process started by its pod. Knows what jobs and pods went through; refuses to know what the figures are for.
 */
import { createKubeClient } from "../kube/client.ts";
import { createTransport } from "../kube/transport.ts";
import { systemClock } from "../lib/clock.ts";
import { systemRandom } from "../lib/random.ts";
import { type GitHubSim, startGitHubSim } from "../sim/github/server.ts";
import { type Operation, OPERATIONS } from "../sim/github/routes.ts";
import { startKubelet } from "../sim/kube/kubelet.ts";
import { filesInMemory, type FileStore, filesUnder } from "../sim/kube/kubelet_files.ts";
import { serveLoopback } from "../sim/loopback.ts";
import type { Program } from "../sim/programs.ts";
import { runRunner } from "../sim/runner.ts";
import { type Facts, tokenConnection } from "../tests/cluster/facts.ts";
import { answerCalls, jsonLines } from "./lines.ts";

/** What the process is told first. */
export interface WorldOptions {
  readonly facts: Facts;
  /** Of the simulated nodes. */
  readonly token: string;
  /** Line for a shell, and what `$LONGSHORE` in it is. */
  readonly listener: string;
  readonly program: string;
  readonly githubDelayMs: number;
  /** Where pods have their files, and listeners their logs. */
  readonly folder: string;
}

/** A job that is over, with what became of its runner's container; ms since the epoch. */
export interface FinishedJob {
  readonly runner: string;
  readonly queuedMs: number;
  readonly startedMs: number;
  readonly finishedMs: number;
  readonly result: string;
}

export interface WorldState {
  /** Jobs that are not over. */
  readonly open: number;
  readonly sessions: number;
  /** Runners that are connected. */
  readonly online: number;
  /** Calls at GitHub by operation, without the runners' own. */
  readonly github: Readonly<Record<string, number>>;
  readonly listeners: readonly number[];
}

/** What happened since it was last asked. */
export interface WorldNews {
  readonly jobs: readonly FinishedJob[];
  /** Runner → when its container ended. */
  readonly exits: readonly (readonly [runner: string, ms: number])[];
}

export interface JobWish {
  readonly set: string;
  readonly count: number;
  readonly durationMs: number;
}

/** So many jobs are open at a time, for so long. */
export interface ChurnWish extends JobWish {
  readonly forMs: number;
}

/** Image, network and sandbox of a pod. */
const START_DELAY = { fromMs: 100, toMs: 300 };
/** A runner that waits asks seldom, and a machine that is busy loses none. */
const GITHUB = { pollHoldMs: 50_000, sessionIdleMs: 120_000, runnerLostMs: 240_000 };
/** How long listeners may take to end by themselves, as in a cluster, in ms. */
const ENDING_MS = 10_000;

async function main(): Promise<void> {
  const lines = jsonLines(Deno.stdin.readable);
  const first = await lines.next();
  const world = await openWorld((first.value as { readonly with: WorldOptions }).with);
  await answerCalls(
    prepended(first.value, lines),
    (what, argument) => world.answer(what, argument),
  );
  await world.stop();
}

async function* prepended(first: unknown, rest: AsyncGenerator<unknown>): AsyncGenerator<unknown> {
  yield first;
  yield* rest;
}

async function openWorld(options: WorldOptions) {
  const { facts, token, githubDelayMs, folder } = options;
  const clock = systemClock;
  const random = systemRandom;
  const opened = Promise.withResolvers<GitHubSim>();
  const server = serveLoopback(async (request) => (await opened.promise).handle(request));
  const github = startGitHubSim({
    clock,
    random,
    baseUrl: server.origin,
    settings: { ...GITHUB, latencyMs: githubDelayMs },
  });
  opened.resolve(github);
  const jobs = followJobs(github);
  const listeners = new Set<Deno.ChildProcess>();
  let exits: (readonly [string, number])[] = [];
  const connection = tokenConnection(facts, token);
  const { hostname, port } = new URL(facts.server);
  const kubelet = await startKubelet({
    kube: createKubeClient(createTransport({ connection, clock, userAgent: "kubelet" })),
    clock,
    random,
    files: filesOfListeners(folder),
    apiServer: { host: hostname, port: Number(port), ca: facts.ca },
    startDelay: START_DELAY,
    onExit: ({ pod, container }) => {
      if (container !== "runner") return;
      exits.push([pod.metadata?.name ?? "", clock.now().getTime()]);
    },
    programs: (container) => {
      if (container === "listener") return listenerProgram(options, listeners);
      if (container !== "runner") return undefined;
      return ({ env, signal, killed }) =>
        runRunner({ env, fetch: github.handle, clock, random, signal, killed });
    },
  });

  const deeds: Readonly<Record<string, (argument: unknown) => unknown>> = {
    open: () => ({ githubUrl: server.origin }),
    queue: (argument) => queue(github, argument as JobWish),
    churn: (argument) => churn(github, argument as ChurnWish),
    news: (): WorldNews => {
      const news = { jobs: jobs.take(), exits };
      exits = [];
      return news;
    },
    state: (): WorldState => ({
      open: jobs.open,
      ...counted(github),
      listeners: [...listeners].map(({ pid }) => pid),
    }),
  };
  return {
    answer: (what: string, argument: unknown) => {
      const deed = deeds[what];
      if (deed === undefined) throw new TypeError(`The world cannot "${what}"`);
      return deed(argument);
    },
    stop: async () => {
      const ending = [...listeners];
      for (const child of ending) child.kill("SIGTERM");
      const ended = Promise.all(ending.map(({ status }) => status));
      await Promise.race([ended, clock.sleep(ENDING_MS)]);
      await kubelet.stop();
      for (const child of listeners) child.kill("SIGKILL");
      const hungUp = server.stop();
      await github.stop();
      await hungUp;
      connection[Symbol.dispose]();
    },
  };
}

/** Real files where a process wants them; what runners mount stays in memory. */
function filesOfListeners(folder: string): FileStore {
  const onDisk = filesUnder(folder);
  return (id, folders) => /\/listener-\d+$/.test(id) ? onDisk(id, folders) : filesInMemory();
}

function queue(github: GitHubSim, { set, count, durationMs }: JobWish): void {
  github.control.queueJobs({ labels: [set], scope: "acme", count, durationMs });
}

async function churn(github: GitHubSim, wish: ChurnWish): Promise<void> {
  let isOver = false;
  const stop = github.onJobChange(({ state }) => {
    if (state === "completed" && !isOver) queue(github, { ...wish, count: 1 });
  });
  queue(github, wish);
  await systemClock.sleep(wish.forMs);
  isOver = true;
  stop();
}

/** Follows every job by what GitHub tells of it. */
function followJobs(github: GitHubSim) {
  const known = new Set<string>();
  let finished: FinishedJob[] = [];
  github.onJobChange((job) => {
    if (job.state !== "completed") return void known.add(job.jobId);
    known.delete(job.jobId);
    const ms = (time: string | undefined) => Date.parse(time ?? "");
    finished.push({
      runner: job.runnerName ?? "",
      queuedMs: ms(job.queuedAt),
      startedMs: ms(job.startedAt),
      finishedMs: ms(job.finishedAt),
      result: job.result ?? "",
    });
  });
  return {
    get open() {
      return known.size;
    },
    take() {
      const taken = finished;
      finished = [];
      return taken;
    },
  };
}

function counted({ control, calls }: GitHubSim): Omit<WorldState, "open" | "listeners"> {
  const { scaleSets, runners } = control.state();
  return {
    sessions: scaleSets.filter(({ session }) => session !== undefined).length,
    online: runners.filter(({ state }) => state === "online").length,
    github: Object.fromEntries(
      Object.entries(calls).filter(([name, count]) =>
        count > 0 && OPERATIONS[name as Operation].door !== "runner"
      ),
    ),
  };
}

/** A process with the environment of its container, and `POD_ROOT`, the folder that stands for `/`. */
function listenerProgram(
  { folder, listener, program }: WorldOptions,
  listeners: Set<Deno.ChildProcess>,
): Program {
  return async ({ env, root, signal, killed }) => {
    const child = new Deno.Command("sh", {
      args: ["-c", `exec >>"$POD_LOG" 2>&1; ${listener}`],
      env: { ...env, POD_ROOT: root, POD_LOG: `${folder}/listeners.log`, LONGSHORE: program },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    listeners.add(child);
    let hasEnded = false;
    const end = (name: Deno.Signal) => () => {
      if (!hasEnded) child.kill(name);
    };
    signal.addEventListener("abort", end("SIGTERM"), { once: true });
    killed.addEventListener("abort", end("SIGKILL"), { once: true });
    if (signal.aborted) child.kill("SIGTERM");
    const { code } = await child.status;
    hasEnded = true;
    listeners.delete(child);
    return code;
  };
}

if (import.meta.main) await main();
