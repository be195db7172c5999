import assert from "node:assert/strict";
import { quantityOf } from "../../kube/quantity.ts";

const ROWS: readonly (readonly [quantity: unknown, wanted: number])[] = [
  ["500m", 0.5],
  ["2", 2],
  [3, 3],
  ["1Gi", 2 ** 30],
  ["1.5k", 1500],
  ["1e3", 1000],
  ["", 0],
  ["much", 0],
  [undefined, 0],
];

for (const [quantity, wanted] of ROWS) {
  Deno.test({
    name: `quantity ${JSON.stringify(quantity) ?? "absent"} is ${wanted}`,
    permissions: "none",
    fn: () => assert.equal(quantityOf(quantity), wanted),
  });
}
