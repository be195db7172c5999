/** Claims about create, update and their refusals. */
import assert from "node:assert/strict";
import type { Claim } from "../api_under_test.ts";
import { aMap, assertRefused, at, aWidget, make, MERGE, read } from "../wording.ts";

const STALE =
  "the object has been modified; please apply your changes to the latest version and try again";

export const WRITES: readonly Claim[] = [
  {
    says: "a create answers 201 with what the server fills in",
    holds: async (api) => {
      const { code, body } = await api.call("POST", at(api, "configmaps"), {
        body: aMap("a", { data: { k: "v" } }),
      });
      assert.equal(code, 201);
      const { metadata } = body;
      assert.equal(body.kind, "ConfigMap");
      assert.equal(body.apiVersion, "v1");
      assert.match(metadata.uid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
      assert.match(metadata.resourceVersion, /^[1-9][0-9]*$/);
      assert.match(metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.equal(metadata.namespace, api.namespace);
      assert.equal(metadata.generation, undefined);
    },
  },
  {
    says: "a create of an existing name is 409 AlreadyExists",
    holds: async (api) => {
      await make(api, "configmaps", aMap("a"));
      assertRefused(await api.call("POST", at(api, "configmaps"), { body: aMap("a") }), {
        code: 409,
        reason: "AlreadyExists",
        message: 'configmaps "a" already exists',
        details: { name: "a", kind: "configmaps" },
      });
    },
  },
  {
    says: "a create of an existing custom resource names its group",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a"));
      assertRefused(await api.call("POST", at(api, "widgets"), { body: aWidget("a") }), {
        code: 409,
        reason: "AlreadyExists",
        message: 'widgets.conformance.longshore.dev "a" already exists',
        details: { name: "a", group: "conformance.longshore.dev", kind: "widgets" },
      });
    },
  },
  {
    says: "an object that is not there is 404 NotFound",
    holds: async (api) => {
      assertRefused(await api.call("GET", at(api, "pods", "nobody")), {
        code: 404,
        reason: "NotFound",
        message: 'pods "nobody" not found',
        details: { name: "nobody", kind: "pods" },
      });
      assertRefused(await api.call("DELETE", at(api, "widgets", "nobody")), {
        code: 404,
        reason: "NotFound",
        message: 'widgets.conformance.longshore.dev "nobody" not found',
        details: { name: "nobody", group: "conformance.longshore.dev", kind: "widgets" },
      });
    },
  },
  {
    says: "a kind that is not served is 404 without a Status",
    holds: async (api) => {
      for (
        const path of ["/apis/nobody.example.com/v1/things", "/apis/actions.github.com/v9/things"]
      ) {
        const { code, body } = await api.call("GET", path);
        assert.equal(code, 404);
        assert.equal(body, "404 page not found\n");
      }
    },
  },
  {
    says: "a create in a namespace that is not there is 404 and names the namespace",
    holds: async (api) => {
      const path = "/api/v1/namespaces/nowhere/configmaps";
      assertRefused(await api.call("POST", path, { body: aMap("a") }), {
        code: 404,
        reason: "NotFound",
        message: 'namespaces "nowhere" not found',
        details: { name: "nowhere", kind: "namespaces" },
      });
    },
  },
  {
    says: "a create that carries a resourceVersion is refused",
    holds: async (api) => {
      const body = aMap("a", {}, { resourceVersion: "1" });
      assertRefused(await api.call("POST", at(api, "configmaps"), { body }), {
        code: 500,
        message: "resourceVersion should not be set on objects to be created",
      });
    },
  },
  {
    says: "server-owned metadata that a create carries is overwritten",
    holds: async (api) => {
      const { metadata } = await make(
        api,
        "configmaps",
        aMap("a", {}, {
          uid: "00000000-0000-4000-8000-000000000000",
          creationTimestamp: "2001-01-01T00:00:00Z",
          deletionTimestamp: "2001-01-01T00:00:00Z",
          deletionGracePeriodSeconds: 5,
          selfLink: "/mine",
          generation: 7,
        }),
      );
      assert.notEqual(metadata.uid, "00000000-0000-4000-8000-000000000000");
      assert.ok(metadata.creationTimestamp > "2020");
      assert.equal(metadata.deletionTimestamp, undefined);
      assert.equal(metadata.deletionGracePeriodSeconds, undefined);
    },
  },
  {
    says: "generateName adds five characters and stays in the object",
    holds: async (api) => {
      const { metadata } = await make(api, "configmaps", { metadata: { generateName: "run-" } });
      assert.match(metadata.name, /^run-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
      assert.equal(metadata.generateName, "run-");
    },
  },
  {
    says: "a generated name is cut to 63 characters",
    holds: async (api) => {
      const body = { metadata: { generateName: "n".repeat(80) } };
      const { metadata } = await make(api, "configmaps", body);
      assert.equal(metadata.name.length, 63);
    },
  },
  {
    says: "an object without a name is 422",
    holds: async (api) => {
      assertRefused(await api.call("POST", at(api, "configmaps"), { body: { metadata: {} } }), {
        code: 422,
        reason: "Invalid",
        message:
          'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
        details: {
          kind: "ConfigMap",
          causes: [{
            reason: "FieldValueRequired",
            message: "Required value: name or generateName is required",
            field: "metadata.name",
          }],
        },
      });
    },
  },
  {
    says: "a name with capitals is 422 with the rule in words",
    holds: async (api) => {
      const answer = await api.call("POST", at(api, "configmaps"), { body: aMap("Big") });
      assertRefused(answer, {
        code: 422,
        reason: "Invalid",
        message:
          'ConfigMap "Big" is invalid: metadata.name: Invalid value: "Big": a lowercase RFC 1123 ' +
          "subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start " +
          "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
          "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      });
    },
  },
  {
    says: "a bad label value is 422 and names its key",
    holds: async (api) => {
      const body = aMap("a", {}, { labels: { "x/y": "a b" } });
      const answer = await api.call("POST", at(api, "configmaps"), { body });
      assertRefused(answer, {
        code: 422,
        message:
          'ConfigMap "a" is invalid: metadata.labels: Invalid value: "a b": a valid label must be ' +
          "an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start " +
          "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', " +
          "regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      });
    },
  },
  {
    says: "a body that is no JSON is 400",
    holds: async (api) => {
      const answer = await api.call("POST", at(api, "configmaps"), { body: "{no" });
      assertRefused(answer, { code: 400, reason: "BadRequest" });
    },
  },
  {
    says: "a body of another kind is 400",
    holds: async (api) => {
      const body = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } };
      assertRefused(await api.call("POST", at(api, "configmaps"), { body }), {
        code: 400,
        reason: "BadRequest",
        message: /^Secret in version "v1" cannot be handled as a ConfigMap: /,
      });
    },
  },
  {
    says: "a body for another namespace is 400",
    holds: async (api) => {
      const body = aMap("a", {}, { namespace: "elsewhere" });
      assertRefused(await api.call("POST", at(api, "configmaps"), { body }), {
        code: 400,
        reason: "BadRequest",
        message:
          "the namespace of the provided object does not match the namespace sent on the request",
      });
    },
  },
  {
    says: "a body in an unknown format is 415",
    holds: async (api) => {
      const answer = await api.call("POST", at(api, "configmaps"), {
        body: "name=a",
        type: "text/csv",
      });
      assertRefused(answer, { code: 415, reason: "UnsupportedMediaType" });
    },
  },
  {
    says: "a body of 4 MB is 413",
    holds: async (api) => {
      const body = aMap("a", { data: { k: "x".repeat(4 * 1024 * 1024) } });
      assertRefused(await api.call("POST", at(api, "configmaps"), { body }), {
        code: 413,
        reason: "RequestEntityTooLarge",
      });
    },
  },
  {
    says: "an update with an old resourceVersion is 409 Conflict",
    holds: async (api) => {
      const old = await make(api, "configmaps", aMap("a"));
      await api.done("PUT", at(api, "configmaps", "a"), { body: { ...old, data: { k: "1" } } });
      const late = { ...old, data: { k: "2" } };
      assertRefused(await api.call("PUT", at(api, "configmaps", "a"), { body: late }), {
        code: 409,
        reason: "Conflict",
        message: `Operation cannot be fulfilled on configmaps "a": ${STALE}`,
        details: { name: "a", kind: "configmaps" },
      });
    },
  },
  {
    says: "an update without resourceVersion replaces a ConfigMap",
    holds: async (api) => {
      await make(api, "configmaps", aMap("a", { data: { k: "1" } }, { labels: { x: "y" } }));
      const body = aMap("a", { data: { n: "2" } });
      const after = await api.done("PUT", at(api, "configmaps", "a"), { body });
      assert.deepEqual(after.data, { n: "2" });
      assert.equal(after.metadata.labels, undefined);
    },
  },
  {
    says: "an update without resourceVersion of a custom resource is 422",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a"));
      assertRefused(await api.call("PUT", at(api, "widgets", "a"), { body: aWidget("a") }), {
        code: 422,
        reason: "Invalid",
        message:
          'widgets.conformance.longshore.dev "a" is invalid: metadata.resourceVersion: Invalid ' +
          "value: 0: must be specified for an update",
      });
    },
  },
  {
    says: "an update with another uid is 409 and tells both",
    holds: async (api) => {
      const { metadata } = await make(api, "configmaps", aMap("a"));
      const other = "00000000-0000-4000-8000-000000000000";
      const body = aMap("a", {}, { uid: other });
      assertRefused(await api.call("PUT", at(api, "configmaps", "a"), { body }), {
        code: 409,
        reason: "Conflict",
        message: new RegExp(
          'on configmaps "a": StorageError: invalid object, Code: 4, Key: \\S+, ResourceVersion: 0, ' +
            `AdditionalErrorMsg: Precondition failed: UID in precondition: ${other}, UID in object ` +
            `meta: ${metadata.uid}$`,
        ),
      });
    },
  },
  {
    says: "an update of an object that is not there is 404",
    holds: async (api) => {
      const answer = await api.call("PUT", at(api, "configmaps", "a"), { body: aMap("a") });
      assertRefused(answer, { code: 404, message: 'configmaps "a" not found' });
    },
  },
  {
    says: "an update under another name is 400",
    holds: async (api) => {
      await make(api, "configmaps", aMap("a"));
      assertRefused(await api.call("PUT", at(api, "configmaps", "a"), { body: aMap("b") }), {
        code: 400,
        message: "the name of the object (b) does not match the name on the URL (a)",
      });
    },
  },
  {
    says: "a write that changes nothing keeps the resourceVersion",
    holds: async (api) => {
      for (
        const [plural, body] of [["configmaps", aMap("a")], ["widgets", aWidget("a")]] as const
      ) {
        const before = await make(api, plural, body);
        const updated = await api.done("PUT", at(api, plural, "a"), { body: before });
        const patched = await api.done("PATCH", at(api, plural, "a"), { body: {}, type: MERGE });
        assert.equal(updated.metadata.resourceVersion, before.metadata.resourceVersion);
        assert.equal(patched.metadata.resourceVersion, before.metadata.resourceVersion);
      }
    },
  },
  {
    says: "every change gets a greater resourceVersion, across kinds",
    holds: async (api) => {
      const versions = [];
      for (const name of ["a", "b"]) {
        versions.push((await make(api, "configmaps", aMap(name))).metadata.resourceVersion);
        versions.push((await make(api, "widgets", aWidget(name))).metadata.resourceVersion);
      }
      const numbers = versions.map(Number);
      assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
      assert.equal(new Set(numbers).size, numbers.length);
    },
  },
  {
    says: "uid, creationTimestamp and generation cannot be changed by an update",
    holds: async (api) => {
      const before = await make(api, "widgets", aWidget("a"));
      const metadata = {
        ...before.metadata,
        creationTimestamp: "2001-01-01T00:00:00Z",
        generation: 9,
        labels: { x: "y" },
      };
      const after = await api.done("PUT", at(api, "widgets", "a"), {
        body: { ...before, metadata },
      });
      assert.equal(after.metadata.creationTimestamp, before.metadata.creationTimestamp);
      assert.equal(after.metadata.generation, 1);
      assert.equal(after.metadata.uid, before.metadata.uid);
      assert.deepEqual(after.metadata.labels, { x: "y" });
    },
  },
  {
    says: "a dry-run create answers 201 with the whole object and stores nothing",
    holds: async (api) => {
      const path = `${at(api, "widgets")}?dryRun=All`;
      const { code, body } = await api.call("POST", path, { body: aWidget("a") });
      assert.equal(code, 201);
      assert.ok(body.metadata.uid);
      assert.equal(body.spec.colour, "red");
      assertRefused(await api.call("GET", at(api, "widgets", "a")), { code: 404 });
    },
  },
  {
    says: "a dry-run create is refused as the create would be",
    holds: async (api) => {
      const path = `${at(api, "pods")}?dryRun=All`;
      const body = { metadata: { name: "a" }, spec: { containers: [] } };
      assertRefused(await api.call("POST", path, { body }), {
        code: 422,
        message: 'Pod "a" is invalid: spec.containers: Required value',
      });
    },
  },
  {
    says: "a dry-run patch and a dry-run delete change nothing",
    holds: async (api) => {
      const before = await make(api, "configmaps", aMap("a"));
      const path = at(api, "configmaps", "a?dryRun=All");
      const patched = await api.done("PATCH", path, { body: { data: { k: "v" } }, type: MERGE });
      assert.deepEqual(patched.data, { k: "v" });
      await api.done("DELETE", path);
      assert.deepEqual(await read(api, "configmaps", "a"), before);
    },
  },
  {
    says: "another value of dryRun than All is refused",
    holds: async (api) => {
      const path = `${at(api, "configmaps")}?dryRun=Some`;
      const answer = await api.call("POST", path, { body: aMap("a") });
      assertRefused(answer, {
        code: 422,
        reason: "Invalid",
        message: /dryRun: Unsupported value: .*: supported values: "All"/,
      });
    },
  },
];
