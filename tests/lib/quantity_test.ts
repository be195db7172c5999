import assert from "node:assert/strict";
import { quantityOf, quantityText } from "../../lib/quantity.ts";

const ROWS: readonly (readonly [quantity: unknown, wanted: number | undefined])[] = [
  ["500m", 0.5],
  ["2", 2],
  [3, 3],
  ["1Gi", 2 ** 30],
  ["1.5k", 1500],
  ["1e3", 1000],
  ["", undefined],
  ["much", undefined],
  [undefined, undefined],
];

for (const [quantity, wanted] of ROWS) {
  Deno.test({
    name: `quantity ${JSON.stringify(quantity) ?? "absent"} is ${wanted ?? "none"}`,
    permissions: "none",
    fn: () => assert.equal(quantityOf(quantity), wanted),
  });
}

Deno.test("a sum is written as Kubernetes would", { permissions: "none" }, () => {
  assert.equal(quantityText(1.5), "1500m");
  assert.equal(quantityText(2 ** 31), "2Gi");
  assert.equal(quantityText(3), "3");
});
