/**
 * Bugs put into the product on purpose, to prove that exploring finds them: each stands between a process and the
 * network and makes it behave as if it had been written wrongly. The product knows nothing of them.
 */
import type { Caller, CallerTap } from "../../tests/journeys/stage.ts";
import type { JobRules } from "./rules.ts";

export const BUGS = ["delete-unasked", "acknowledge-first", "count-failed"] as const;

export type Bug = typeof BUGS[number];

interface Surroundings {
  /** What else becomes of calls. */
  readonly tap: CallerTap;
  readonly rules: JobRules;
}

interface TappedCall {
  readonly request: Request;
  /** On with it, through the faults, to the server. */
  readonly pass: () => Promise<Response>;
  /** Another call to the same server, past the faults. */
  readonly ask: (other: Request) => Promise<Response>;
  readonly from: Caller;
}

const WRONG: Readonly<Record<Bug, (call: TappedCall) => Promise<Response>>> = {
  /** The controller goes on as if GitHub had agreed: it never heeds that a runner is busy. */
  "delete-unasked": async ({ request, pass, from }) => {
    const response = await pass();
    const isRemoval = request.method === "DELETE" && /\/agents\/\d+$/.test(pathOf(request));
    if (!isRemoval || from.kind !== "controller" || response.ok) return response;
    await response.body?.cancel();
    return new Response(null, { status: 204 });
  },

  /** The listener acknowledges a message as soon as it has it. */
  "acknowledge-first": async ({ request, pass, ask }) => {
    const response = await pass();
    if (!isPoll(request) || response.status !== 200) return response;
    const message = await response.json();
    const url = new URL(request.url);
    url.pathname += `/${message.messageId}`;
    const { headers } = request;
    const answer = await ask(new Request(url, { method: "DELETE", headers }));
    await answer.body?.cancel();
    return Response.json(message);
  },

  /** The controller takes failed runners for running ones. */
  "count-failed": async ({ request, pass, from }) => {
    const response = await pass();
    const concerns = from.kind === "controller" && pathOf(request).includes("/ephemeralrunners");
    if (!concerns || response.body === null) return response;
    const decoder = new TextDecoder();
    const encoder = new TextEncoder();
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          const text = decoder.decode(chunk, { stream: true });
          controller.enqueue(
            encoder.encode(text.replaceAll(`"phase":"Failed"`, `"phase":"Running"`)),
          );
        },
      }),
    );
    return new Response(body, { status: response.status, headers: response.headers });
  },
};

/** The tap of a run: rules see polls and acknowledgements as the server does; a bug, if any, is nearest to the process. */
export function withBug(bug: Bug | undefined, { tap, rules }: Surroundings): CallerTap {
  return async (request, send, from) => {
    const ask = async (asked: Request) => {
      const queue = new URL(asked.url).searchParams.get("sessionId") ?? "";
      const acknowledged = /\/message\/(\d+)$/.exec(pathOf(asked));
      if (asked.method === "DELETE" && acknowledged !== null) {
        rules.acknowledged(queue, Number(acknowledged[1]));
      }
      const response = await send(asked);
      if (!isPoll(asked) || response.status !== 200) return response;
      const message = await response.json();
      rules.delivered(queue, message);
      return Response.json(message);
    };
    const seen = (copy = request) => ask(copy);
    const pass = async () => await tap(request, seen, from) ?? await seen();
    return bug === undefined ? await pass() : await WRONG[bug]({ request, pass, ask, from });
  };
}

function isPoll(request: Request): boolean {
  return request.method === "GET" && pathOf(request).endsWith("/message");
}

function pathOf(request: Request): string {
  return new URL(request.url).pathname;
}
