/** Numbers from samples: quantiles, slopes, shares. Pure; refuses to know what was sampled. */

/** In the unit of the samples; `undefined` without samples. */
export interface Quantiles {
  readonly count: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

export function quantilesOf(samples: readonly number[]): Quantiles {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1];
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** A point in time with a value. */
export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** By least squares, in value an hour; `undefined` for fewer than two moments. */
export function slopePerHour(samples: readonly Sample[]): number | undefined {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const meanMs = mean(({ atMs }) => atMs);
  const meanValue = mean(({ value }) => value);
  let spread = 0;
  let common = 0;
  for (const { atMs, value } of samples) {
    spread += (atMs - meanMs) ** 2;
    common += (atMs - meanMs) * (value - meanValue);
  }
  return spread === 0 || samples.length < 2 ? undefined : common / spread * 3_600_000;
}

/** By how much two figures differ, as a share of the larger one; 0 when both are 0. */
export function difference(a: number, b: number): number {
  const larger = Math.max(a, b);
  return larger === 0 ? 0 : Math.abs(a - b) / larger;
}
