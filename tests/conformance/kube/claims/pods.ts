/** Claims about pods: what is filled in, what is refused, what a scheduler and a kubelet write. */
import assert from "node:assert/strict";
import type { Claim } from "../api_under_test.ts";
import { aPod, assertRefused, at, change, make, MERGE, read } from "../wording.ts";

const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";

function binding(name: string, node: string) {
  return { metadata: { name }, target: { apiVersion: "v1", kind: "Node", name: node } };
}

export const PODS: readonly Claim[] = [
  {
    says: "a pod gets its defaults",
    holds: async (api) => {
      const { spec, status, metadata } = await make(api, "pods", aPod("a"));
      assert.equal(spec.restartPolicy, "Always");
      assert.equal(spec.dnsPolicy, "ClusterFirst");
      assert.equal(spec.terminationGracePeriodSeconds, 30);
      assert.equal(spec.serviceAccountName, "default");
      assert.equal(spec.schedulerName, "default-scheduler");
      assert.ok(spec.enableServiceLinks);
      assert.equal(spec.priority, 0);
      assert.deepEqual(spec.securityContext, {});
      assert.equal(spec.containers[0].imagePullPolicy, "IfNotPresent");
      assert.deepEqual(spec.containers[0].resources, {});
      // deno-lint-ignore no-explicit-any
      assert.deepEqual(spec.tolerations.map(({ key }: any) => key).toSorted(), [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
      ]);
      assert.deepEqual(status, { phase: "Pending", qosClass: "BestEffort" });
      assert.equal(metadata.generation, 1);
    },
  },
  {
    says: "a pod gets the token of its account, at the place where programs look for it",
    holds: async (api) => {
      const { spec } = await make(api, "pods", aPod("a"));
      const [volume] = spec.volumes;
      assert.match(volume.name, /^kube-api-access-[a-z0-9]{5}$/);
      const sources = volume.projected.sources;
      assert.deepEqual(sources[0], {
        serviceAccountToken: { expirationSeconds: 3607, path: "token" },
      });
      assert.equal(sources[1].configMap.name, "kube-root-ca.crt");
      assert.equal(sources[2].downwardAPI.items[0].path, "namespace");
      assert.deepEqual(spec.containers[0].volumeMounts, [
        { name: volume.name, readOnly: true, mountPath: TOKEN_PATH },
      ]);
    },
  },
  {
    says: "a pod that wants no token gets none",
    holds: async (api) => {
      const pod = aPod("a", { automountServiceAccountToken: false });
      const { spec } = await make(api, "pods", pod);
      assert.equal(spec.volumes, undefined);
      assert.equal(spec.containers[0].volumeMounts, undefined);
    },
  },
  {
    says: "an image without a tag, or of tag latest, is pulled always",
    holds: async (api) => {
      const images = {
        "busybox": "Always",
        "busybox:latest": "Always",
        "busybox:1": "IfNotPresent",
      };
      const containers = Object.keys(images).map((image, index) => ({ name: `c${index}`, image }));
      const { spec } = await make(api, "pods", aPod("a", { containers }));
      assert.deepEqual(
        // deno-lint-ignore no-explicit-any
        Object.fromEntries(spec.containers.map((c: any) => [c.image, c.imagePullPolicy])),
        images,
      );
    },
  },
  {
    says: "a pod of an account that is not there is 403",
    holds: async (api) => {
      const body = aPod("a", { serviceAccountName: "nobody" });
      assertRefused(await api.call("POST", at(api, "pods"), { body }), {
        code: 403,
        reason: "Forbidden",
        message:
          `pods "a" is forbidden: error looking up service account ${api.namespace}/nobody: ` +
          'serviceaccount "nobody" not found',
      });
    },
  },
  {
    says: "a pod without containers is 422",
    holds: async (api) => {
      const body = { metadata: { name: "a" }, spec: {} };
      assertRefused(await api.call("POST", at(api, "pods"), { body }), {
        code: 422,
        reason: "Invalid",
        message: 'Pod "a" is invalid: spec.containers: Required value',
        details: {
          name: "a",
          kind: "Pod",
          causes: [{
            reason: "FieldValueRequired",
            message: "Required value",
            field: "spec.containers",
          }],
        },
      });
    },
  },
  {
    says: "mistakes in containers are listed by their place",
    holds: async (api) => {
      const containers = [
        { name: "main" },
        { name: "Main", image: "busybox" },
        { name: "x", image: "busybox", volumeMounts: [{ name: "v", mountPath: "/v" }] },
      ];
      const body = aPod("a", { containers, automountServiceAccountToken: false });
      const answer = await api.call("POST", at(api, "pods"), { body });
      assertRefused(answer, { code: 422, reason: "Invalid" });
      // deno-lint-ignore no-explicit-any
      const causes = answer.body.details.causes.map((cause: any) =>
        `${cause.field}: ${cause.reason}`
      );
      assert.deepEqual(causes, [
        "spec.containers[0].image: FieldValueRequired",
        "spec.containers[1].name: FieldValueInvalid",
        "spec.containers[2].volumeMounts[0].name: FieldValueNotFound",
      ]);
    },
  },
  {
    says: "two containers of one name are 422",
    holds: async (api) => {
      const container = { name: "main", image: "busybox" };
      const body = aPod("a", { containers: [container, container] });
      assertRefused(await api.call("POST", at(api, "pods"), { body }), {
        code: 422,
        message: 'Pod "a" is invalid: spec.containers[1].name: Duplicate value: "main"',
      });
    },
  },
  {
    says: "an unknown restart policy is 422 with the known ones",
    holds: async (api) => {
      const body = aPod("a", { restartPolicy: "Sometimes" });
      assertRefused(await api.call("POST", at(api, "pods"), { body }), {
        code: 422,
        message:
          'Pod "a" is invalid: spec.restartPolicy: Unsupported value: "Sometimes": supported ' +
          'values: "Always", "OnFailure", "Never"',
      });
    },
  },
  {
    says: "a quantity that is none is 400",
    holds: async (api) => {
      const containers = [{ name: "main", image: "b", resources: { requests: { cpu: "lots" } } }];
      const answer = await api.call("POST", at(api, "pods"), { body: aPod("a", { containers }) });
      assertRefused(answer, {
        code: 400,
        reason: "BadRequest",
        message:
          'Pod in version "v1" cannot be handled as a Pod: quantities must match the regular ' +
          "expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
      });
    },
  },
  {
    says: "a field of the wrong type is 400 and named",
    holds: async (api) => {
      const containers = [{ name: "main", image: 5 }];
      const answer = await api.call("POST", at(api, "pods"), { body: aPod("a", { containers }) });
      assertRefused(answer, {
        code: 400,
        reason: "BadRequest",
        message:
          'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go ' +
          "struct field Container.spec.containers.image of type string",
      });
    },
  },
  {
    says: "unknown fields of a pod are dropped with a warning",
    holds: async (api) => {
      const { code, body, headers } = await api.call("POST", at(api, "pods"), {
        body: aPod("a", { surprise: 1 }),
      });
      assert.equal(code, 201);
      assert.equal(body.spec.surprise, undefined);
      assert.equal(headers.get("warning"), '299 - "unknown field \\"spec.surprise\\""');
    },
  },
  {
    says: "the spec of a pod cannot be changed, but for its images",
    holds: async (api) => {
      await make(api, "pods", aPod("a"));
      const body = { spec: { restartPolicy: "Never" } };
      assertRefused(await api.call("PATCH", at(api, "pods", "a"), { body, type: MERGE }), {
        code: 422,
        reason: "Invalid",
        message:
          /^Pod "a" is invalid: spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`,/,
      });
      const labelled = await change(api, "pods", {
        name: "a",
        patch: { metadata: { labels: { x: "y" } } },
      });
      assert.deepEqual(labelled.metadata.labels, { x: "y" });
    },
  },
  {
    says: "a binding puts a pod on a node",
    holds: async (api) => {
      await make(api, "pods", aPod("a"));
      const { code, body } = await api.call("POST", at(api, "pods", "a/binding"), {
        body: binding("a", "node-1"),
      });
      assert.equal(code, 201);
      assert.equal(body.kind, "Status");
      assert.equal(body.status, "Success");
      const { spec, status } = await read(api, "pods", "a");
      assert.equal(spec.nodeName, "node-1");
      assert.equal(status.conditions[0].type, "PodScheduled");
      assert.equal(status.conditions[0].status, "True");
    },
  },
  {
    says: "a pod is bound once",
    holds: async (api) => {
      await make(api, "pods", aPod("a", { nodeName: "node-1" }));
      const body = binding("a", "node-2");
      assertRefused(await api.call("POST", at(api, "pods", "a/binding"), { body }), {
        code: 409,
        reason: "Conflict",
        message:
          'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node ' +
          '"node-1"',
      });
    },
  },
  {
    says: "a kubelet tells of containers by patching the status",
    holds: async (api) => {
      await make(api, "pods", aPod("a", { nodeName: "node-1", restartPolicy: "Never" }));
      const terminated = { exitCode: 7, reason: "Error", finishedAt: "2026-01-01T00:00:00Z" };
      const containerStatus = {
        name: "main",
        image: "busybox:1",
        imageID: "",
        ready: false,
        restartCount: 0,
        state: { terminated },
      };
      const patch = { status: { phase: "Failed", containerStatuses: [containerStatus] } };
      const { status } = await change(api, "pods", { name: "a/status", patch });
      assert.equal(status.phase, "Failed");
      assert.equal(status.containerStatuses[0].state.terminated.exitCode, 7);
      assert.equal(status.qosClass, "BestEffort");
    },
  },
  {
    says: "an eviction deletes the pod",
    holds: async (api) => {
      await make(api, "pods", aPod("a"));
      const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "a" } };
      const { code, body: answer } = await api.call("POST", at(api, "pods", "a/eviction"), {
        body,
      });
      assert.equal(code, 201);
      assert.equal(answer.status, "Success");
      assert.equal((await api.call("GET", at(api, "pods", "a"))).code, 404);
    },
  },
];
