/**
 * What every handler of a call gets: the parts of the simulation, and the call. It also knows how bodies, ids and query
 * members are read, and how service URLs are spelled.
 */
import type { Clock } from "../../lib/clock.ts";
import { shortHash } from "../../lib/json.ts";
import type { Random } from "../../lib/random.ts";
import type { Effect } from "../faults.ts";
import type { JobEngine } from "./job_engine.ts";
import type { Registry } from "./registry.ts";
import type { Route } from "./routes.ts";
import type { Sessions } from "./sessions.ts";
import type { GitHubSimSettings } from "./settings.ts";
import type { Grant, Tokens } from "./tokens.ts";
import type { Waits } from "./waits.ts";

/** The parts of the simulated GitHub. */
export interface Sim {
  readonly clock: Clock;
  readonly random: Random;
  readonly waits: Waits;
  readonly tokens: Tokens;
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly engine: JobEngine;
  /** Without a slash at the end. Every URL that is handed out begins with it. */
  readonly baseUrl: string;
  settings(): GitHubSimSettings;
}

export interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly route: Route;
  /** What the caller's token is good for; of no use to calls of Apps, users and runners. */
  readonly grant: Grant;
  /** A fault that the handler itself has to play. */
  readonly effect?: Effect | undefined;
}

export type Handler = (sim: Sim, call: Call) => Response | Promise<Response>;

/** Base of the Actions service for a tenant, with a slash at the end. */
export function serviceUrl(sim: Pick<Sim, "baseUrl" | "settings">, tenant: string): string {
  return `${sim.baseUrl}/_services/${sim.settings().backend}/${tenant}/`;
}

/** The tenant of a scope, as long as service URLs do not change. */
export function stableTenant(scope: string): string {
  return shortHash(scope);
}

/** The parameter `name` of the path as a number; NaN if it is none. */
export function numberIn(call: Call, name: string): number {
  const text = call.route.params[name] ?? "";
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

/** The request's body; `undefined` if it is not JSON. */
export async function bodyOf(call: Call): Promise<unknown> {
  try {
    return await call.request.json();
  } catch {
    return undefined;
  }
}

/** Like {@link bodyOf}, with `{}` for anything that is not an object. */
export async function recordOf(call: Call): Promise<Readonly<Record<string, unknown>>> {
  const body = await bodyOf(call);
  return typeof body === "object" && body !== null && !Array.isArray(body) ? { ...body } : {};
}
