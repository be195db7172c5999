/**
 * A GitHub that has a bad day: one mishap after the other, drawn at random from the faults of sessions and of demand
 * (groups A and B), and then quiet. Knows what can go wrong with the service; runners and jobs themselves are spared, so
 * that every job can still succeed.
 */
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import type { Effect, Fault } from "../faults.ts";
import type { GitHubControl } from "./control.ts";
import type { Operation } from "./routes.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";

/** What one mishap works with. */
interface Day {
  readonly control: GitHubControl;
  readonly random: Random;
}

/** Begins a mishap; whatever it sets is taken back when its time is up. */
type Mishap = (day: Day) => void;

/** Calls of a listener and of a controller at work. */
const LISTENING = ["createsession", "refreshsession", "poll", "ack", "acquirejobs"] as const;
const HIRING = ["generatejitconfig", "findrunner", "removerunner"] as const;
const SIGNING_IN = ["registrationtoken", "runnerregistration"] as const;
const ALL: readonly Operation[] = [...LISTENING, ...HIRING, ...SIGNING_IN];

/** Mishaps by the id of the fault that they belong to. The session is lost where only opening it goes wrong. */
const MISHAPS: Readonly<Record<string, Mishap>> = {
  "F03 a session that somebody else holds": (day) => {
    const typeName = "GitHub.Actions.RunService.WebApi.RunnerScaleSetSessionConflictException";
    const body = JSON.stringify({ typeName, message: "There is an active session already" });
    const headers = { "content-type": "application/json" };
    play(day, ["createsession"], { do: "answer", status: 409, headers, body });
    loseSessions(day);
  },
  "F04 a lost session": (day) => loseSessions(day),
  "F05 a session without a queue": (day) => {
    play(day, ["createsession"], { do: "rewrite", mergePatch: { messageQueueUrl: "" } }, 2);
    loseSessions(day);
  },
  "F06 an outage": (day) => play(day, ALL, { do: "answer", status: pick([500, 502, 503], day) }),
  "F07 a refusal": (day) => {
    const status = pick([401, 403, 429], day);
    play(day, some(day), { do: "answer", status }, 3);
  },
  "F07 a refusal with Retry-After": (day) => {
    const status = pick([403, 429, 503], day);
    play(day, some(day), { do: "answer", status, retryAfterSeconds: pick([1, 2, 5], day) }, 3);
  },
  "A broken connections": (day) => play(day, some(day), { do: "drop" }, 4),
  "A lost answers": (day) => play(day, some(day), { do: "drop-answer" }, 4),
  "A slow answers": (day) => play(day, some(day), { do: "delay", ms: 3_000 }, 6),
  "A spoilt answers": (day) =>
    play(day, some(day), { do: "spoil", how: pick(["empty", "cut", "byte-order-mark"], day) }, 3),
  "A tokens that soon expire": ({ control }) =>
    control.change({ adminTokenLifetimeMs: 3_000, queueTokenLifetimeMs: 3_000 }),
  "F10 too many jobs counted": (day) => count(day, { totalAssignedJobs: 30 }),
  "F11 too few jobs counted": (day) => count(day, { totalAssignedJobs: 0, totalRunningJobs: 0 }),
  "F12 messages twice": (day) => play(day, ["poll"], { do: "repeat" }, 5),
  "F31 a forgotten scale set": ({ control, random }) => {
    const { scaleSets } = control.state();
    if (scaleSets.length > 0) control.forgetScaleSet(pick(scaleSets, { random }).id);
  },
};

/** Everything that {@link playMishap} can play. */
export const MISHAP_NAMES: readonly string[] = Object.keys(MISHAPS);

/** More of them would only be the same again: each takes a new listener. */
const MAX_FORGOTTEN = 2;
const FORGOTTEN = "F31 a forgotten scale set";
const MISHAP_MS = { least: 1_000, most: 8_000 };

export interface ChaosOptions {
  readonly control: GitHubControl;
  readonly clock: Clock;
  /** What happens, and when, follows from it. */
  readonly random: Random;
  /** How long the bad day is, in ms. */
  readonly forMs: number;
  /** Told of each mishap when it begins, in words. */
  readonly onMishap?: (what: string) => void;
}

/** Resolves when the day is over, or `signal` aborts: everything is well from then on, and sessions are lost once more. */
export async function playChaos(options: ChaosOptions, signal: AbortSignal): Promise<void> {
  const { control, clock, random } = options;
  const startMs = clock.now().getTime();
  let forgotten = 0;
  try {
    while (clock.now().getTime() - startMs < options.forMs) {
      const name = pick(Object.keys(MISHAPS), options);
      if (name === FORGOTTEN && ++forgotten > MAX_FORGOTTEN) continue;
      options.onMishap?.(name);
      MISHAPS[name]?.(options);
      const { least, most } = MISHAP_MS;
      await clock.sleep(least + random() * (most - least), signal);
      heal(control);
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    heal(control);
    // What was told wrong last would be believed until something happens.
    loseSessions(options);
  }
}

/** One mishap by its name, for `forMs`. It ends as the day does: all is well, and sessions are lost once more. */
export async function playMishap(
  name: string,
  options: ChaosOptions,
  signal: AbortSignal,
): Promise<void> {
  MISHAPS[name]?.(options);
  try {
    await options.clock.sleep(options.forMs, signal);
  } finally {
    heal(options.control);
    loseSessions(options);
  }
}

function heal(control: GitHubControl): void {
  const { adminTokenLifetimeMs, queueTokenLifetimeMs } = DEFAULT_SETTINGS;
  control.setFaults([]);
  control.change({ adminTokenLifetimeMs, queueTokenLifetimeMs });
}

/** So many `times` for each operation; without it until the mishap is over. */
function play(
  { control }: Day,
  operations: readonly Operation[],
  effect: Effect,
  times?: number,
): void {
  const fault = (operation: Operation): Fault => ({
    operation,
    effect,
    ...(times !== undefined && { times }),
  });
  control.setFaults(operations.map(fault));
}

function count(day: Day, statistics: Readonly<Record<string, number>>): void {
  play(day, ["poll"], { do: "rewrite", mergePatch: { statistics } });
}

function loseSessions({ control }: Pick<Day, "control">): void {
  for (const { id } of control.state().scaleSets) control.loseSession(id);
}

/** A few operations, one at least. */
function some(day: Day): readonly Operation[] {
  const chosen = ALL.filter(() => day.random() < 0.3);
  return chosen.length > 0 ? chosen : [pick(ALL, day)];
}

function pick<T>(from: readonly T[], { random }: Pick<Day, "random">): T {
  return from[Math.floor(random() * from.length)] as T;
}
