/** Claims about our own kinds, installed from the table in `crds/`. */
import assert from "node:assert/strict";
import { KINDS } from "../../../../crds/kinds.ts";
import { apiVersionOf } from "../../../../kube/types.ts";
import { aRunner, aRunnerSet } from "../../../builders.ts";
import type { ApiUnderTest, Claim } from "../api_under_test.ts";
import { assertRefused, at, change, make, MERGE } from "../wording.ts";

/** What a user would send: without what a server fills in. */
function sent(object: object, name: string) {
  // deno-lint-ignore no-explicit-any
  const { metadata, status: _status, ...rest } = object as any;
  const { labels, annotations } = metadata;
  return { ...rest, metadata: { name, labels, annotations } };
}

async function aStoredRunner(api: ApiUnderTest) {
  return await make(api, "ephemeralrunners", sent(aRunner(), "a"));
}

export const OUR_KINDS: readonly Claim[] = [
  {
    says: "each of our kinds is established and served with its short discovery",
    holds: async (api) => {
      for (const { type } of KINDS) {
        const name = `${type.plural}.${type.group}`;
        const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
        const { status } = await api.done("GET", path);
        // deno-lint-ignore no-explicit-any
        const pairs = status.conditions.map((c: any) => [c.type, c.status]);
        const conditions = Object.fromEntries(pairs);
        assert.equal(conditions.Established, "True");
        assert.equal(conditions.NamesAccepted, "True");
        assert.deepEqual(status.storedVersions, [type.version]);
        const { resources } = await api.done("GET", `/apis/${apiVersionOf(type)}`);
        // deno-lint-ignore no-explicit-any
        const names = resources.map((resource: any) => resource.name);
        assert.ok(names.includes(type.plural));
        assert.ok(names.includes(`${type.plural}/status`));
      }
    },
  },
  {
    says: "a runner set is stored whole, its pod template untouched",
    holds: async (api) => {
      const body = sent(aRunnerSet({ fresh: true }), "linux");
      const { spec } = await make(api, "autoscalingrunnersets", body);
      assert.deepEqual(spec, body.spec);
    },
  },
  {
    says: "a pod template keeps fields that nobody knows",
    holds: async (api) => {
      const body = sent(aRunnerSet({ fresh: true }), "linux");
      body.spec = {
        ...body.spec,
        template: { spec: { containers: [], fieldOfTomorrow: { a: [1] } } },
      };
      const { spec } = await make(api, "autoscalingrunnersets", body);
      assert.deepEqual(spec.template.spec.fieldOfTomorrow, { a: [1] });
    },
  },
  {
    says: "a number of runners that is a text is 422",
    holds: async (api) => {
      const body = sent(aRunnerSet({ fresh: true }), "linux");
      body.spec = { ...body.spec, maxRunners: "5" };
      assertRefused(await api.call("POST", at(api, "autoscalingrunnersets"), { body }), {
        code: 422,
        reason: "Invalid",
        message:
          'AutoscalingRunnerSet.actions.github.com "linux" is invalid: [spec.maxRunners: Invalid ' +
          'value: "string": spec.maxRunners in body must be of type integer: "string", <nil>: ' +
          "Invalid value: null: some validation rules were not checked because the object was " +
          "invalid; correct the existing errors to complete validation]",
      });
    },
  },
  {
    says: "the status of a runner is written by its subresource, large job numbers included",
    holds: async (api) => {
      await aStoredRunner(api);
      const status = {
        phase: "Running",
        ready: true,
        runnerId: 101,
        jobRequestId: 9007199254740991,
        workflowRunId: 8080808080,
        jobId: "9a3f0c1e",
      };
      const after = await change(api, "ephemeralrunners", { name: "a/status", patch: { status } });
      assert.deepEqual(after.status, status);
      const next = { status: { jobId: null, phase: "Succeeded" } };
      const last = await change(api, "ephemeralrunners", { name: "a/status", patch: next });
      assert.deepEqual(last.status.jobId, undefined);
      assert.equal(last.status.phase, "Succeeded");
    },
  },
  {
    says: "an unknown field of a runner's status is pruned",
    holds: async (api) => {
      await aStoredRunner(api);
      const patch = { status: { phase: "Running", surprise: 1 } };
      const after = await change(api, "ephemeralrunners", { name: "a/status", patch });
      assert.deepEqual(after.status, { phase: "Running" });
    },
  },
  {
    says: "a runner id that is a text is 422",
    holds: async (api) => {
      await aStoredRunner(api);
      const body = { status: { runnerId: "101" } };
      const path = at(api, "ephemeralrunners", "a/status");
      assertRefused(await api.call("PATCH", path, { body, type: MERGE }), {
        code: 422,
        reason: "Invalid",
        message:
          'EphemeralRunner.actions.github.com "a" is invalid: status.runnerId: Invalid value: ' +
          '"string": runnerId in body must be of type integer: "string"',
      });
    },
  },
  {
    says: "a patch of the scale that changes nothing is no write",
    holds: async (api) => {
      const body = {
        apiVersion: "actions.github.com/v1alpha1",
        kind: "EphemeralRunnerSet",
        metadata: { name: "linux" },
        spec: { replicas: 2, patchID: 1, ephemeralRunnerSpec: sent(aRunner(), "x").spec },
      };
      const before = await make(api, "ephemeralrunnersets", body);
      const patch = { spec: { replicas: 2, patchID: 1 } };
      const after = await change(api, "ephemeralrunnersets", { name: "linux", patch });
      assert.equal(after.metadata.resourceVersion, before.metadata.resourceVersion);
      assert.equal(after.metadata.generation, 1);
    },
  },
];
