/** Claims about namespaces: what a new one has, how one ends. */
import assert from "node:assert/strict";
import { eventually } from "../../../cluster/eventually.ts";
import type { ApiUnderTest, Claim } from "../api_under_test.ts";
import { aMap, aPod, assertRefused, at, change, make, read } from "../wording.ts";

const HOLD = { finalizers: ["x.example/hold"] };

function self(api: ApiUnderTest): string {
  return `/api/v1/namespaces/${api.namespace}`;
}

export const NAMESPACES: readonly Claim[] = [
  {
    says: "a namespace is Active, labelled with its name, and has a default account",
    holds: async (api) => {
      const namespace = await api.done("GET", self(api));
      assert.equal(namespace.status.phase, "Active");
      assert.equal(namespace.metadata.labels["kubernetes.io/metadata.name"], api.namespace);
      assert.deepEqual(namespace.spec.finalizers, ["kubernetes"]);
      assert.equal((await read(api, "serviceaccounts", "default")).metadata.name, "default");
    },
  },
  {
    says: "a namespace that ends takes everything along, and waits for finalizers",
    holds: async (api) => {
      await make(api, "configmaps", aMap("held", {}, HOLD));
      await make(api, "pods", aPod("a"));
      const terminating = await api.done("DELETE", self(api));
      assert.equal(terminating.status.phase, "Terminating");
      assert.ok(terminating.metadata.deletionTimestamp);
      await eventually("the pod to go", async () => {
        const { code } = await api.call("GET", at(api, "pods", "a"));
        return code === 404 ? true : undefined;
      });
      await eventually("the deletion of what is held", async () => {
        const { metadata } = await read(api, "configmaps", "held");
        return metadata.deletionTimestamp;
      });
      assert.equal((await api.done("GET", self(api))).metadata.name, api.namespace);
      await change(api, "configmaps", { name: "held", patch: { metadata: { finalizers: null } } });
      await eventually("the namespace to go", async () => {
        const { code } = await api.call("GET", self(api));
        return code === 404 ? true : undefined;
      });
    },
  },
  {
    says: "nothing is created in a namespace that ends, and the refusal has a cause",
    holds: async (api) => {
      await make(api, "configmaps", aMap("held", {}, HOLD));
      await api.done("DELETE", self(api));
      const { namespace } = api;
      assertRefused(await api.call("POST", at(api, "configmaps"), { body: aMap("late") }), {
        code: 403,
        reason: "Forbidden",
        message: `configmaps "late" is forbidden: unable to create new content in namespace ` +
          `${namespace} because it is being terminated`,
        details: {
          name: "late",
          kind: "configmaps",
          causes: [{
            reason: "NamespaceTerminating",
            message: `namespace ${namespace} is being terminated`,
            field: "metadata.namespace",
          }],
        },
      });
      await change(api, "configmaps", { name: "held", patch: { metadata: { finalizers: null } } });
    },
  },
  {
    says: "what is there in a namespace that ends can still change",
    holds: async (api) => {
      await make(api, "configmaps", aMap("held", {}, HOLD));
      await api.done("DELETE", self(api));
      const after = await change(api, "configmaps", { name: "held", patch: { data: { k: "v" } } });
      assert.deepEqual(after.data, { k: "v" });
      await change(api, "configmaps", { name: "held", patch: { metadata: { finalizers: null } } });
    },
  },
];
