/** How the effects of `sim/faults.ts` are played on calls of the simulated GitHub. */
import { applyMergePatch } from "../../lib/json.ts";
import type { Effect } from "../faults.ts";
import { exception, restRefusal } from "./answers.ts";
import { type Call, numberIn, type Sim } from "./call.ts";
import { forget } from "./scale_set_handlers.ts";
import type { Route } from "./routes.ts";

/** What a client sees of a connection that broke: as with the platform's `fetch`, a `TypeError`. */
export class BrokenConnection extends TypeError {
  override readonly name = "BrokenConnection";

  constructor() {
    super("error sending request: connection reset by peer");
  }
}

/**
 * The part of an effect that comes before the call is carried out; an answer ends the call there. `call` is `undefined`
 * for a caller who would not have been let in.
 */
export async function beforehand(
  sim: Sim,
  at: {
    readonly request: Request;
    readonly route: Route;
    readonly call: Call | undefined;
    readonly effect: Effect;
  },
): Promise<Response | undefined> {
  const { effect, call } = at;
  switch (effect.do) {
    case "answer":
      return forcedAnswer(at.route, effect);
    case "drop":
      throw new BrokenConnection();
    case "hang":
      return await never(sim, at.request.signal);
    case "delay":
      return void await sim.clock.sleep(effect.ms, at.request.signal);
    case "lose-session": {
      const session = call && setOf(sim, call)?.session;
      return void (session && sim.sessions.end(session));
    }
    case "forget-scale-set": {
      const set = call && setOf(sim, call);
      return void (set && forget(sim, set));
    }
    case "drop-answer":
    case "stall":
    case "rewrite":
    case "spoil":
    case "repeat":
    case "reorder":
      return undefined;
    default:
      return effect satisfies never;
  }
}

/** The part of an effect that comes after the call was carried out. */
export async function afterwards(response: Response, effect: Effect): Promise<Response> {
  if (effect.do === "drop-answer") throw new BrokenConnection();
  if (response.body === null) return response;
  if (effect.do === "stall") return new Response(stalled(await response.text()), response);
  if (effect.do === "spoil") {
    return new Response(spoilt(await response.text(), effect.how), response);
  }
  if (effect.do === "reorder") {
    return new Response(reordered(await response.text()), response);
  }
  if (effect.do !== "rewrite") return response;
  const body: unknown = await response.json();
  return Response.json(applyMergePatch(body, effect.mergePatch), { status: response.status });
}

/** An envelope of the queue with its messages last first; any other text as it is. */
function reordered(text: string): string {
  const { body, ...envelope } = JSON.parse(text) as { readonly body?: unknown };
  if (typeof body !== "string" || body === "") return text;
  const messages = JSON.parse(body) as unknown[];
  return JSON.stringify({ ...envelope, body: JSON.stringify(messages.reverse()) });
}

function forcedAnswer(route: Route, effect: Extract<Effect, { do: "answer" }>): Response {
  const { status, retryAfterSeconds, headers, body } = effect;
  const typed = route.door === "rest"
    ? restRefusal(status, "Forced by a fault")
    : exception("ResourceNotFoundException", "Forced by a fault");
  const shape = body === undefined ? { "content-type": "application/json" } : undefined;
  const wait = retryAfterSeconds === undefined
    ? undefined
    : { "retry-after": `${retryAfterSeconds}` };
  const isBodyless = [204, 205, 304].includes(status);
  return new Response(isBodyless ? null : body ?? typed.body, {
    status,
    headers: { ...shape, ...wait, ...headers },
  });
}

/** Half of the text; the rest is for ever on its way. */
function stalled(text: string): ReadableStream<Uint8Array> {
  const { promise } = Promise.withResolvers<void>();
  return new ReadableStream({
    start: (controller) =>
      controller.enqueue(new TextEncoder().encode(text.slice(0, text.length / 2))),
    pull: () => promise,
  });
}

function spoilt(text: string, how: "empty" | "cut" | "byte-order-mark"): string {
  if (how === "byte-order-mark") return `\uFEFF${text}`;
  return how === "empty" ? "" : text.slice(0, text.length / 2);
}

/** The set that the call is about. */
function setOf(sim: Sim, call: Call): ReturnType<Sim["registry"]["set"]> {
  const session = call.grant.sessionId && sim.sessions.touch(call.grant.sessionId);
  return session ? session.scaleSet : sim.registry.set(numberIn(call, "id"), call.grant.scope);
}

/** Until the caller gives up or the simulation stops. */
async function never(sim: Sim, signal: AbortSignal): Promise<never> {
  await sim.waits.hold(2 ** 31 - 1, signal).ended;
  throw new BrokenConnection();
}
