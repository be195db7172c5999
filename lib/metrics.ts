/** Metrics as tables: a row declares a series with the meaning of its labels; recording names the row. Door of prom-client. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { InvalidInput } from "./errors.ts";

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

/** The media type of {@link Metrics.render}. */
export const METRICS_CONTENT_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

/** A series without labels whose value is read when somebody asks; `undefined` leaves it out. */
export interface ComputedMetric {
  readonly row: MetricRow & { readonly kind: "counter" | "gauge"; readonly labels: readonly [] };
  read(): number | undefined;
}

export interface MetricsOptions {
  readonly computed?: readonly ComputedMetric[];
}

type Series =
  | { readonly kind: "counter"; readonly row: MetricRow; readonly metric: Counter }
  | { readonly kind: "gauge"; readonly row: MetricRow; readonly metric: Gauge }
  | { readonly kind: "histogram"; readonly row: MetricRow; readonly metric: Histogram };

/**
 * Metrics of their own, independent of any others in the process. Series without labels are there from the start, at 0;
 * those with labels from their first recording (`increment(name, labels, 0)` shows one that has not happened yet).
 * Rows may come from a user: {@link InvalidInput} on a name declared twice, an illegal name, or buckets out of order.
 * A recording with other labels than the row's, or of a value that is no number, is a bug and throws `TypeError`.
 */
export function declareMetrics(rows: readonly MetricRow[], options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  const series = new Map<string, Series>();
  const claimed = new Set<string>();
  for (const row of rows) {
    claim(row, claimed);
    series.set(row.name, declared(row, registry));
  }
  for (const computed of options.computed ?? []) {
    claim(computed.row, claimed);
    if (computed.read() !== undefined) compute(computed, registry);
  }
  return recording(series, registry);
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Checks a row and takes its name. */
function claim(row: MetricRow, claimed: Set<string>): void {
  if (!METRIC_NAME.test(row.name)) throw new InvalidInput(`"${row.name}" is no name of a metric`);
  if (claimed.has(row.name)) throw new InvalidInput(`Metric "${row.name}" is declared twice`);
  claimed.add(row.name);
  const wrong = row.labels.find((label, i) =>
    !LABEL_NAME.test(label) || row.labels.indexOf(label) !== i ||
    (row.kind === "histogram" && label === "le")
  );
  if (wrong !== undefined) {
    throw new InvalidInput(`Metric "${row.name}" cannot have the label "${wrong}"`);
  }
  const bounds = row.buckets ?? [];
  if (bounds.some((bound, i) => !Number.isFinite(bound) || bound <= (bounds[i - 1] ?? -Infinity))) {
    throw new InvalidInput(`The buckets of metric "${row.name}" must be numbers in rising order`);
  }
}

function declared(row: MetricRow, registry: Registry): Series {
  const config = {
    name: row.name,
    help: row.help,
    labelNames: [...row.labels],
    registers: [registry],
  };
  switch (row.kind) {
    case "counter":
      return { kind: "counter", row, metric: new Counter(config) };
    case "gauge":
      return { kind: "gauge", row, metric: new Gauge(config) };
    case "histogram": {
      const buckets = row.buckets === undefined ? {} : { buckets: [...row.buckets] };
      return { kind: "histogram", row, metric: new Histogram({ ...config, ...buckets }) };
    }
    default:
      return row.kind satisfies never;
  }
}

function compute({ row, read }: ComputedMetric, registry: Registry): void {
  const config = { name: row.name, help: row.help, registers: [registry] };
  if (row.kind === "gauge") {
    new Gauge({
      ...config,
      collect() {
        this.set(read() ?? 0);
      },
    });
    return;
  }
  new Counter({
    ...config,
    collect() {
      this.reset();
      this.inc(read() ?? 0);
    },
  });
}

function recording(series: ReadonlyMap<string, Series>, registry: Registry): Metrics {
  const find = <Kind extends Series["kind"]>(name: string, kind: Kind, labels: LabelValues) => {
    const found = series.get(name);
    if (found?.kind !== kind) throw new TypeError(`No ${kind} "${name}" was declared`);
    checkLabels(found.row, labels);
    return found.metric as Extract<Series, { kind: Kind }>["metric"];
  };
  return {
    increment(name, labels = {}, by = 1) {
      if (!(by >= 0)) throw new TypeError(`Counter "${name}" cannot grow by ${by}`);
      find(name, "counter", labels).inc(labels, by);
    },
    set(name, value, labels = {}) {
      if (Number.isNaN(value)) throw new TypeError(`Gauge "${name}" cannot be NaN`);
      find(name, "gauge", labels).set(labels, value);
    },
    observe(name, value, labels = {}) {
      if (!Number.isFinite(value)) {
        throw new TypeError(`Histogram "${name}" cannot observe ${value}`);
      }
      find(name, "histogram", labels).observe(labels, value);
    },
    forget(name, labels) {
      const found = series.get(name);
      if (found === undefined) throw new TypeError(`No metric "${name}" was declared`);
      checkLabels(found.row, labels);
      found.metric.remove(labels);
    },
    render: () => registry.metrics(),
  };
}

function checkLabels(row: MetricRow, labels: LabelValues): void {
  const given = Object.keys(labels);
  if (given.length === row.labels.length && row.labels.every((name) => name in labels)) return;
  throw new TypeError(
    `Metric "${row.name}" has the labels (${row.labels.join(", ")}), given (${given.join(", ")})`,
  );
}
