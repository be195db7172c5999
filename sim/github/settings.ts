/**
 * Every knob of the simulated GitHub with its default, and how a change to them is read. It knows no endpoint. Defaults
 * follow what is known of the live service where that is practical, and are short where the live value is minutes.
 */
import { InvalidInput } from "../../lib/errors.ts";
import type { Random } from "../../lib/random.ts";

/** Longest time that can be asked for, in ms (30,000 years): the end of what begins now is still a date. */
const MAX_MS = 1e15;

/** A length of time in ms: fixed, or drawn uniformly from a range. */
export type Span = number | { readonly fromMs: number; readonly toMs: number };

/** One length of time out of `span`, in whole ms. */
export function drawMs(span: Span, random: Random): number {
  if (typeof span === "number") return span;
  return Math.round(span.fromMs + random() * (span.toMs - span.fromMs));
}

export interface GitHubSimSettings {
  /** Which of the two live back ends is played. Fixed for the life of the simulation. */
  readonly backend: "broker" | "pipelines";
  /** How long a poll (of a listener or of a runner) is held when there is nothing to say. */
  readonly pollHoldMs: number;
  /** Waited before each call is looked at. */
  readonly latencyMs: Span;
  readonly registrationTokenLifetimeMs: number;
  readonly installationTokenLifetimeMs: number;
  readonly adminTokenLifetimeMs: number;
  readonly queueTokenLifetimeMs: number;
  /** A session without a poll in progress, and without any other call, ends after this long. */
  readonly sessionIdleMs: number;
  /** A runner that stays silent this long is offline; a job that it had fails. The live service takes 9.5 minutes. */
  readonly runnerLostMs: number;
  /** An assigned job that no runner took is withdrawn after this long, and assigned anew, three times at most. */
  readonly pickupTimeoutMs: number;
  /** Whether the service URL that is handed out ends in a slash. */
  readonly serviceUrl: "slash" | "no-slash";
  /** `changing`: each registration hands out another service URL, and its token is good for that URL only. */
  readonly serviceTenant: "stable" | "changing";
  /** `any`: also accepts User-Agents that are not JSON, as clients before 2026 send them. */
  readonly userAgent: "json" | "any";
  /** `refused`: every runner that connects is told that its version is too old (exit code 7). */
  readonly runnerVersion: "accepted" | "refused";
  /** `when-runners-change`: a runner that comes or goes releases the poll with an envelope of statistics only. */
  readonly statisticsMessages: "never" | "when-runners-change";
  /** PEM. When given, signatures of App JWTs are verified with it; "" accepts any signature. */
  readonly appPublicKey: string;
}

/** What can be changed while the simulation runs. */
export type GitHubSimChange = Partial<Omit<GitHubSimSettings, "backend">>;

export const DEFAULT_SETTINGS: GitHubSimSettings = {
  backend: "broker",
  pollHoldMs: 50_000,
  latencyMs: 0,
  registrationTokenLifetimeMs: 3_600_000,
  installationTokenLifetimeMs: 3_600_000,
  adminTokenLifetimeMs: 3_600_000,
  queueTokenLifetimeMs: 3_000_000,
  sessionIdleMs: 60_000,
  runnerLostMs: 60_000,
  pickupTimeoutMs: 86_400_000,
  serviceUrl: "slash",
  serviceTenant: "stable",
  userAgent: "json",
  runnerVersion: "accepted",
  statisticsMessages: "never",
  appPublicKey: "",
};

const WORDS: { readonly [name: string]: readonly string[] } = {
  serviceUrl: ["slash", "no-slash"],
  serviceTenant: ["stable", "changing"],
  userAgent: ["json", "any"],
  runnerVersion: ["accepted", "refused"],
  statisticsMessages: ["never", "when-runners-change"],
};

/** `settings` with the members of `change`; throws {@link InvalidInput} naming the first that is wrong. */
export function withChange(settings: GitHubSimSettings, change: unknown): GitHubSimSettings {
  if (typeof change !== "object" || change === null || Array.isArray(change)) {
    throw new InvalidInput("Cannot change the settings: a JSON object is wanted");
  }
  for (const [name, value] of Object.entries(change)) {
    const wanted = problem(name, value);
    if (wanted !== undefined) {
      throw new InvalidInput(`Cannot change setting ${JSON.stringify(name)}: ${wanted}`);
    }
  }
  return { ...settings, ...change };
}

function problem(name: string, value: unknown): string | undefined {
  if (!Object.hasOwn(DEFAULT_SETTINGS, name)) return "there is no such setting";
  if (name === "backend") return "it is fixed when the simulation starts";
  const words = WORDS[name];
  if (words) return words.includes(value as string) ? undefined : `one of ${words.join(", ")}`;
  if (name === "appPublicKey") {
    return typeof value === "string" ? undefined : "a PEM text is wanted";
  }
  if (name === "latencyMs") return isSpan(value) ? undefined : "ms, or {fromMs, toMs}, is wanted";
  return isMs(value) ? undefined : `a number of ms from 0 to ${MAX_MS} is wanted`;
}

function isMs(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= MAX_MS;
}

/** Whether a value from outside is a {@link Span}. */
export function isSpan(value: unknown): value is Span {
  if (isMs(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  const { fromMs, toMs } = value as { readonly fromMs?: unknown; readonly toMs?: unknown };
  return isMs(fromMs) && isMs(toMs) && fromMs <= toMs;
}
