/**
 * The calls of our processes on their way: some are spoilt, at some the process dies, watches may be held back. Knows
 * which faults are armed; what a call means to its sender is nobody's business here.
 */
import type { Clock } from "../../lib/clock.ts";
import { isWrite } from "../../tests/journeys/crash_points.ts";
import type { Caller, CallerTap } from "../../tests/journeys/stage.ts";
import { carriedOut } from "./mishaps.ts";
import type { Deed } from "./plan.ts";

export type CrashDeed = Extract<Deed, { do: "crash" }>;
export type SpoilDeed = Extract<Deed, { do: "spoil" }>;

/** A call that a fault has hit. */
export interface BittenCall {
  readonly request: Request;
  readonly from: Caller;
}

export interface CallFaultsOptions {
  readonly clock: Clock;
  /** A fault that was armed has bitten. */
  readonly onBite: (deed: CrashDeed | SpoilDeed, of: BittenCall) => void;
}

interface Armed<D> {
  readonly deed: D;
  /** Calls that pass before it bites. */
  skip: number;
  times: number;
}

export class CallFaults {
  readonly #options: CallFaultsOptions;
  #armed: Armed<CrashDeed | SpoilDeed>[] = [];
  /** Until when the watches of these callers tell nothing, in ms. */
  readonly #held = new Map<Caller["kind"] | Caller, number>();
  readonly #isolated = new Set<Caller>();

  constructor(options: CallFaultsOptions) {
    this.#options = options;
  }

  /** From now on its calls are counted. */
  arm(deed: CrashDeed | SpoilDeed): void {
    const isCrash = deed.do === "crash";
    const [skip, times] = isCrash ? [deed.call - 1, 1] : [deed.skip, deed.times];
    this.#armed.push({ deed, skip, times });
  }

  /** What is still armed will never bite. */
  disarm(): void {
    this.#armed = [];
  }

  /** Watches of these callers tell nothing for `ms`; then they tell everything. */
  hold(whose: Caller["kind"] | Caller, ms: number): void {
    this.#held.set(whose, this.#options.clock.now().getTime() + ms);
  }

  /** Until {@link join}, this caller does not reach the API server. */
  isolate(caller: Caller): void {
    this.#isolated.add(caller);
  }

  join(caller: Caller): void {
    this.#isolated.delete(caller);
  }

  readonly tap: CallerTap = async (request, send, from) => {
    const { host, searchParams } = new URL(request.url);
    const side = host.startsWith("kubernetes") ? "kubernetes" : "github";
    if (side === "kubernetes" && this.#isolated.has(from)) {
      throw new TypeError("network is unreachable");
    }
    const bite = this.#bite({ request, side, from });
    if (bite?.do === "crash") {
      this.#options.onBite(bite, { request, from });
      if (bite.when === "before") return from.crash();
      const response = await send();
      from.crash();
      return response;
    }
    if (bite !== undefined) {
      this.#options.onBite(bite, { request, from });
      const { clock } = this.#options;
      return await carriedOut(bite.how, side, { request, send, clock });
    }
    if (side !== "kubernetes" || !searchParams.has("watch")) return;
    return this.#heldBack(await send(), { request, from });
  };

  /** The first armed fault that is due. */
  #bite(
    call: BittenCall & { readonly side: SpoilDeed["side"] },
  ): CrashDeed | SpoilDeed | undefined {
    for (const armed of this.#armed) {
      const { deed } = armed;
      if (deed.who !== call.from.kind) continue;
      if (deed.do === "crash" ? !isWrite(call.request) : deed.side !== call.side) continue;
      if (armed.skip-- > 0) continue;
      if (--armed.times === 0) this.#armed = this.#armed.filter((other) => other !== armed);
      return deed;
    }
    return undefined;
  }

  /** The same answer; what it tells waits while its reader is held. */
  #heldBack(
    response: Response,
    of: BittenCall,
  ): Response {
    const reader = response.body?.getReader();
    if (reader === undefined || !response.ok) return response;
    const { clock } = this.#options;
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { done, value } = await reader.read();
        const waitMs = this.#heldUntil(of.from) - clock.now().getTime();
        if (waitMs > 0) await clock.sleep(waitMs, of.request.signal);
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
    return new Response(body, { status: response.status, headers: response.headers });
  }

  #heldUntil(from: Caller): number {
    return Math.max(this.#held.get(from) ?? 0, this.#held.get(from.kind) ?? 0);
  }
}
