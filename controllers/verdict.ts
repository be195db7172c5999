/** What GitHub's answer to a credential means for those who want to use it, and when to show it again. Pure. */
import { advice, isGitHubError } from "../github/errors.ts";
import { isRefusal } from "../github/refusals.ts";
import { disposition } from "../lib/errors.ts";
import { documentText } from "./documents.ts";
import type { AccessProblem } from "./github_access.ts";
import { credentialDocument } from "./network_settings.ts";
import type { GitHubTarget } from "./reconcile/step.ts";

/** What GitHub said of an access. */
export interface Verdict {
  readonly fingerprint: string;
  readonly outcome: "accepted" | "refused" | "undecided";
  readonly problem: AccessProblem | undefined;
  /** Shown again from then on, by our clock. */
  readonly untilMs: number;
  /** In a row without success. */
  readonly times: number;
}

/** When a credential that was not taken is shown again, in ms: after this, then twice as long, up to the cap. */
const SHOW_AGAIN = { baseMs: 60_000, capMs: 600_000 };

/** GitHub took it: it is not shown again. */
export function accepted(fingerprint: string): Verdict {
  return { fingerprint, outcome: "accepted", problem: undefined, untilMs: Infinity, times: 0 };
}

/** `before`: the verdict until now, on this access or another one. */
export function failed(
  thrown: unknown,
  of: {
    readonly target: GitHubTarget;
    readonly fingerprint: string;
    readonly before: Verdict | undefined;
    readonly now: Date;
  },
): Verdict {
  const { fingerprint, before, now } = of;
  const times = before?.fingerprint === fingerprint ? before.times + 1 : 1;
  const waitMs = Math.min(SHOW_AGAIN.baseMs * 2 ** (times - 1), SHOW_AGAIN.capMs);
  return {
    fingerprint,
    outcome: isLasting(thrown) ? "refused" : "undecided",
    problem: problemOf(thrown, of.target),
    untilMs: now.getTime() + waitMs,
    times,
  };
}

/** Whether asking again alone will not help. */
function isLasting(thrown: unknown): boolean {
  return isRefusal(thrown) || (isOfNetwork(thrown) && disposition(thrown).kind === "stop");
}

function isOfNetwork(thrown: unknown): boolean {
  return isGitHubError(thrown, "github_unreachable", "github_host_denied");
}

function problemOf(thrown: unknown, target: GitHubTarget): AccessProblem {
  if (isOfNetwork(thrown)) {
    return { reason: "Unreachable", message: advice(thrown), about: "network" };
  }
  const key = documentText(credentialDocument(target));
  return isRefusal(thrown)
    ? { reason: "Refused", message: `${key}: ${advice(thrown)}` }
    : { reason: "NotTried", message: `${key} could not be tried yet: ${advice(thrown)}` };
}
