/**
 * Bad weather between us and the servers: a tap that now and then answers in their place, or loses what was said. Knows
 * what goes wrong on a network and how servers say no; refuses to know what a call means to us.
 */
import type { VirtualClock } from "../../sim/clock.ts";
import type { Random } from "../../lib/random.ts";
import type { Tap } from "./stage.ts";

export interface WeatherOptions {
  readonly clock: VirtualClock;
  readonly random: Random;
  /** Share of the calls that go wrong, 0 to 1. */
  readonly share: number;
}

export interface Weather {
  readonly tap: Tap;
  /** Calls since the start, those that went wrong included. */
  readonly calls: number;
  readonly spoilt: number;
  /** From now on all calls pass. */
  clear(): void;
}

/** Everything that may happen to a call; a throw is a connection that breaks. */
type Mishap = (call: {
  readonly request: Request;
  readonly send: () => Promise<Response>;
  readonly clock: VirtualClock;
}) => Promise<Response> | Response;

const ON_THE_WAY: readonly Mishap[] = [
  () => {
    throw new TypeError("connection refused");
  },
  // Done, but the answer is lost.
  async ({ send }) => {
    const response = await send();
    await response.body?.cancel();
    throw new TypeError("connection reset");
  },
  async ({ send, clock, request }) => {
    await clock.sleep(10_000, request.signal);
    return await send();
  },
];

const OF_KUBERNETES: readonly Mishap[] = [
  ...ON_THE_WAY,
  () => kubeStatus(429, "TooManyRequests", { "retry-after": "2" }),
  () => kubeStatus(429, "TooManyRequests"),
  () => kubeStatus(500, "InternalError"),
  () => kubeStatus(503, "ServiceUnavailable"),
  ({ request, send }) => request.method === "PATCH" ? kubeStatus(409, "Conflict") : send(),
];

const OF_GITHUB: readonly Mishap[] = [
  ...ON_THE_WAY,
  () => githubRefusal(401),
  () => githubRefusal(403),
  () => githubRefusal(403, { "retry-after": "5" }),
  () => githubRefusal(429, { "retry-after": "10" }),
  () => githubRefusal(429),
  () => githubRefusal(500),
  () => githubRefusal(502),
  () => githubRefusal(503, { "retry-after": "3" }),
];

/** Weather that is bad until it clears; what goes wrong, and when, follows from `random`. */
export function badWeather(options: WeatherOptions): Weather {
  const { clock, random, share } = options;
  let calls = 0;
  let spoilt = 0;
  let isBad = true;
  return {
    tap: async (request, send) => {
      calls++;
      if (!isBad || random() >= share) return;
      spoilt++;
      const { host } = new URL(request.url);
      const mishaps = host.startsWith("kubernetes") ? OF_KUBERNETES : OF_GITHUB;
      const mishap = mishaps[Math.floor(random() * mishaps.length)] as Mishap;
      return await mishap({ request, send, clock });
    },
    get calls() {
      return calls;
    },
    get spoilt() {
      return spoilt;
    },
    clear: () => isBad = false,
  };
}

function kubeStatus(
  code: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason, code };
  return Response.json({ ...body, message: `played: ${reason}` }, { status: code, headers });
}

function githubRefusal(
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ message: "played" }, { status, headers });
}
