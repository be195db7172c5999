/** Claims about server-side apply: owners of fields, conflicts, force, removal. */
import assert from "node:assert/strict";
import type { Answer, ApiUnderTest, Claim } from "../api_under_test.ts";
import { aMap, APPLY, assertRefused, at, aWidget, change, make, MERGE, read } from "../wording.ts";

const MAP = { apiVersion: "v1", kind: "ConfigMap" };

async function apply(
  api: ApiUnderTest,
  plural: string,
  sent: {
    readonly name: string;
    readonly body: Readonly<Record<string, unknown>>;
    readonly as?: string;
    readonly query?: string;
    readonly token?: string;
  },
): Promise<Answer> {
  const { name, body, as = "us", query = "", token } = sent;
  return await api.call("PATCH", at(api, plural, `${name}?fieldManager=${as}${query}`), {
    body,
    type: APPLY,
    ...(token === undefined ? {} : { token }),
  });
}

/** An apply of a ConfigMap called "a" that must succeed. */
async function applied(
  api: ApiUnderTest,
  data: Readonly<Record<string, string>>,
  more: { readonly as?: string; readonly query?: string } = {},
) {
  const body = { ...MAP, metadata: { name: "a" }, data };
  const { code, body: after } = await apply(api, "configmaps", { name: "a", body, ...more });
  assert.ok(code === 200 || code === 201, `${code} ${after.message}`);
  return after;
}

export const APPLIES: readonly Claim[] = [
  {
    says: "an apply creates what is missing with 201 and notes its manager",
    holds: async (api) => {
      const body = { ...MAP, metadata: { name: "a" }, data: { k: "v" } };
      const { code, body: after } = await apply(api, "configmaps", { name: "a", body });
      assert.equal(code, 201);
      const [entry, ...others] = after.metadata.managedFields;
      assert.equal(others.length, 0);
      assert.equal(entry.manager, "us");
      assert.equal(entry.operation, "Apply");
      assert.equal(entry.apiVersion, "v1");
      assert.equal(entry.fieldsType, "FieldsV1");
      assert.deepEqual(entry.fieldsV1, { "f:data": { "f:k": {} } });
    },
  },
  {
    says: "an apply of what is there already keeps the resourceVersion",
    holds: async (api) => {
      const first = await applied(api, { k: "v" });
      const second = await applied(api, { k: "v" });
      assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
    },
  },
  {
    says: "a field that a manager no longer applies is removed",
    holds: async (api) => {
      await applied(api, { k: "v", n: "w" });
      const after = await applied(api, { n: "w" });
      assert.deepEqual(after.data, { n: "w" });
    },
  },
  {
    says: "fields of others stay",
    holds: async (api) => {
      await applied(api, { k: "v" }, { as: "them" });
      const after = await applied(api, { n: "w" });
      assert.deepEqual(after.data, { k: "v", n: "w" });
    },
  },
  {
    says: "another value for somebody's field is 409 and names the manager and the field",
    holds: async (api) => {
      await applied(api, { k: "v" }, { as: "them" });
      const body = { ...MAP, metadata: { name: "a" }, data: { k: "other" } };
      assertRefused(await apply(api, "configmaps", { name: "a", body }), {
        code: 409,
        reason: "Conflict",
        message: 'Apply failed with 1 conflict: conflict with "them": .data.k',
        details: {
          causes: [{
            reason: "FieldManagerConflict",
            message: 'conflict with "them"',
            field: ".data.k",
          }],
        },
      });
    },
  },
  {
    says: "several conflicts are listed by manager",
    holds: async (api) => {
      await applied(api, { k: "v", n: "w" }, { as: "them" });
      const body = { ...MAP, metadata: { name: "a" }, data: { k: "1", n: "2" } };
      assertRefused(await apply(api, "configmaps", { name: "a", body }), {
        code: 409,
        reason: "Conflict",
        message: 'Apply failed with 2 conflicts: conflicts with "them":\n- .data.k\n- .data.n',
      });
    },
  },
  {
    says: "a forced apply takes the field over",
    holds: async (api) => {
      await applied(api, { k: "v" }, { as: "them" });
      const after = await applied(api, { k: "other" }, { query: "&force=true" });
      assert.deepEqual(after.data, { k: "other" });
      // deno-lint-ignore no-explicit-any
      assert.deepEqual(after.metadata.managedFields.map((entry: any) => entry.manager), ["us"]);
    },
  },
  {
    says: "the same value by two managers is shared, and stays while one has it",
    holds: async (api) => {
      await applied(api, { k: "v", mine: "1" }, { as: "them" });
      await applied(api, { k: "v" });
      const after = await applied(api, { mine: "1" }, { as: "them" });
      assert.deepEqual(after.data, { k: "v", mine: "1" });
    },
  },
  {
    says: "a plain write takes the fields that it changes",
    holds: async (api) => {
      await applied(api, { k: "v" });
      await api.done("PATCH", at(api, "configmaps", "a?fieldManager=hand"), {
        type: MERGE,
        body: { data: { k: "w" } },
      });
      const body = { ...MAP, metadata: { name: "a" }, data: { k: "v" } };
      const answer = await apply(api, "configmaps", { name: "a", body });
      assertRefused(answer, {
        code: 409,
        message: /^Apply failed with 1 conflict: conflict with "hand" using v1: \.data\.k$/,
      });
    },
  },
  {
    says: "an apply without fieldManager is refused",
    holds: async (api) => {
      const body = { ...MAP, metadata: { name: "a" } };
      const answer = await api.call("PATCH", at(api, "configmaps", "a"), { body, type: APPLY });
      assertRefused(answer, {
        code: 422,
        reason: "Invalid",
        message:
          'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for ' +
          "apply patch",
      });
    },
  },
  {
    says: "an apply without kind is 400",
    holds: async (api) => {
      const body = { metadata: { name: "a" } };
      assertRefused(await apply(api, "configmaps", { name: "a", body }), {
        code: 400,
        reason: "BadRequest",
      });
    },
  },
  {
    says: "an apply that carries managedFields is 400",
    holds: async (api) => {
      const managedFields = [{ manager: "us", operation: "Apply", apiVersion: "v1" }];
      const body = { ...MAP, metadata: { name: "a", managedFields } };
      assertRefused(await apply(api, "configmaps", { name: "a", body }), {
        code: 400,
        reason: "BadRequest",
        message: "metadata.managedFields must be nil",
      });
    },
  },
  {
    says: "an apply with an old resourceVersion is 409",
    holds: async (api) => {
      const { metadata } = await applied(api, { k: "v" });
      await applied(api, { k: "w" });
      const body = {
        ...MAP,
        metadata: { name: "a", resourceVersion: metadata.resourceVersion },
        data: { k: "x" },
      };
      assertRefused(await apply(api, "configmaps", { name: "a", body }), {
        code: 409,
        reason: "Conflict",
        message: /the object has been modified/,
      });
    },
  },
  {
    says: "an apply with a uid of an object that is gone is 409",
    holds: async (api) => {
      const uid = "00000000-0000-4000-8000-000000000000";
      const body = { ...MAP, metadata: { name: "a", uid } };
      assertRefused(await apply(api, "configmaps", { name: "a", body }), {
        code: 409,
        reason: "Conflict",
        message: `Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided ` +
          `object specified uid ${uid}, and no existing object was found`,
      });
    },
  },
  {
    says: "applied finalizers join those of others",
    holds: async (api) => {
      await make(api, "configmaps", aMap("a", {}, { finalizers: ["x.example/theirs"] }));
      const body = { ...MAP, metadata: { name: "a", finalizers: ["x.example/ours"] } };
      const { body: after } = await apply(api, "configmaps", { name: "a", body });
      assert.deepEqual(after.metadata.finalizers, ["x.example/theirs", "x.example/ours"]);
      await change(api, "configmaps", { name: "a", patch: { metadata: { finalizers: null } } });
    },
  },
  {
    says: "an applied owner joins the owners of others by uid",
    holds: async (api) => {
      const one = await make(api, "configmaps", aMap("one"));
      const two = await make(api, "configmaps", aMap("two"));
      const owner = ({ metadata }: typeof one) => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        name: metadata.name,
        uid: metadata.uid,
      });
      await make(api, "configmaps", aMap("a", {}, { ownerReferences: [owner(one)] }));
      const body = { ...MAP, metadata: { name: "a", ownerReferences: [owner(two)] } };
      const { body: after } = await apply(api, "configmaps", { name: "a", body });
      // deno-lint-ignore no-explicit-any
      const names = after.metadata.ownerReferences.map(({ name }: any) => name);
      assert.deepEqual(names, ["one", "two"]);
    },
  },
  {
    says: "rows of a keyed list belong to whoever applied them",
    holds: async (api) => {
      const rows = (...keys: readonly string[]) => ({
        rows: keys.map((key) => ({ key, value: key })),
      });
      await apply(api, "widgets", { name: "a", body: aWidget("a", rows("x")), as: "them" });
      await apply(api, "widgets", { name: "a", body: aWidget("a", rows("y", "z")) });
      const { body } = await apply(api, "widgets", { name: "a", body: aWidget("a", rows("z")) });
      assert.deepEqual(body.spec.rows, [{ key: "x", value: "x" }, { key: "z", value: "z" }]);
    },
  },
  {
    says: "an applied list without keys is one value",
    holds: async (api) => {
      await apply(api, "widgets", { name: "a", body: aWidget("a", { tags: ["x"] }), as: "them" });
      const body = aWidget("a", { tags: ["y"] });
      assertRefused(await apply(api, "widgets", { name: "a", body }), {
        code: 409,
        message: 'Apply failed with 1 conflict: conflict with "them": .spec.tags',
      });
    },
  },
  {
    says: "an apply to status writes the status alone, under the same manager",
    holds: async (api) => {
      await apply(api, "widgets", { name: "a", body: aWidget("a", { size: 1 }) });
      const path = at(api, "widgets", "a/status?fieldManager=us");
      const body = { ...aWidget("a", { size: 2 }), status: { phase: "Ready" } };
      const after = await api.done("PATCH", path, { body, type: APPLY });
      assert.equal(after.spec.size, 1);
      assert.deepEqual(after.status, { phase: "Ready" });
      // deno-lint-ignore no-explicit-any
      const entries = after.metadata.managedFields.map((entry: any) => entry.subresource ?? "");
      assert.deepEqual(entries.toSorted(), ["", "status"]);
    },
  },
  {
    says: "an apply to the status of an object that is not there is 404",
    holds: async (api) => {
      const path = at(api, "widgets", "a/status?fieldManager=us");
      assertRefused(await api.call("PATCH", path, { body: aWidget("a"), type: APPLY }), {
        code: 404,
        reason: "NotFound",
      });
    },
  },
  {
    says: "a dry-run apply stores nothing",
    holds: async (api) => {
      const body = { ...MAP, metadata: { name: "a" }, data: { k: "v" } };
      const { code } = await apply(api, "configmaps", { name: "a", body, query: "&dryRun=All" });
      assert.equal(code, 201);
      assertRefused(await api.call("GET", at(api, "configmaps", "a")), { code: 404 });
    },
  },
  {
    says: "an apply does not need, and does not change, what it does not name",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a", { size: 1 }, { labels: { x: "y" } }));
      await apply(api, "widgets", { name: "a", body: aWidget("a", { label: "l" }) });
      const after = await read(api, "widgets", "a");
      assert.deepEqual([after.spec.size, after.spec.label, after.metadata.labels.x], [1, "l", "y"]);
    },
  },
];
