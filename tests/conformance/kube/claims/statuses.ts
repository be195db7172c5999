/** Claims about the status subresource and generation. */
import assert from "node:assert/strict";
import type { Claim } from "../api_under_test.ts";
import {
  aPod,
  assertRefused,
  at,
  aWidget,
  change,
  make,
  MERGE,
  read,
  STRATEGIC,
} from "../wording.ts";

export const STATUSES: readonly Claim[] = [
  {
    says: "a create drops the status that it carries",
    holds: async (api) => {
      const made = await make(api, "widgets", { ...aWidget("a"), status: { phase: "Ready" } });
      assert.equal(made.status, undefined);
    },
  },
  {
    says: "a write to the object leaves the status alone, a write to the status all else",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a"));
      const both = { spec: { size: 1 }, status: { phase: "Ready" } };
      const main = await change(api, "widgets", { name: "a", patch: both });
      assert.deepEqual([main.spec.size, main.status], [1, undefined]);
      const patch = {
        spec: { size: 2 },
        status: { phase: "Ready" },
        metadata: { labels: { x: "y" }, annotations: { x: "y" }, finalizers: ["x.example/f"] },
      };
      const after = await change(api, "widgets", { name: "a/status", patch });
      assert.deepEqual([after.spec.size, after.status], [1, { phase: "Ready" }]);
      assert.equal(after.metadata.labels, undefined);
      assert.equal(after.metadata.annotations, undefined);
      assert.equal(after.metadata.finalizers, undefined);
    },
  },
  {
    says: "generation starts at 1, grows with the spec, and with nothing else",
    holds: async (api) => {
      const made = await make(api, "widgets", aWidget("a"));
      assert.equal(made.metadata.generation, 1);
      const labelled = await change(api, "widgets", {
        name: "a",
        patch: { metadata: { labels: { x: "y" } } },
      });
      assert.equal(labelled.metadata.generation, 1);
      const sized = await change(api, "widgets", { name: "a", patch: { spec: { size: 1 } } });
      assert.equal(sized.metadata.generation, 2);
      const stated = await change(api, "widgets", {
        name: "a/status",
        patch: { status: { phase: "Ready" } },
      });
      assert.equal(stated.metadata.generation, 2);
      assert.notEqual(stated.metadata.resourceVersion, sized.metadata.resourceVersion);
    },
  },
  {
    says: "a status that changes nothing keeps the resourceVersion",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a"));
      const patch = { status: { phase: "Ready" } };
      const first = await change(api, "widgets", { name: "a/status", patch });
      const second = await change(api, "widgets", { name: "a/status", patch });
      assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
    },
  },
  {
    says: "a status is validated and pruned",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a"));
      const pruned = await change(api, "widgets", {
        name: "a/status",
        patch: { status: { phase: "Ready", unknown: 1 } },
      });
      assert.deepEqual(pruned.status, { phase: "Ready" });
      const body = { status: { phase: 1 } };
      const answer = await api.call("PATCH", at(api, "widgets", "a/status"), { body, type: MERGE });
      assertRefused(answer, {
        code: 422,
        reason: "Invalid",
        message:
          'Widget.conformance.longshore.dev "a" is invalid: status.phase: Invalid value: "integer": ' +
          'phase in body must be of type string: "integer"',
      });
    },
  },
  {
    says: "a status with an old resourceVersion is 409",
    holds: async (api) => {
      const { metadata } = await make(api, "widgets", aWidget("a"));
      await change(api, "widgets", { name: "a", patch: { spec: { size: 1 } } });
      const { resourceVersion } = metadata;
      const body = { metadata: { resourceVersion }, status: { phase: "Ready" } };
      const answer = await api.call("PATCH", at(api, "widgets", "a/status"), { body, type: MERGE });
      assertRefused(answer, {
        code: 409,
        reason: "Conflict",
        message: /the object has been modified/,
      });
    },
  },
  {
    says: "the status is replaced by an update of the subresource, and removed by null",
    holds: async (api) => {
      const made = await make(api, "widgets", aWidget("a"));
      const stated = { ...made, status: { phase: "Ready" } };
      const after = await api.done("PUT", at(api, "widgets", "a/status"), { body: stated });
      assert.deepEqual(after.status, { phase: "Ready" });
      const none = await change(api, "widgets", { name: "a/status", patch: { status: null } });
      assert.equal(none.status, undefined);
    },
  },
  {
    says: "a get of the subresource answers the whole object",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a", { size: 1 }));
      assert.equal((await read(api, "widgets", "a/status")).spec.size, 1);
    },
  },
  {
    says: "a kubelet writes the status of a pod, and nobody writes it with the pod",
    holds: async (api) => {
      const made = await make(api, "pods", aPod("a"));
      assert.equal(made.status.phase, "Pending");
      const patch = { status: { phase: "Running" } };
      assert.equal((await change(api, "pods", { name: "a", patch })).status.phase, "Pending");
      const after = await change(api, "pods", { name: "a/status", patch });
      assert.equal(after.status.phase, "Running");
    },
  },
  {
    says: "a strategic patch of a pod's status merges conditions by type",
    holds: async (api) => {
      await make(api, "pods", aPod("a"));
      const patch = async (type: string, status: string) =>
        await api.done("PATCH", at(api, "pods", "a/status"), {
          type: STRATEGIC,
          body: { status: { conditions: [{ type, status }] } },
        });
      await patch("Ready", "False");
      await patch("Initialized", "True");
      const after = await patch("Ready", "True");
      // deno-lint-ignore no-explicit-any
      const seen = Object.fromEntries(after.status.conditions.map((c: any) => [c.type, c.status]));
      assert.deepEqual(seen, { Ready: "True", Initialized: "True" });
    },
  },
];
