/** Randomness as an argument: whoever draws takes a {@link Random}, so that a seed replays a whole run. */

/** The next number, uniform in [0, 1). */
export type Random = () => number;

/** The randomness of the machine. */
export const systemRandom: Random = Math.random;

/** The same sequence for the same seed (mulberry32; not for secrets). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `length` characters drawn from `alphabet`. */
export function randomText(random: Random, length: number, alphabet: string): string {
  let text = "";
  for (let i = 0; i < length; i++) text += alphabet[Math.floor(random() * alphabet.length)];
  return text;
}

/** A version 4 UUID. */
export function randomUuid(random: Random): string {
  const hex = randomText(random, 32, "0123456789abcdef").split("");
  hex[12] = "4";
  hex[16] = "89ab"[Math.floor(random() * 4)] as string;
  const text = hex.join("");
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([from, to]) => text.slice(from, to))
    .join("-");
}
