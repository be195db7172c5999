/**
 * Faults as data: what goes wrong, on which operation, how often. Pure; a server asks for each call whether a fault is
 * due and plays it. A list of faults travels as JSON, so that it may be set from outside.
 */
import { InvalidInput } from "../lib/errors.ts";

/** What goes wrong with one call. */
export type Effect =
  /** Answers without doing anything. Without `body`: an error in the shape of the service. */
  | {
    readonly do: "answer";
    readonly status: number;
    readonly retryAfterSeconds?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }
  /** The connection breaks before anything is done. */
  | { readonly do: "drop" }
  /** The call is carried out, its answer is lost. */
  | { readonly do: "drop-answer" }
  /** Never answers; nothing is done. */
  | { readonly do: "hang" }
  /** Carried out; the answer begins, and its body never ends. */
  | { readonly do: "stall" }
  /** Waits, then goes on as usual. */
  | { readonly do: "delay"; readonly ms: number }
  /** Carried out; the JSON answer is changed by a merge patch (RFC 7386). */
  | { readonly do: "rewrite"; readonly mergePatch: unknown }
  /** Carried out; the body of the answer is spoilt. */
  | { readonly do: "spoil"; readonly how: "empty" | "cut" | "byte-order-mark" }
  /** A message that is delivered will be delivered once more under a new id. */
  | { readonly do: "repeat" }
  /** What a message that is delivered tells comes last first. */
  | { readonly do: "reorder" }
  /** The service loses the session, or the whole scale set, that the call is about; then the call goes on. */
  | { readonly do: "lose-session" }
  | { readonly do: "forget-scale-set" };

export interface Fault {
  /** The name of an operation, or `*` for all. */
  readonly operation: string;
  readonly effect: Effect;
  /** How many calls it hits; without it all of them. */
  readonly times?: number;
  /** How many calls of the operation pass before it begins. */
  readonly after?: number;
  /** With this probability, 0 to 1, for each call; 1 without it. A call that is spared does not count. */
  readonly probability?: number;
}

const EFFECTS = [
  "answer",
  "drop",
  "drop-answer",
  "hang",
  "stall",
  "delay",
  "rewrite",
  "spoil",
  "repeat",
  "reorder",
  "lose-session",
  "forget-scale-set",
];

const SPOILINGS = ["empty", "cut", "byte-order-mark"];

/** The effect on a call of `operation`, and the faults that are left; the first fault that is due wins. */
export function dueEffect(
  faults: readonly Fault[],
  operation: string,
  draw: () => number,
): { readonly effect: Effect | undefined; readonly left: readonly Fault[] } {
  if (faults.length === 0) return { effect: undefined, left: faults };
  let effect: Effect | undefined;
  const left: Fault[] = [];
  for (const fault of faults) {
    const { after = 0, times = Infinity, probability = 1 } = fault;
    const concerns = fault.operation === operation || fault.operation === "*";
    if (!concerns || effect) {
      left.push(fault);
      continue;
    }
    if (after > 0) {
      left.push({ ...fault, after: after - 1 });
      continue;
    }
    if (times <= 0 || (probability < 1 && draw() >= probability)) {
      left.push(fault);
      continue;
    }
    effect = fault.effect;
    if (times > 1) left.push(times === Infinity ? fault : { ...fault, times: times - 1 });
  }
  return { effect, left };
}

/** Faults from JSON; throws {@link InvalidInput} naming what is wrong. Other operations than `operations` are refused. */
export function parseFaults(value: unknown, operations: readonly string[]): readonly Fault[] {
  if (!Array.isArray(value)) throw new InvalidInput("Cannot set faults: a JSON array is wanted");
  return value.map((item, at) => {
    const problem = faultProblem(item, operations);
    if (problem === undefined) return item as Fault;
    throw new InvalidInput(`Cannot set fault ${at}: ${problem}`);
  });
}

function faultProblem(item: unknown, operations: readonly string[]): string | undefined {
  const { operation, effect, times, after, probability } = (item ?? {}) as Partial<Fault>;
  if (operation !== "*" && !operations.includes(operation ?? "")) {
    return `unknown operation ${JSON.stringify(operation)}`;
  }
  if (!EFFECTS.includes(effect?.do ?? "")) return `effect.do must be one of ${EFFECTS.join(", ")}`;
  if (effect?.do === "answer") {
    const problem = answerProblem(effect);
    if (problem !== undefined) return problem;
  }
  if (effect?.do === "delay" && typeof effect.ms !== "number") return "effect.ms is required";
  if (effect?.do === "rewrite" && effect.mergePatch === undefined) {
    return "effect.mergePatch is required";
  }
  if (effect?.do === "spoil" && !SPOILINGS.includes(effect.how)) {
    return `effect.how must be one of ${SPOILINGS.join(", ")}`;
  }
  const isWrong = [times, after, probability].some((n) => n !== undefined && typeof n !== "number");
  return isWrong ? "times, after and probability must be numbers" : undefined;
}

function answerProblem(
  { status, headers, body, retryAfterSeconds }: Extract<Effect, { do: "answer" }>,
): string | undefined {
  if (!Number.isInteger(status)) return "effect.status is required";
  if (status < 200 || status > 599) return "effect.status must be from 200 to 599";
  if (body !== undefined && typeof body !== "string") return "effect.body must be a text";
  if (retryAfterSeconds !== undefined && typeof retryAfterSeconds !== "number") {
    return "effect.retryAfterSeconds must be a number";
  }
  try {
    new Headers(headers);
    return undefined;
  } catch {
    return "effect.headers must be names and values of headers";
  }
}
