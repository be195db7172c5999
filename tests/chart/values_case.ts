/** A claim about keys of a chart's values: what they do to what is rendered. Knows the shape of such tables only. */
import { chartTest } from "./chart_test_case.ts";
import { type Release, render, type Rendered } from "./render.ts";

export interface ValuesCase {
  /** Paths of keys of the values file that the claim is about. */
  readonly covers: readonly string[];
  readonly claim: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Where it differs from the release that the table is for. */
  readonly release?: Partial<Release>;
  holds(rendered: Rendered): void;
}

/** Registers one test per case; each renders once. */
export function valuesTests(cases: readonly ValuesCase[], base: Release): void {
  for (const { covers, claim, values, release, holds } of cases) {
    chartTest(`${base.chart}: ${covers.join(", ")}: ${claim}`, async () => {
      holds(await render({ ...base, ...release, values: { ...base.values, ...values } }));
    });
  }
}
