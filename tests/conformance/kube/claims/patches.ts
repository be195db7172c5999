/** Claims about merge, JSON and strategic patches. */
import assert from "node:assert/strict";
import type { Claim } from "../api_under_test.ts";
import {
  aMap,
  aPod,
  assertRefused,
  at,
  aWidget,
  change,
  JSON_PATCH,
  make,
  MERGE,
  STRATEGIC,
} from "../wording.ts";

export const PATCHES: readonly Claim[] = [
  {
    says: "a merge patch merges objects, replaces lists and removes what is null",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a", { size: 1, label: "x", tags: ["p", "q"] }));
      const after = await change(api, "widgets", {
        name: "a",
        patch: { spec: { size: null, tags: ["r"], nested: { mode: "manual" } } },
      });
      assert.deepEqual(after.spec, {
        colour: "red",
        label: "x",
        tags: ["r"],
        nested: { mode: "manual" },
      });
    },
  },
  {
    says: "a null in a merge patch removes a label, and the last one the map",
    holds: async (api) => {
      await make(api, "configmaps", aMap("a", {}, { labels: { x: "1", y: "2" } }));
      const patch = (labels: unknown) => ({ metadata: { labels } });
      const one = await change(api, "configmaps", { name: "a", patch: patch({ x: null }) });
      assert.deepEqual(one.metadata.labels, { y: "2" });
      const none = await change(api, "configmaps", { name: "a", patch: patch({ y: null }) });
      assert.equal(none.metadata.labels, undefined);
    },
  },
  {
    says: "a merge patch that carries an old resourceVersion is 409",
    holds: async (api) => {
      const { metadata } = await make(api, "widgets", aWidget("a"));
      await change(api, "widgets", { name: "a", patch: { spec: { size: 1 } } });
      const body = {
        metadata: { resourceVersion: metadata.resourceVersion },
        spec: { size: 2 },
      };
      assertRefused(await api.call("PATCH", at(api, "widgets", "a"), { body, type: MERGE }), {
        code: 409,
        reason: "Conflict",
        message:
          'Operation cannot be fulfilled on widgets.conformance.longshore.dev "a": the object has ' +
          "been modified; please apply your changes to the latest version and try again",
        details: { name: "a", group: "conformance.longshore.dev", kind: "widgets" },
      });
    },
  },
  {
    says: "a merge patch that carries the current resourceVersion is taken",
    holds: async (api) => {
      const { metadata } = await make(api, "widgets", aWidget("a"));
      const { resourceVersion } = metadata;
      const patch = { metadata: { resourceVersion }, spec: { size: 2 } };
      const after = await change(api, "widgets", { name: "a", patch });
      assert.equal(after.spec.size, 2);
      assert.notEqual(after.metadata.resourceVersion, resourceVersion);
    },
  },
  {
    says: "a merge patch that carries another uid is 422",
    holds: async (api) => {
      const body = { metadata: { uid: "00000000-0000-4000-8000-000000000000" } };
      await make(api, "configmaps", aMap("a"));
      assertRefused(await api.call("PATCH", at(api, "configmaps", "a"), { body, type: MERGE }), {
        code: 422,
        reason: "Invalid",
        message: 'ConfigMap "a" is invalid: metadata.uid: Invalid value: ' +
          '"00000000-0000-4000-8000-000000000000": field is immutable',
      });
    },
  },
  {
    says: "a patch of an object that is not there is 404",
    holds: async (api) => {
      const answer = await api.call("PATCH", at(api, "configmaps", "a"), { body: {}, type: MERGE });
      assertRefused(answer, { code: 404, message: 'configmaps "a" not found' });
    },
  },
  {
    says: "a patch to another name is 400",
    holds: async (api) => {
      await make(api, "configmaps", aMap("a"));
      const body = { metadata: { name: "b" } };
      const answer = await api.call("PATCH", at(api, "configmaps", "a"), { body, type: MERGE });
      assertRefused(answer, {
        code: 400,
        message: "the name of the object (b) does not match the name on the URL (a)",
      });
    },
  },
  {
    says: "a JSON patch adds, replaces and removes in order",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a", { size: 1, tags: ["p"] }));
      const after = await api.done("PATCH", at(api, "widgets", "a"), {
        type: JSON_PATCH,
        body: [
          { op: "test", path: "/spec/size", value: 1 },
          { op: "replace", path: "/spec/size", value: 2 },
          { op: "add", path: "/spec/tags/-", value: "q" },
          { op: "remove", path: "/spec/colour" },
        ],
      });
      assert.equal(after.spec.size, 2);
      assert.deepEqual(after.spec.tags, ["p", "q"]);
      assert.equal(after.spec.colour, "red"); // defaulted again
    },
  },
  {
    says: "a failed test of a JSON patch is 422 without causes",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a", { size: 1 }));
      const answer = await api.call("PATCH", at(api, "widgets", "a"), {
        type: JSON_PATCH,
        body: [{ op: "test", path: "/spec/size", value: 9 }],
      });
      assertRefused(answer, {
        code: 422,
        reason: "Invalid",
        message: "the server rejected our request due to an error in our request",
      });
      assert.equal(answer.body.details?.causes, undefined);
    },
  },
  {
    says: "a JSON patch that removes what is not there is 422",
    holds: async (api) => {
      await make(api, "configmaps", aMap("a"));
      const answer = await api.call("PATCH", at(api, "configmaps", "a"), {
        type: JSON_PATCH,
        body: [{ op: "remove", path: "/data/k" }],
      });
      assertRefused(answer, { code: 422, reason: "Invalid" });
    },
  },
  {
    says: "a JSON patch can take out one finalizer that it has tested",
    holds: async (api) => {
      await make(
        api,
        "configmaps",
        aMap("a", {}, { finalizers: ["x.example/one", "x.example/two"] }),
      );
      const after = await api.done("PATCH", at(api, "configmaps", "a"), {
        type: JSON_PATCH,
        body: [
          { op: "test", path: "/metadata/finalizers/0", value: "x.example/one" },
          { op: "remove", path: "/metadata/finalizers/0" },
        ],
      });
      assert.deepEqual(after.metadata.finalizers, ["x.example/two"]);
      await change(api, "configmaps", { name: "a", patch: { metadata: { finalizers: null } } });
    },
  },
  {
    says: "a strategic patch merges lists of built-in kinds by their key",
    holds: async (api) => {
      await make(api, "pods", aPod("a"));
      const after = await api.done("PATCH", at(api, "pods", "a"), {
        type: STRATEGIC,
        body: { spec: { containers: [{ name: "main", image: "busybox:2" }] } },
      });
      assert.equal(after.spec.containers.length, 1);
      assert.equal(after.spec.containers[0].image, "busybox:2");
      assert.equal(after.spec.containers[0].terminationMessagePolicy, "File");
    },
  },
  {
    says: "a strategic patch of a custom resource is 415",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a"));
      const answer = await api.call("PATCH", at(api, "widgets", "a"), {
        type: STRATEGIC,
        body: { spec: { size: 1 } },
      });
      assertRefused(answer, {
        code: 415,
        reason: "UnsupportedMediaType",
        message:
          "the body of the request was in an unknown format - accepted media types include: " +
          "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
      });
    },
  },
  {
    says: "a patch in an unknown format is 415",
    holds: async (api) => {
      await make(api, "configmaps", aMap("a"));
      const answer = await api.call("PATCH", at(api, "configmaps", "a"), { body: {} });
      assertRefused(answer, { code: 415, reason: "UnsupportedMediaType" });
    },
  },
  {
    says: "a merge patch that is no object is 400",
    holds: async (api) => {
      await make(api, "configmaps", aMap("a"));
      const answer = await api.call("PATCH", at(api, "configmaps", "a"), {
        body: "[1]",
        type: MERGE,
      });
      assertRefused(answer, { code: 400, reason: "BadRequest" });
    },
  },
  {
    says: "a patch whose outcome breaks the schema is 422 and changes nothing",
    holds: async (api) => {
      const before = await make(api, "widgets", aWidget("a"));
      const body = { spec: { size: 500 } };
      const answer = await api.call("PATCH", at(api, "widgets", "a"), { body, type: MERGE });
      assertRefused(answer, {
        code: 422,
        reason: "Invalid",
        message:
          'Widget.conformance.longshore.dev "a" is invalid: spec.size: Invalid value: 500: spec.size ' +
          "in body should be less than or equal to 100",
      });
      assert.deepEqual(await api.done("GET", at(api, "widgets", "a")), before);
    },
  },
];
