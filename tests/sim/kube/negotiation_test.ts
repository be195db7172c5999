import assert from "node:assert/strict";
import { formOf } from "../../../sim/kube/negotiation.ts";

const ROWS: readonly (readonly [string | null, string])[] = [
  [null, "whole"],
  ["*/*", "whole"],
  ["application/json", "whole"],
  ["application/vnd.kubernetes.protobuf,application/json", "whole"],
  ["application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "table"],
  ["application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", "whole"],
  ["application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", "partial"],
];

for (const [accept, form] of ROWS) {
  Deno.test(`${accept} is answered with the form "${form}"`, { permissions: "none" }, () => {
    assert.equal(formOf(accept), form);
  });
}

Deno.test("who takes no JSON is refused", { permissions: "none" }, () => {
  assert.throws(() => formOf("application/vnd.kubernetes.protobuf"), { code: 406 });
});
