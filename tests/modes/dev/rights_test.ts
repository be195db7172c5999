import assert from "node:assert/strict";
import { missingRights } from "../../../modes/dev/rights.ts";

const controller = { namespace: "arc-systems", name: "controller" };

Deno.test({
  name: "rights are added where no manifest grants any to the controller",
  permissions: "none",
  fn: () => {
    const binding = {
      kind: "RoleBinding",
      metadata: { namespace: "granted", name: "b" },
      subjects: [{ kind: "ServiceAccount", ...controller }],
    };
    const stranger = {
      kind: "RoleBinding",
      metadata: { namespace: "other", name: "b" },
      subjects: [{ kind: "ServiceAccount", namespace: "x", name: "y" }],
    };
    const added = missingRights([binding, stranger], {
      controller,
      namespaces: ["granted", "other", "other"],
    });
    assert.deepEqual(added.map(({ kind, metadata }) => [kind, metadata?.namespace]), [
      ["Role", "other"],
      ["RoleBinding", "other"],
    ]);
  },
});
