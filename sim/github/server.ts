/**
 * The simulated GitHub: REST, Actions service, message queue, runners' endpoints and control API behind one handler,
 * for Deno.serve (see `serving.ts`) or in memory. It orders what happens to a call; the rooms beside it know what.
 */
import type { Clock } from "../../lib/clock.ts";
import type { Fetch } from "../../lib/http.ts";
import { type Random, randomText } from "../../lib/random.ts";
import { dueEffect, type Effect, type Fault } from "../faults.ts";
import { RUNNER_SCRIPTS, type RunnerScript, runRunner } from "../runner.ts";
import { InvalidInput } from "../../lib/errors.ts";
import { agentHandlers } from "./agent_handlers.ts";
import { Announcer } from "./announcer.ts";
import { restRefusal } from "./answers.ts";
import { type Call, type Handler, serviceUrl, type Sim, stableTenant } from "./call.ts";
import { controlOf, type GitHubControl, type JobView, jobView } from "./control.ts";
import { controlled, isControlPath } from "./control_handlers.ts";
import { admitted } from "./guard.ts";
import { JobEngine } from "./job_engine.ts";
import { afterwards, beforehand } from "./played_faults.ts";
import { Registry } from "./registry.ts";
import { restHandlers } from "./rest_handlers.ts";
import { type Operation, OPERATIONS, type Route, routeOf } from "./routes.ts";
import { runnerHandlers } from "./runner_handlers.ts";
import { scaleSetHandlers } from "./scale_set_handlers.ts";
import { sessionHandlers } from "./session_handlers.ts";
import { Sessions } from "./sessions.ts";
import { DEFAULT_SETTINGS, drawMs, type GitHubSimSettings, withChange } from "./settings.ts";
import { Tokens } from "./tokens.ts";
import { Waits } from "./waits.ts";

/** A call that is about to be carried out. Whoever answers it may read the request's body, nobody else. */
export interface InterceptedCall {
  readonly operation: Operation;
  readonly request: Request;
}

export interface GitHubSimOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Where clients find it; every URL that it hands out begins with it. May have a path. */
  readonly baseUrl: string;
  readonly settings?: Partial<GitHubSimSettings>;
  /** Answers a call in place of the simulation, which then does nothing; `undefined` lets it go on. */
  readonly intercept?: (call: InterceptedCall) => Promise<Response | undefined>;
}

export interface GitHubSim {
  /**
   * Answers any call, whatever its host. Rejects with the request's abort reason when the caller gives up, and with a
   * `TypeError` when a fault breaks the connection.
   */
  readonly handle: Fetch;
  readonly control: GitHubControl;
  /** How often each operation was called, refused and failed calls included. Live. */
  readonly calls: Readonly<Record<Operation, number>>;
  /** Tells of every new state of a job; returns how to stop that. */
  onJobChange(notify: (job: JobView) => void): () => void;
  /** Ends held calls, alarms and the runners that it started. */
  stop(): Promise<void>;
}

const HANDLERS: Readonly<Record<Operation, Handler>> = {
  ...restHandlers,
  ...scaleSetHandlers,
  ...agentHandlers,
  ...sessionHandlers,
  ...runnerHandlers,
};

const HEX = "0123456789ABCDEF";

/** Starts nothing that runs by itself: everything happens because of a call or of the clock. */
export function startGitHubSim(options: GitHubSimOptions): GitHubSim {
  const { clock, random, intercept } = options;
  const { pathname, origin } = new URL(options.baseUrl);
  const basePath = pathname.replace(/\/+$/, "");
  const { backend = DEFAULT_SETTINGS.backend, ...change } = options.settings ?? {};
  let settings = withChange({ ...DEFAULT_SETTINGS, backend }, change);
  let faults: readonly Fault[] = [];
  const calls = Object.fromEntries(Object.keys(OPERATIONS).map((name) => [name, 0])) as Record<
    Operation,
    number
  >;
  const listeners = new Set<(job: JobView) => void>();
  const sim = partsOf(options, {
    baseUrl: origin + basePath,
    settings: () => settings,
    tell: (job) => listeners.forEach((notify) => notify(job)),
  });
  const control = controlOf(sim, {
    calls,
    change: (change) => settings = withChange(settings, change),
    setFaults: (list) => faults = list,
  });
  const stopping = new AbortController();
  const runners = new Set<Promise<unknown>>();

  async function handle(request: Request): Promise<Response> {
    if (!URL.canParse(request.url)) return stamped(restRefusal(400, "Bad Request"));
    const url = new URL(request.url);
    const path = url.pathname.startsWith(`${basePath}/`)
      ? url.pathname.slice(basePath.length)
      : url.pathname;
    if (isControlPath(path)) return await controlled({ control, startRunner }, { request, path });
    const route = routeOf(request.method, path);
    if (!route) return stamped(restRefusal(404, "Not Found"));
    calls[route.operation]++;
    const answer = await intercept?.({ operation: route.operation, request });
    if (answer) return answer;
    const latencyMs = drawMs(settings.latencyMs, random);
    if (latencyMs > 0) await clock.sleep(latencyMs, request.signal);
    const due = dueEffect(faults, route.operation, random);
    faults = due.left;
    return stamped(await carriedOut({ request, url, route }, due.effect));
  }

  async function carriedOut(
    call: { readonly request: Request; readonly url: URL; readonly route: Route },
    effect: Effect | undefined,
  ): Promise<Response> {
    const grant = admitted(sim, call.route, call.request);
    const full: Call | undefined = grant instanceof Response
      ? undefined
      : { ...call, grant, effect };
    const answer = effect && await beforehand(sim, { ...call, call: full, effect });
    if (answer) return answer;
    if (!full) return grant as Response;
    const response = await HANDLERS[call.route.operation](sim, full);
    return effect ? await afterwards(response, effect) : response;
  }

  function stamped(response: Response): Response {
    response.headers.set("X-GitHub-Request-Id", randomText(random, 20, HEX));
    response.headers.set("Date", clock.now().toUTCString());
    if (backend === "pipelines") response.headers.set("ActivityId", randomText(random, 32, HEX));
    return response;
  }

  function startRunner(asked: { readonly jitConfig: string; readonly script: unknown }): void {
    const script = (asked.script ?? "run") as RunnerScript;
    if (!RUNNER_SCRIPTS.includes(script)) {
      throw new InvalidInput(`script must be one of ${RUNNER_SCRIPTS.join(", ")}`);
    }
    const env = { ACTIONS_RUNNER_INPUT_JITCONFIG: asked.jitConfig };
    const { signal } = stopping;
    const running = runRunner({ env, fetch: handle, clock, random, signal, killed: signal, script })
      .finally(() => runners.delete(running));
    runners.add(running);
  }

  return {
    handle,
    control,
    calls,
    onJobChange: (notify) => {
      listeners.add(notify);
      return () => void listeners.delete(notify);
    },
    stop: async () => {
      stopping.abort(new Error("The simulated GitHub stops"));
      await Promise.allSettled(runners);
      sim.waits.stop();
    },
  };
}

function partsOf(
  options: GitHubSimOptions,
  own: {
    readonly baseUrl: string;
    settings(): GitHubSimSettings;
    tell(job: JobView): void;
  },
): Sim {
  const { clock, random } = options;
  const { baseUrl, settings } = own;
  const waits = new Waits(clock);
  const tokens = new Tokens(clock, random);
  const registry = new Registry();
  const announcer = new Announcer({
    settings,
    acquireUrl: (set) =>
      `${serviceUrl({ baseUrl, settings }, stableTenant(set.scope))}` +
      `_apis/runtime/runnerscalesets/${set.id}/acquirejobs`,
  });
  const engine = new JobEngine({
    clock,
    random,
    waits,
    settings,
    announcer,
    onChange: (job) => {
      registry.noteJob(job);
      own.tell(jobView(job));
    },
    onAgentGone: (agent) => registry.dropAgent(agent),
  });
  const sessions = new Sessions({ clock, random, tokens, settings });
  return { clock, random, waits, tokens, registry, sessions, engine, baseUrl, settings };
}
