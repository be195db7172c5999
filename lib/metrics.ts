/** Metrics as tables: a row declares a series with the meaning of its labels; recording names the row. */

export interface MetricRow {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  /** One sentence, which also says what each label means. */
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, for histograms only. */
  readonly buckets?: readonly number[];
}

export type LabelValues = Readonly<Record<string, string>>;

/** Recording side. A name that was not declared is a bug and throws. */
export interface Metrics {
  increment(name: string, labels?: LabelValues, by?: number): void;
  set(name: string, value: number, labels?: LabelValues): void;
  observe(name: string, value: number, labels?: LabelValues): void;
  /** Drops the series with exactly these labels: series go with their object. */
  forget(name: string, labels: LabelValues): void;
  /** The Prometheus text exposition of everything declared. */
  render(): Promise<string>;
}

/** Records nothing; the default of tests. */
export const silentMetrics: Metrics = {
  increment() {},
  set() {},
  observe() {},
  forget() {},
  render: () => Promise.resolve(""),
};
