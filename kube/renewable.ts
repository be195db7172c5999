/** A value that is read again as it ages and when it is doubted. Knows time; refuses to know what the value is. */
import type { Clock } from "../lib/clock.ts";

export interface Renewable<T> {
  /** The value of the last minute, or a new one; the last good one while it cannot be read. Rejects only before the first. */
  read(): Promise<T>;
  /** The next {@link read} looks again. */
  doubt(): void;
  /**
   * Somebody refused `value`: reads again unless that was done meanwhile, and returns whether there is another now.
   * Rejects when it cannot be read.
   */
  renew(value: T): Promise<boolean>;
}

export interface RenewableOptions<T> {
  /** `hard`: the last value was refused, so that no cache behind this may answer. */
  readonly load: (how: "soft" | "hard") => Promise<T>;
  /** Whether two values are as good as one; the earlier is kept then. */
  readonly same: (a: T, b: T) => boolean;
  readonly clock: Clock;
  /** How long a value is trusted, in ms. Default 60 s. */
  readonly freshMs?: number;
}

const FRESH_MS = 60_000;

/** Loads nothing before the first {@link Renewable.read}; readers at one time share a load. */
export function createRenewable<T>(options: RenewableOptions<T>): Renewable<T> {
  const { load, same, clock, freshMs = FRESH_MS } = options;
  let held: { readonly value: T } | undefined;
  let readAtMs = -Infinity;
  let reading: Promise<T> | undefined;
  let renewing: Promise<T> | undefined;

  async function readNow(how: "soft" | "hard"): Promise<T> {
    const value = await load(how);
    if (held === undefined || !same(held.value, value)) held = { value };
    return held.value;
  }

  async function readOrKeep(): Promise<T> {
    try {
      return await readNow("soft");
    } catch (thrown) {
      if (held === undefined) throw thrown;
      return held.value;
    } finally {
      reading = undefined;
      readAtMs = clock.now().getTime();
    }
  }

  return {
    read() {
      const isFresh = clock.now().getTime() - readAtMs < freshMs;
      if (held !== undefined && isFresh) return Promise.resolve(held.value);
      return reading ??= readOrKeep();
    },
    doubt() {
      readAtMs = -Infinity;
    },
    async renew(value) {
      if (held !== undefined && held.value !== value) return true;
      renewing ??= readNow("hard").finally(() => {
        renewing = undefined;
        readAtMs = clock.now().getTime();
      });
      return await renewing !== value;
    },
  };
}
