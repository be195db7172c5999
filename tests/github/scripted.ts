/** A GitHub of a few lines for tests of the GitHub room: answers from a table, and records what it was sent. */
import { parseConfigUrl } from "../../github/config_url.ts";
import { type Credential, parseCredential } from "../../github/credentials.ts";
import type { CredentialSource } from "../../github/credential_source.ts";
import {
  type ActionsService,
  type ActionsServiceOptions,
  createActionsService,
} from "../../github/service.ts";
import type { Fetch } from "../../lib/http.ts";
import { type Logger, silentLogger } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";

export interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  /** When, in ms since the start of the test. */
  readonly atMs: number;
  readonly signal: AbortSignal;
}

/** One answer, a way to make it, or several in a row of which the last one repeats. */
export type Script = ((sent: Sent) => Response | Promise<Response>) | readonly Script[];

export interface ScriptedGitHub {
  readonly fetch: Fetch;
  readonly sent: readonly Sent[];
  /** "METHOD /path" of everything sent so far. */
  calls(): readonly string[];
  /** What was sent to "METHOD /path". */
  to(call: string): readonly Sent[];
}

/** Base of the Actions service in the scripts. */
export const SERVICE = "https://pipelines.example/tenant/123/";
export const SETS = "/tenant/123/_apis/runtime/runnerscalesets";
export const QUEUE = "https://queue.example/messages";
export const REGISTRATION_TOKEN = "/orgs/octo/actions/runners/registration-token";
export const REGISTRATION = "/actions/runner-registration";

export const SESSION_ID = "1f2c1e3a-6f0b-4a55-9f5e-0a7d9c2b8e11";

/** Secrets that the scripts hand out; none of them may be seen anywhere. */
export const SECRETS = {
  pat: "ghp_thePersonalAccessToken",
  installation: "installation-token-e5f6",
  registration: "registration-token-a1b2",
  queue: "queue-token-c3d4",
  newQueue: "queue-token-g7h8",
  jit: "theEncodedJitConfig==",
} as const;

export function json(body: unknown, init: ResponseInit = {}): Response {
  return Response.json(body, init);
}

/** A failure as the Actions service words it. */
export function exception(status: number, name: string, headers: HeadersInit = {}): Response {
  const body = { typeName: `GitHub.Some.${name}, GitHub.Some`, message: `${name} happened` };
  return Response.json(body, { status, headers });
}

/** An unsigned admin token that expires `seconds` from the clock's now. */
export function adminToken(clock: VirtualClock, seconds: number): string {
  const part = (value: unknown) =>
    btoa(JSON.stringify(value)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  const exp = Math.floor(clock.now().getTime() / 1000) + seconds;
  return `${part({ alg: "RS256", typ: "JWT" })}.${part({ exp, jti: "adminsecret" })}.c2ln`;
}

/** A session as the service gives it. */
export function aSession(changes: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    sessionId: SESSION_ID,
    messageQueueUrl: `${QUEUE}?sid=abc`,
    messageQueueAccessToken: SECRETS.queue,
    statistics: { totalAssignedJobs: 2, totalRunningJobs: 1 },
    ...changes,
  };
}

/** Answers by `table` ("METHOD /path"), registers anybody, and says 404 to the rest. */
export function scriptedGitHub(
  clock: VirtualClock,
  table: Readonly<Record<string, Script>> = {},
): ScriptedGitHub {
  const startMs = clock.now().getTime();
  const sent: Sent[] = [];
  const counts = new Map<string, number>();
  const scripts: Readonly<Record<string, Script>> = {
    [`POST ${REGISTRATION_TOKEN}`]: () => json({ token: SECRETS.registration }, { status: 201 }),
    [`POST ${REGISTRATION}`]: () => json({ url: SERVICE, token: adminToken(clock, 3600) }),
    ...table,
  };
  return {
    sent,
    calls: () => sent.map(({ method, url }) => `${method} ${url.pathname}`),
    to: (call) => sent.filter(({ method, url }) => `${method} ${url.pathname}` === call),
    fetch: async (request) => {
      const url = new URL(request.url);
      const record: Sent = {
        method: request.method,
        url,
        headers: request.headers,
        body: await request.text(),
        atMs: clock.now().getTime() - startMs,
        signal: request.signal,
      };
      sent.push(record);
      const call = `${request.method} ${url.pathname}`;
      const at = counts.get(call) ?? 0;
      counts.set(call, at + 1);
      return await played(scripts[call], record, at);
    },
  };
}

async function played(script: Script | undefined, sent: Sent, at: number): Promise<Response> {
  if (script === undefined) return json({ message: "Not Found" }, { status: 404 });
  if (typeof script === "function") return await script(sent);
  return await played(script[Math.min(at, script.length - 1)], sent, at);
}

export interface ServiceSetup {
  readonly clock: VirtualClock;
  readonly fetch: Fetch;
  readonly configUrl?: string;
  readonly credential?: Credential | CredentialSource;
  readonly budget?: NonNullable<ActionsServiceOptions["budget"]>;
  readonly log?: Logger;
  readonly metrics?: Metrics;
}

/** The service under test, for organization "octo" with a PAT unless told otherwise. */
export function aService(setup: ServiceSetup): ActionsService {
  return createActionsService({
    config: parseConfigUrl(setup.configUrl ?? "https://github.com/octo"),
    credential: setup.credential ?? parseCredential({ github_token: SECRETS.pat }),
    fetch: setup.fetch,
    clock: setup.clock,
    random: seededRandom(1),
    userAgent: {
      system: "longshore",
      version: "1.2.3",
      commitSha: "abc123",
      subsystem: "ghalistener",
      scaleSetId: 7,
    },
    log: setup.log ?? silentLogger,
    ...(setup.metrics && { metrics: setup.metrics }),
    ...(setup.budget && { budget: setup.budget }),
  });
}

/** Lets virtual time pass until `work` has ended, and gives its result. */
export async function finished<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let ended = false;
  work.then(() => ended = true, () => ended = true);
  await clock.runUntil(() => ended, { limitMs: 3_600_000 });
  return await work;
}
