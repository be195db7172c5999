/**
 * The product's processes for journeys: real controllers and real listeners inside the test's own process, each with its
 * own network that can be tapped and cut. Knows what a process is told; refuses to know which world it runs in.
 */
import assert from "node:assert/strict";
import { type ControllerConfig, controllerFlags } from "../../controllers/config.ts";
import { startControllers } from "../../controllers/start.ts";
import { LISTENER_CONFIG } from "../../crds/group.ts";
import { parseListenerConfig } from "../../crds/listener_config.ts";
import { parseConfigUrl } from "../../github/config_url.ts";
import { overrideHosts, parseHostOverrides } from "../../github/hosts.ts";
import { createActionsService } from "../../github/service.ts";
import { createKubeClient, type KubeClient } from "../../kube/client.ts";
import type { Connection } from "../../kube/connection.ts";
import { createTransport } from "../../kube/transport.ts";
import type { Clock } from "../../lib/clock.ts";
import { parseFlags } from "../../lib/flags.ts";
import type { Fetch } from "../../lib/http.ts";
import type { Logger } from "../../lib/log.ts";
import { type Metrics, silentMetrics } from "../../lib/metrics.ts";
import type { FetchFor, NetworkSettings } from "../../lib/network.ts";
import type { Random } from "../../lib/random.ts";
import { Account } from "../../listener/account.ts";
import { startListener } from "../../listener/start.ts";
import type { Program, ProgramRun } from "../../sim/programs.ts";
import { CONTROLLER } from "../../sim/world_objects.ts";

/** A process as those see it who see its calls. */
export interface Caller {
  readonly kind: keyof Taps;
  /** As on SIGKILL: nothing of it reaches any server from now on. */
  crash(): void;
}

/** A process that can be asked to end, or die in the middle of anything. */
export interface Process extends Caller {
  /** As on SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
  /** Why it ended by itself; `undefined` while it runs or after `stop`. */
  readonly failure: unknown;
  /** Resolves when it has ended, in whatever way. */
  readonly ended: Promise<void>;
}

/** Waits of a process that was killed end with this, as everything of it does. */
class Killed extends TypeError {
  override readonly name = "Killed";
}

/**
 * Sees each call of a client of ours before it is sent; a throw is a lost connection, an answer is given in place of the
 * server's. `send` lets the call through, or a copy of it, so that what comes after it can be played too.
 */
export type Tap = (
  request: Request,
  send: (copy?: Request) => Promise<Response>,
) => Promise<Response | void> | Response | void;

/** The same, where it matters whose call it is. */
export type CallerTap = (
  request: Request,
  send: (copy?: Request) => Promise<Response>,
  from: Caller,
) => ReturnType<Tap>;

/** Calls of the controller and of the listeners, to either side, pass these. */
export interface Taps {
  controller: CallerTap | undefined;
  listener: CallerTap | undefined;
}

/** The ground that processes stand on. */
export interface Ground {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: { readonly controller: Metrics; readonly listener: () => Metrics } | undefined;
  readonly taps: Taps;
  /** Text of the flag `--github-hosts`. */
  readonly githubHosts: string;
  /** How a process with this token reaches the API server; called once for each process. */
  readonly connection: (token: string) => Connection;
  /** How every process reaches GitHub. */
  readonly githubFetch: Fetch;
  /** Sees which way to GitHub somebody wants. */
  readonly onNetwork?: ((who: keyof Taps, settings: NetworkSettings) => void) | undefined;
  /** Time limit of each call to the API server, in ms. Default: the product's. */
  readonly kubeTimeoutMs?: number | undefined;
  /** Sees each process as it starts. */
  readonly onStart?: ((process: Process) => void) | undefined;
}

export function startController(
  ground: Ground,
  options: { readonly token: string; readonly flags?: readonly string[] },
): Process {
  const { random, log } = ground;
  const process = new InnerProcess("controller");
  const { dead, stopping } = process;
  const clock = clockOf(ground, dead.signal);
  const net = networkOf(ground, process);
  const config: ControllerConfig = parseFlags(controllerFlags, {
    args: [
      `--namespace=${CONTROLLER.namespace}`,
      "--image=longshore:test",
      `--github-hosts=${ground.githubHosts}`,
      "--kube-host=kubernetes.default.svc",
      ...options.flags ?? [],
    ],
  }).config;
  const ended = startControllers({
    kube: net.kube(() => options.token, "longshore/controller"),
    config,
    fetchFor: (settings) => {
      ground.onNetwork?.("controller", settings);
      return net.github;
    },
    clock,
    random,
    log: log.child("controller"),
    metrics: ground.metrics?.controller ?? silentMetrics,
    signal: stopping.signal,
  });
  process.live(ended);
  ground.onStart?.(process);
  return process;
}

/** The program of containers named `listener`; `listeners` holds those that run. */
export function listenerProgram(ground: Ground, listeners: Set<Process>): Program {
  return async (run) => {
    const process = new InnerProcess("listener");
    const { dead, stopping } = process;
    const end = () => stopping.abort(run.signal.reason);
    run.signal.addEventListener("abort", end, { once: true });
    run.killed.addEventListener("abort", () => dead.abort(), { once: true });
    if (run.signal.aborted) end();
    const died = new Promise<number>((resolve) =>
      dead.signal.addEventListener("abort", () => resolve(137), { once: true })
    );
    const ended = runListener(ground, run, process);
    process.live(ended);
    ground.onStart?.(process);
    listeners.add(process);
    const code = ended.then(() => 0, (thrown) => {
      ground.log.error("A listener ended", { error: String(thrown) });
      return 1;
    });
    return await Promise.race([died, code]).finally(() => listeners.delete(process));
  };
}

async function runListener(
  ground: Ground,
  run: ProgramRun,
  process: InnerProcess,
): Promise<void> {
  const { random, log } = ground;
  const clock = clockOf(ground, process.dead.signal);
  const net = networkOf(ground, process);
  const read = () => fileOf(run, run.env[LISTENER_CONFIG.env] ?? "");
  const document = parseListenerConfig(read());
  const fetchFor: FetchFor = (settings) => {
    ground.onNetwork?.("listener", settings);
    return net.github;
  };
  const account = new Account({ document, fetchFor, log });
  const token = () => fileOf(run, "/var/run/secrets/kubernetes.io/serviceaccount/token");
  const service = createActionsService({
    config: parseConfigUrl(document.configure_url),
    credential: account.credentials,
    fetch: overrideHosts(
      account.fetch,
      parseHostOverrides(run.env["LONGSHORE_GITHUB_HOSTS"] ?? ""),
    ),
    clock,
    random,
    userAgent: {
      system: "longshore",
      version: "test",
      commitSha: "test",
      subsystem: "ghalistener",
      scaleSetId: document.runner_scale_set_id,
    },
    log,
  });
  await startListener({
    document,
    account: { account, read: () => Promise.resolve(read()) },
    kube: net.kube(token, "longshore/listener"),
    service,
    metrics: ground.metrics?.listener() ?? silentMetrics,
    owner: run.env["HOSTNAME"] ?? "",
    clock,
    random,
    log: log.child("listener"),
  }, process.stopping.signal);
}

/** The clock of one process: whoever waits when it dies is not woken by time any more. */
function clockOf({ clock }: Ground, dead: AbortSignal): Clock {
  return {
    now: () => clock.now(),
    sleep: (ms, signal) => clock.sleep(ms, signal ? AbortSignal.any([signal, dead]) : dead),
  };
}

/** The network of one process: tapped, and cut when the process dies. */
function networkOf(ground: Ground, process: InnerProcess) {
  const dead = process.dead.signal;
  const tapped = (fetch: Fetch): Fetch => async (request) => {
    dead.throwIfAborted();
    const send = (copy = request) => {
      dead.throwIfAborted();
      return fetch(copy);
    };
    const response = await ground.taps[process.kind]?.(request, send, process) ?? await send();
    if (!dead.aborted) return response;
    await response.body?.cancel();
    throw new TypeError("connection lost");
  };
  return {
    github: tapped(ground.githubFetch),
    /** `token` is asked for each call: it is renewed while the process lives. */
    kube: (token: () => string, userAgent: string): KubeClient => {
      const connection = ground.connection(token());
      const headers = () => Promise.resolve({ authorization: `Bearer ${token()}` });
      return createKubeClient(createTransport({
        connection: { ...connection, headers, fetch: tapped(connection.fetch) },
        clock: clockOf(ground, dead),
        userAgent,
        ...(ground.kubeTimeoutMs !== undefined && { timeoutMs: ground.kubeTimeoutMs }),
      }));
    },
  };
}

/** A process of ours in the test's own. */
class InnerProcess implements Process {
  readonly kind: keyof Taps;
  readonly dead = new AbortController();
  readonly stopping = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  #failure: unknown;

  constructor(kind: keyof Taps) {
    this.kind = kind;
  }

  get failure(): unknown {
    return this.#failure;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** What it does, from its start to its end. */
  live(running: Promise<void>): void {
    running.catch((thrown) => {
      if (!this.dead.signal.aborted) this.#failure = thrown;
    }).finally(() => this.#ended.resolve());
  }

  crash(): void {
    this.dead.abort(new Killed("The process was killed"));
    this.stopping.abort(new DOMException("SIGKILL", "AbortError"));
  }

  async stop(): Promise<void> {
    this.stopping.abort(new DOMException("SIGTERM", "AbortError"));
    await this.ended;
  }
}

function fileOf(run: ProgramRun, path: string): string {
  const content = run.files.get(path);
  assert.ok(content, `The container has no file ${path}`);
  return new TextDecoder().decode(content);
}
