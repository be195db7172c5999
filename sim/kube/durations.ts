/** Spans of time as kubectl prints them. Pure. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

function two(ms: number, large: readonly [number, string], small: readonly [number, string]) {
  const first = Math.floor(ms / large[0]);
  const rest = Math.floor((ms % large[0]) / small[0]);
  return rest === 0 ? `${first}${large[1]}` : `${first}${large[1]}${rest}${small[1]}`;
}

/** "45s", "3m10s", "5h", "2d3h": coarser the longer it is. */
export function durationText(ms: number): string {
  if (ms < -SECOND) return "<invalid>";
  if (ms < 0) return "0s";
  if (ms < 2 * MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < 10 * MINUTE) return two(ms, [MINUTE, "m"], [SECOND, "s"]);
  if (ms < 3 * HOUR) return `${Math.floor(ms / MINUTE)}m`;
  if (ms < 8 * HOUR) return two(ms, [HOUR, "h"], [MINUTE, "m"]);
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)}h`;
  if (ms < 8 * DAY) return two(ms, [DAY, "d"], [HOUR, "h"]);
  if (ms < 2 * YEAR) return `${Math.floor(ms / DAY)}d`;
  if (ms < 8 * YEAR) return two(ms, [YEAR, "y"], [DAY, "d"]);
  return `${Math.floor(ms / YEAR)}y`;
}

/** The span since an RFC 3339 time; "<unknown>" without one. */
export function ageText(time: string | undefined, now: Date): string {
  if (time === undefined || Number.isNaN(Date.parse(time))) return "<unknown>";
  return durationText(now.getTime() - Date.parse(time));
}
