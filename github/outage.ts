/**
 * While GitHub fails at a call that many make at once, one of them asks and the others wait: requests stay few however
 * many wait, and all of them go on within a minute of GitHub's return (F06). Knows no call; remembers one kind of them.
 */
import { type BackoffLimits, backoffMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { disposition } from "../lib/errors.ts";
import type { Random } from "../lib/random.ts";
import { GitHubError, isGitHubError } from "./errors.ts";

/** Between two who ask, in ms; each of them asks five times over by itself. */
const PAUSE: BackoffLimits = { baseMs: 4_000, capMs: 20_000 };
/** How soon to look whether somebody who asks has had an answer, in ms; as much again is added at random. */
const LOOK_MS = 4_000;

export interface OutageOptions {
  /** Words that complete "Cannot …", e.g. "create scale set". */
  readonly operation: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** What is known of one kind of call at one service. */
export class Outage {
  readonly #options: OutageOptions;
  #failures = 0;
  /** Before this nobody asks, in ms since the epoch. */
  #untilMs = 0;
  #isAsked = false;

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  /**
   * What `ask` resolves or rejects with. While GitHub fails, without asking: throws `github_unavailable` with
   * `retry-after`.
   */
  async spared<T>(ask: () => Promise<T>): Promise<T> {
    const isTrial = this.#failures > 0;
    if (isTrial) this.#checkTurn();
    if (isTrial) this.#isAsked = true;
    try {
      const answer = await ask();
      this.#failures = 0;
      return answer;
    } catch (thrown) {
      if (isOutage(thrown)) this.#failed(thrown);
      else if (thrown instanceof GitHubError) this.#failures = 0; // an answer, if not the one that was wanted
      throw thrown;
    } finally {
      if (isTrial) this.#isAsked = false;
    }
  }

  #checkTurn(): void {
    const { operation, random } = this.#options;
    const leftMs = this.#untilMs - this.#nowMs();
    if (leftMs <= 0 && !this.#isAsked) return;
    const ms = Math.round(Math.max(leftMs, 0) + LOOK_MS * (1 + random()));
    throw new GitHubError(
      "github_unavailable",
      `Cannot ${operation}: GitHub did not answer others just now; asked again in ${ms} ms`,
      { disposition: { kind: "retry-after", ms } },
    );
  }

  /** Those who asked at the same time failed once. */
  #failed(thrown: unknown): void {
    const nowMs = this.#nowMs();
    if (nowMs < this.#untilMs) return;
    const asked = disposition(thrown);
    const pauseMs = backoffMs(this.#failures, PAUSE, this.#options.random);
    this.#failures++;
    this.#untilMs = nowMs + (asked.kind === "retry-after" ? asked.ms : pauseMs);
  }

  #nowMs(): number {
    return this.#options.clock.now().getTime();
  }
}

function isOutage(thrown: unknown): boolean {
  return isGitHubError(thrown, "github_unavailable", "github_unreachable");
}
