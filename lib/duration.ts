/**
 * Spans of time as people write them, `1h30m` or `250ms`, and what is built on them: ranges `2s..8s` and rates `30/m`.
 * Inside the house a span is a whole number of milliseconds.
 */

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/**
 * The span in ms, rounded to whole ones: numbers with a unit (`ms s m h d`), one after the other, or a bare `0`.
 * `undefined` when the text is no span of time; there are no negative ones.
 */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  let ms = 0;
  let end = 0;
  for (const part of text.matchAll(PART)) {
    if (part.index !== end) return undefined;
    end += part[0].length;
    ms += Number(part[1]) * (UNIT_MS[part[2] as string] as number);
  }
  if (end === 0 || end !== text.length) return undefined;
  const whole = Math.round(ms);
  return Number.isSafeInteger(whole) ? whole : undefined;
}

/** The shortest text in hours, minutes, seconds and ms that {@link parseDuration} reads back. Expects `ms` ≥ 0. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  let text = "";
  for (const unit of ["h", "m", "s", "ms"]) {
    const size = UNIT_MS[unit] as number;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === "" ? "0s" : text;
}

/** A span of which only the bounds are known, both included, in ms. */
export interface DurationRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Reads `2s..8s`, or `5s` for a range of one. `undefined` when it is neither, or the bounds are the wrong way round. */
export function parseDurationRange(text: string): DurationRange | undefined {
  const [from = "", to = from, ...more] = text.split("..");
  const fromMs = parseDuration(from);
  const toMs = parseDuration(to);
  if (more.length > 0 || fromMs === undefined || toMs === undefined || fromMs > toMs) {
    return undefined;
  }
  return { fromMs, toMs };
}

/** The text that {@link parseDurationRange} reads back. */
export function formatDurationRange(range: DurationRange): string {
  const from = formatDuration(range.fromMs);
  return range.fromMs === range.toMs ? from : `${from}..${formatDuration(range.toMs)}`;
}

const RATE = /^(\d+(?:\.\d+)?)\/(s|m|h|d)$/;

/** Reads `30/m`, so many in a unit of time, as a number per second. `undefined` when the text is no rate. */
export function parseRate(text: string): number | undefined {
  const match = RATE.exec(text);
  if (match === null) return undefined;
  const perSecond = Number(match[1]) * 1_000 / (UNIT_MS[match[2] as string] as number);
  return Number.isFinite(perSecond) ? perSecond : undefined;
}

/** The text that {@link parseRate} reads back, in the largest unit (second, minute, hour) that gives a whole number. */
export function formatRate(perSecond: number): string {
  for (const [unit, seconds] of [["s", 1], ["m", 60], ["h", 3600]] as const) {
    const count = Math.round(perSecond * seconds * 1e9) / 1e9;
    if (Number.isInteger(count)) return `${count}/${unit}`;
  }
  return `${perSecond}/s`;
}
