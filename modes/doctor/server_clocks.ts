/** How far the clocks of servers are from ours, by the `Date` header of what they answer anyway. */
import type { Clock } from "../../lib/clock.ts";
import type { Fetch } from "../../lib/http.ts";
import type { ClockReading } from "./facts.ts";

/** One for a run; makes no call of its own. */
export class ServerClocks {
  readonly #clock: Clock;
  readonly #readings = new Map<string, ClockReading>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One per host: the answer that tells most exactly, as it was the quickest. */
  get readings(): readonly ClockReading[] {
    return [...this.#readings.values()];
  }

  /** The same fetch, listened to. */
  watching(fetch: Fetch, whose: ClockReading["whose"]): Fetch {
    return async (request) => {
      const beforeMs = this.#clock.now().getTime();
      const response = await fetch(request);
      this.#note(response.headers.get("date"), {
        host: new URL(request.url).host,
        whose,
        beforeMs,
      });
      return response;
    };
  }

  #note(
    date: string | null,
    of: { readonly host: string; readonly whose: ClockReading["whose"]; readonly beforeMs: number },
  ): void {
    const theirsMs = Date.parse(date ?? "");
    if (!Number.isFinite(theirsMs)) return;
    const afterMs = this.#clock.now().getTime();
    // The header says whole seconds: it is right anywhere between then and a second later.
    const earliestMs = theirsMs - afterMs;
    const latestMs = theirsMs + 1_000 - of.beforeMs;
    const aheadMs = earliestMs > 0 ? earliestMs : latestMs < 0 ? latestMs : 0;
    const before = this.#readings.get(of.host);
    if (before !== undefined && Math.abs(before.aheadMs) <= Math.abs(aheadMs)) return;
    this.#readings.set(of.host, { host: of.host, whose: of.whose, aheadMs });
  }
}
