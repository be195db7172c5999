/**
 * How long a leader may write, by its own clock. A process that stood still (a paused machine, SIGSTOP) goes on in the
 * middle of its work and hears of a lost lease only later: so each write asks here first. Refuses to know the lease.
 */
import type { Clock } from "../lib/clock.ts";
import { HouseError } from "../lib/errors.ts";
import type { Fetch } from "../lib/http.ts";

/** The process must end, because another may lead by now. */
export class LeadershipLost extends HouseError {
  override readonly name = "LeadershipLost";
  override readonly code = "leadership_lost";
  override readonly disposition = { kind: "stop" } as const;
}

/** Reads change nothing, so that a leader that lost the lead may still look. */
const READS: readonly string[] = ["GET", "HEAD"];

/** Of one process. Whoever was never elected, or needs no election, may write. */
export class Tenure {
  readonly #clock: Clock;
  #untilMs = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Others leave us alone until then, in ms of the clock. Called at the election and at each renewal. */
  lasts(untilMs: number): void {
    this.#untilMs = untilMs;
  }

  /** The same network, on which a write after the tenure's end rejects with {@link LeadershipLost} and is not sent. */
  guards(fetch: Fetch): Fetch {
    return (request) => {
      if (READS.includes(request.method)) return fetch(request);
      const lateMs = this.#clock.now().getTime() - this.#untilMs;
      if (lateMs < 0) return fetch(request);
      return Promise.reject(
        new LeadershipLost(`Not sent: our lease ran out ${lateMs} ms ago and another may lead`),
      );
    };
  }
}
