/**
 * Bad weather between us and the servers: a tap that now and then answers in their place, or loses what was said. Knows
 * how often; what goes wrong is in the table of `tools/explore/mishaps.ts`, and what a call means to us is nobody's
 * business here.
 */
import type { VirtualClock } from "../../sim/clock.ts";
import type { Random } from "../../lib/random.ts";
import { carriedOut, MISHAP_NAMES, type MishapName } from "../../tools/explore/mishaps.ts";
import type { Tap } from "./stage.ts";

export interface WeatherOptions {
  readonly clock: VirtualClock;
  readonly random: Random;
  /** Share of the calls that go wrong, 0 to 1. */
  readonly share: number;
}

export interface Weather {
  readonly tap: Tap;
  /** Calls since the start, those that went wrong included. */
  readonly calls: number;
  readonly spoilt: number;
  /** From now on all calls pass. */
  clear(): void;
}

/** Weather that is bad until it clears; what goes wrong, and when, follows from `random`. */
export function badWeather(options: WeatherOptions): Weather {
  const { clock, random, share } = options;
  let calls = 0;
  let spoilt = 0;
  let isBad = true;
  return {
    tap: async (request, send) => {
      calls++;
      if (!isBad || random() >= share) return;
      spoilt++;
      const { host } = new URL(request.url);
      const side = host.startsWith("kubernetes") ? "kubernetes" : "github";
      const names = MISHAP_NAMES[side];
      const name = names[Math.floor(random() * names.length)] as MishapName;
      return await carriedOut(name, side, { request, send, clock });
    },
    get calls() {
      return calls;
    },
    get spoilt() {
      return spoilt;
    },
    clear: () => isBad = false,
  };
}
