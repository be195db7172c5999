/** Claims about the other built-in kinds that we write: Secrets, ConfigMaps, Events, Leases, ServiceAccounts. */
import assert from "node:assert/strict";
import type { ApiUnderTest, Claim } from "../api_under_test.ts";
import { aMap, assertRefused, at, change, make, MERGE, read } from "../wording.ts";

function anEvent(api: ApiUnderTest, name: string) {
  return {
    metadata: { name },
    involvedObject: {
      apiVersion: "v1",
      kind: "ConfigMap",
      namespace: api.namespace,
      name: "a",
      uid: "0",
    },
    reason: "Tested",
    message: "a claim was made",
    type: "Normal",
    source: { component: "claims" },
    reportingComponent: "claims",
    firstTimestamp: "2026-01-01T00:00:00Z",
    lastTimestamp: "2026-01-01T00:00:00Z",
    count: 1,
  };
}

const HOLDER = {
  holderIdentity: "one",
  leaseDurationSeconds: 15,
  acquireTime: "2026-01-01T00:00:00.000000Z",
  renewTime: "2026-01-01T00:00:00.123456Z",
  leaseTransitions: 0,
};

export const KINDS: readonly Claim[] = [
  {
    says: "stringData becomes data and is not stored",
    holds: async (api) => {
      const body = {
        metadata: { name: "a" },
        stringData: { one: "é", two: "new" },
        data: { two: "b2xk", three: "MQ==" },
      };
      const secret = await make(api, "secrets", body);
      assert.deepEqual(secret.data, { one: "w6k=", two: "bmV3", three: "MQ==" });
      assert.equal(secret.stringData, undefined);
      assert.equal(secret.type, "Opaque");
    },
  },
  {
    says: "a merge patch with stringData adds to data",
    holds: async (api) => {
      await make(api, "secrets", { metadata: { name: "a" }, data: { k: "MQ==" } });
      const after = await change(api, "secrets", { name: "a", patch: { stringData: { n: "2" } } });
      assert.deepEqual(after.data, { k: "MQ==", n: "Mg==" });
    },
  },
  {
    says: "data that is no base64 is 400",
    holds: async (api) => {
      const body = { metadata: { name: "a" }, data: { k: "not base64" } };
      assertRefused(await api.call("POST", at(api, "secrets"), { body }), {
        code: 400,
        reason: "BadRequest",
        message:
          'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 3',
      });
    },
  },
  {
    says: "the type of a Secret cannot be changed",
    holds: async (api) => {
      await make(api, "secrets", { metadata: { name: "a" } });
      const body = { type: "x.example/other" };
      assertRefused(await api.call("PATCH", at(api, "secrets", "a"), { body, type: MERGE }), {
        code: 422,
        reason: "Invalid",
        message:
          'Secret "a" is invalid: type: Invalid value: "x.example/other": field is immutable',
      });
    },
  },
  {
    says: "an immutable ConfigMap stays as it is",
    holds: async (api) => {
      await make(api, "configmaps", aMap("a", { immutable: true, data: { k: "v" } }));
      const body = { data: { k: "w" } };
      assertRefused(await api.call("PATCH", at(api, "configmaps", "a"), { body, type: MERGE }), {
        code: 422,
        message:
          'ConfigMap "a" is invalid: data: Forbidden: field is immutable when `immutable` is set',
      });
    },
  },
  {
    says: "a key that is no file name is 422",
    holds: async (api) => {
      const body = aMap("a", { data: { "a b": "v" } });
      assertRefused(await api.call("POST", at(api, "configmaps"), { body }), {
        code: 422,
        message:
          'ConfigMap "a" is invalid: data[a b]: Invalid value: "a b": a valid config key must consist ' +
          "of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or " +
          "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      });
    },
  },
  {
    says: "a Secret of more than 1 MiB is 422",
    holds: async (api) => {
      const body = { metadata: { name: "a" }, stringData: { k: "x".repeat(1024 * 1024 + 1) } };
      assertRefused(await api.call("POST", at(api, "secrets"), { body }), {
        code: 422,
        message: 'Secret "a" is invalid: data: Too long: may not be more than 1048576 bytes',
      });
    },
  },
  {
    says: "a value of data that is no text is 400",
    holds: async (api) => {
      const body = aMap("a", { data: { k: 1 } });
      assertRefused(await api.call("POST", at(api, "configmaps"), { body }), {
        code: 400,
        reason: "BadRequest",
        message:
          'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number ' +
          "into Go struct field ConfigMap.data of type string",
      });
    },
  },
  {
    says: "an Event is created, and patched when it repeats",
    holds: async (api) => {
      await make(api, "events", anEvent(api, "a.1"));
      const patch = { count: 2, lastTimestamp: "2026-01-01T00:01:00Z" };
      const after = await change(api, "events", { name: "a.1", patch });
      assert.deepEqual([after.count, after.lastTimestamp], [2, "2026-01-01T00:01:00Z"]);
      const path = at(api, "events", "?fieldSelector=involvedObject.name%3Da,reason%3DTested");
      assert.equal((await api.done("GET", path)).items.length, 1);
    },
  },
  {
    says: "an Event about an object of another namespace is 422",
    holds: async (api) => {
      const event = anEvent(api, "a.1");
      const body = {
        ...event,
        involvedObject: { ...event.involvedObject, namespace: "elsewhere" },
      };
      assertRefused(await api.call("POST", at(api, "events"), { body }), {
        code: 422,
        reason: "Invalid",
        message:
          'Event "a.1" is invalid: involvedObject.namespace: Invalid value: "elsewhere": does not ' +
          "match event.namespace",
      });
    },
  },
  {
    says: "a Lease is held by whoever writes with the version they read",
    holds: async (api) => {
      const made = await make(api, "leases", { metadata: { name: "a" }, spec: HOLDER });
      assert.deepEqual(made.spec, HOLDER);
      const path = at(api, "leases", "a");
      const second = { ...made, spec: { ...HOLDER, holderIdentity: "two" } };
      await api.done("PUT", path, { body: second });
      const late = { ...made, spec: { ...HOLDER, holderIdentity: "three" } };
      assertRefused(await api.call("PUT", path, { body: late }), {
        code: 409,
        reason: "Conflict",
        message:
          'Operation cannot be fulfilled on leases.coordination.k8s.io "a": the object has been ' +
          "modified; please apply your changes to the latest version and try again",
      });
      assert.equal((await read(api, "leases", "a")).spec.holderIdentity, "two");
    },
  },
  {
    says: "times of a Lease have six digits after the second",
    holds: async (api) => {
      const spec = { ...HOLDER, renewTime: "2026-01-01T00:00:00.5Z" };
      assertRefused(
        await api.call("POST", at(api, "leases"), { body: { metadata: { name: "a" }, spec } }),
        {
          code: 400,
          reason: "BadRequest",
          message:
            /^Lease in version "v1" cannot be handled as a Lease: parsing time "2026-01-01T00:00:00\.5Z" as "2006-01-02T15:04:05\.000000Z07:00": cannot parse /,
        },
      );
    },
  },
  {
    says: "a Lease for no time is 422",
    holds: async (api) => {
      const spec = { ...HOLDER, leaseDurationSeconds: 0 };
      assertRefused(
        await api.call("POST", at(api, "leases"), { body: { metadata: { name: "a" }, spec } }),
        {
          code: 422,
          message:
            'Lease.coordination.k8s.io "a" is invalid: spec.leaseDurationSeconds: Invalid value: 0: ' +
            "must be greater than 0",
        },
      );
    },
  },
  {
    says: "a ServiceAccount is stored as it was sent, without secrets of its own",
    holds: async (api) => {
      const account = await make(api, "serviceaccounts", {
        metadata: { name: "a" },
        imagePullSecrets: [{ name: "registry" }],
      });
      assert.deepEqual(account.imagePullSecrets, [{ name: "registry" }]);
      assert.equal(account.secrets, undefined);
    },
  },
];
