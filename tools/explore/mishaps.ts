/**
 * What may become of one call between a client of ours and a server: a table of names. Knows how networks fail and
 * servers refuse; which call it hits, and when, is decided elsewhere.
 */
import type { Clock } from "../../lib/clock.ts";

/** A call that is about to be spoilt. A throw is a lost connection. */
interface SpoiltCall {
  readonly request: Request;
  /** Lets the call through, or a copy of it. */
  readonly send: (copy?: Request) => Promise<Response>;
  readonly clock: Clock;
}

type Mishap = (call: SpoiltCall) => Promise<Response> | Response;

const ANYWHERE = {
  "dropped": () => {
    throw new TypeError("connection refused");
  },
  "done, but the answer lost": async ({ send }) => {
    await discarded(await send());
    throw new TypeError("connection reset");
  },
  "delayed by 3 s": (call) => later(call, 3_000),
  "delayed by 25 s": (call) => later(call, 25_000),
  "done twice": async ({ send, request }) => {
    if (request.method !== "GET") await discarded(await send(request.clone()));
    return await send();
  },
} satisfies Readonly<Record<string, Mishap>>;

/** What may become of calls to Kubernetes. */
const KUBERNETES_MISHAPS = {
  ...ANYWHERE,
  "conflict": ({ request, send }) =>
    ["PATCH", "PUT"].includes(request.method) ? status(409, "Conflict") : send(),
  "429": () => status(429, "TooManyRequests"),
  "429 with Retry-After": () => status(429, "TooManyRequests", { "retry-after": "2" }),
  "500": () => status(500, "InternalError"),
  "503": () => status(503, "ServiceUnavailable"),
} satisfies Readonly<Record<string, Mishap>>;

/** What may become of calls to GitHub. */
const GITHUB_MISHAPS = {
  ...ANYWHERE,
  "401": () => refusal(401),
  "403": () => refusal(403),
  "403 with Retry-After": () => refusal(403, { "retry-after": "5" }),
  "429": () => refusal(429),
  "429 with Retry-After": () => refusal(429, { "retry-after": "10" }),
  "500": () => refusal(500),
  "502": () => refusal(502),
  "503": () => refusal(503, { "retry-after": "3" }),
} satisfies Readonly<Record<string, Mishap>>;

export type MishapName = keyof typeof KUBERNETES_MISHAPS | keyof typeof GITHUB_MISHAPS;

/** All of them by the server that is called. */
export const MISHAP_NAMES: Readonly<Record<"kubernetes" | "github", readonly MishapName[]>> = {
  kubernetes: Object.keys(KUBERNETES_MISHAPS) as MishapName[],
  github: Object.keys(GITHUB_MISHAPS) as MishapName[],
};

/** Carries a call out, or does not, as `name` says. */
export async function carriedOut(
  name: MishapName,
  side: "kubernetes" | "github",
  call: SpoiltCall,
): Promise<Response> {
  const table: Readonly<Record<string, Mishap>> = side === "kubernetes"
    ? KUBERNETES_MISHAPS
    : GITHUB_MISHAPS;
  const mishap = table[name];
  return mishap === undefined ? await call.send() : await mishap(call);
}

async function later({ clock, request, send }: SpoiltCall, ms: number): Promise<Response> {
  await clock.sleep(ms, request.signal);
  return await send();
}

async function discarded(response: Response): Promise<void> {
  await response.body?.cancel();
}

function status(
  code: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason, code };
  return Response.json({ ...body, message: `played: ${reason}` }, { status: code, headers });
}

function refusal(code: number, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json({ message: "played" }, { status: code, headers });
}
