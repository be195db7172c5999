/** Amounts as Kubernetes writes them ("500m", "1Gi") as numbers and back. Pure. Source: `resource.Quantity` of apimachinery. */

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const FORM = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;

/** The number that a quantity stands for; `undefined` when it is none. */
export function quantityOf(quantity: unknown): number | undefined {
  if (typeof quantity === "number") return quantity;
  const match = FORM.exec(typeof quantity === "string" ? quantity : "");
  if (match === null) return undefined;
  return Number(match[1]) * (FACTORS[match[2] ?? ""] ?? 1);
}

/** A sum as Kubernetes would print it: thousandths for small amounts, binary suffixes for round sizes. */
export function quantityText(value: number): string {
  if (!Number.isInteger(value)) return `${Math.ceil(value * 1000)}m`;
  for (const suffix of ["Pi", "Ti", "Gi", "Mi", "Ki"]) {
    const factor = FACTORS[suffix] ?? 1;
    if (value >= factor && value % factor === 0) return `${value / factor}${suffix}`;
  }
  return String(value);
}
