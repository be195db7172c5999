/** How long a listener waits before it tries again, by what failed. Pure; knows dispositions, refuses to know calls. */
import { backoffMs } from "../lib/backoff.ts";
import { disposition, errorCode } from "../lib/errors.ts";
import type { Random } from "../lib/random.ts";

/** Short enough that scaling resumes within 60 s of a recovery (F06); the first wait is at least 1 s (F07). */
const TRANSIENT = { baseMs: 2_000, capMs: 40_000 };
/** Where trying again cannot help until somebody acts. */
const HOPELESS = { baseMs: 2_000, capMs: 300_000 };
/** Taken within 30 s of being free (F03). */
const CONFLICT_CAP_MS = 28_000;
/** Never sooner than this, whatever the other side says. */
const LEAST_MS = 1_000;
/** A time that many were told is spread by up to this much. */
const SPREAD_MS = 1_000;

/** The wait in ms after `failures` failures in a row, the one just `thrown` included. */
export function patienceMs(
  thrown: unknown,
  options: { readonly failures: number; readonly random: Random },
): number {
  const { random } = options;
  const attempt = Math.max(0, options.failures - 1);
  const asked = disposition(thrown);
  if (errorCode(thrown) === "github_session_conflict") {
    const ms = asked.kind === "retry-after" ? asked.ms : CONFLICT_CAP_MS;
    return Math.max(LEAST_MS, Math.round(Math.min(ms, CONFLICT_CAP_MS) * (0.75 + random() / 4)));
  }
  switch (asked.kind) {
    case "retry-after":
      return Math.max(LEAST_MS, Math.round(asked.ms + random() * SPREAD_MS));
    case "retry":
      return backoffMs(attempt, TRANSIENT, random);
    case "stop":
      return backoffMs(attempt, HOPELESS, random);
    default:
      return asked satisfies never;
  }
}
