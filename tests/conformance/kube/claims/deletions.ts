/** Claims about deletion: preconditions, finalizers, grace, what an answer holds. */
import assert from "node:assert/strict";
import type { ApiUnderTest, Claim } from "../api_under_test.ts";
import { aMap, aPod, assertRefused, at, aWidget, change, make, MERGE, read } from "../wording.ts";

const FINALIZERS = { finalizers: ["x.example/hold"] };
const OTHER_UID = "00000000-0000-4000-8000-000000000000";

/** Takes the finalizers away. */
async function letGo(api: ApiUnderTest, plural: string): Promise<void> {
  await change(api, plural, { name: "a", patch: { metadata: { finalizers: null } } });
}

async function isGone(api: ApiUnderTest, plural: string, name: string): Promise<boolean> {
  return (await api.call("GET", at(api, plural, name))).code === 404;
}

export const DELETIONS: readonly Claim[] = [
  {
    says: "a delete that removes the object answers a Status with its uid",
    holds: async (api) => {
      const { metadata } = await make(api, "configmaps", aMap("a"));
      const { code, body } = await api.call("DELETE", at(api, "configmaps", "a"));
      assert.equal(code, 200);
      assert.deepEqual(body, {
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Success",
        details: { name: "a", kind: "configmaps", uid: metadata.uid },
      });
    },
  },
  {
    says: "a delete of a custom resource answers a Status with its group and uid",
    holds: async (api) => {
      const { metadata } = await make(api, "widgets", aWidget("a"));
      const body = await api.done("DELETE", at(api, "widgets", "a"));
      assert.deepEqual(body.details, {
        name: "a",
        group: "conformance.longshore.dev",
        kind: "widgets",
        uid: metadata.uid,
      });
    },
  },
  {
    says: "a delete of a pod or a ServiceAccount answers the object",
    holds: async (api) => {
      await make(api, "pods", aPod("a"));
      assert.equal((await api.done("DELETE", at(api, "pods", "a"))).kind, "Pod");
      await make(api, "serviceaccounts", { metadata: { name: "a" } });
      const account = await api.done("DELETE", at(api, "serviceaccounts", "a"));
      assert.equal(account.kind, "ServiceAccount");
    },
  },
  {
    says: "a delete with the uid of another incarnation is 409 and tells both",
    holds: async (api) => {
      const { metadata } = await make(api, "configmaps", aMap("a"));
      const body = { preconditions: { uid: OTHER_UID } };
      assertRefused(await api.call("DELETE", at(api, "configmaps", "a"), { body }), {
        code: 409,
        reason: "Conflict",
        message: `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition ` +
          `(${OTHER_UID}) does not match the UID in record (${metadata.uid}). The object might ` +
          "have been deleted and then recreated",
        details: { name: "a", kind: "ConfigMap" },
      });
      await api.done("DELETE", at(api, "configmaps", "a"), {
        body: { preconditions: { uid: metadata.uid } },
      });
    },
  },
  {
    says: "our client takes another incarnation, and an absent object, for a success",
    holds: async (api) => {
      const type = {
        group: "",
        version: "v1",
        kind: "ConfigMap",
        plural: "configmaps",
        namespaced: true,
      };
      const key = { namespace: api.namespace, name: "a" };
      await make(api, "configmaps", aMap("a"));
      assert.equal(await api.kube.delete(type, key, { uid: OTHER_UID }), undefined);
      assert.equal((await read(api, "configmaps", "a")).metadata.deletionTimestamp, undefined);
      await api.kube.delete(type, key);
      assert.equal(await api.kube.delete(type, key), undefined);
      assert.equal(await api.kube.get(type, key), undefined);
    },
  },
  {
    says: "a delete with an old resourceVersion is 409",
    holds: async (api) => {
      const { metadata } = await make(api, "configmaps", aMap("a"));
      const { resourceVersion } = metadata;
      const next = await change(api, "configmaps", { name: "a", patch: { data: { k: "v" } } });
      const body = { preconditions: { resourceVersion } };
      assertRefused(await api.call("DELETE", at(api, "configmaps", "a"), { body }), {
        code: 409,
        reason: "Conflict",
        message: `Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the ` +
          `precondition (${resourceVersion}) does not match the ResourceVersion in record ` +
          `(${next.metadata.resourceVersion}). The object might have been modified`,
      });
    },
  },
  {
    says: "a finalizer holds the object, which tells when its deletion was asked for",
    holds: async (api) => {
      const made = await make(api, "widgets", aWidget("a", {}, FINALIZERS));
      const { code, body } = await api.call("DELETE", at(api, "widgets", "a"));
      assert.equal(code, 200);
      assert.equal(body.kind, "Widget");
      assert.match(body.metadata.deletionTimestamp, /Z$/);
      assert.equal(body.metadata.deletionGracePeriodSeconds, 0);
      assert.equal(body.metadata.generation, made.metadata.generation + 1);
      await letGo(api, "widgets");
      assert.ok(await isGone(api, "widgets", "a"));
    },
  },
  {
    says: "a second delete of a held object changes nothing",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a", {}, FINALIZERS));
      const first = await api.done("DELETE", at(api, "widgets", "a"));
      const second = await api.done("DELETE", at(api, "widgets", "a"));
      assert.deepEqual(second.metadata, first.metadata);
      await letGo(api, "widgets");
    },
  },
  {
    says: "the patch that takes the last finalizer away answers the object as it was last",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a", {}, FINALIZERS));
      await api.done("DELETE", at(api, "widgets", "a"));
      const patch = { metadata: { finalizers: null } };
      const last = await change(api, "widgets", { name: "a", patch });
      assert.equal(last.kind, "Widget");
      assert.ok(last.metadata.deletionTimestamp);
      assert.equal(last.metadata.finalizers, undefined);
    },
  },
  {
    says: "an object that is being deleted takes no new finalizer",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a", {}, FINALIZERS));
      await api.done("DELETE", at(api, "widgets", "a"));
      const body = { metadata: { finalizers: ["x.example/hold", "x.example/more"] } };
      assertRefused(await api.call("PATCH", at(api, "widgets", "a"), { body, type: MERGE }), {
        code: 422,
        reason: "Invalid",
        message:
          'Widget.conformance.longshore.dev "a" is invalid: metadata.finalizers: Forbidden: no new ' +
          "finalizers can be added if the object is being deleted, found new finalizers " +
          '[]string{"x.example/more"}',
      });
      await letGo(api, "widgets");
    },
  },
  {
    says: "an object that is being deleted can still change",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a", {}, FINALIZERS));
      await api.done("DELETE", at(api, "widgets", "a"));
      const after = await change(api, "widgets", { name: "a", patch: { spec: { size: 1 } } });
      assert.equal(after.spec.size, 1);
      const stated = await change(api, "widgets", {
        name: "a/status",
        patch: { status: { phase: "X" } },
      });
      assert.equal(stated.status.phase, "X");
      await letGo(api, "widgets");
    },
  },
  {
    says: "a create over an object that is being deleted says so",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a", {}, FINALIZERS));
      await api.done("DELETE", at(api, "widgets", "a"));
      assertRefused(await api.call("POST", at(api, "widgets"), { body: aWidget("a") }), {
        code: 409,
        reason: "AlreadyExists",
        message: 'object is being deleted: widgets.conformance.longshore.dev "a" already exists',
      });
      await letGo(api, "widgets");
    },
  },
  {
    says: "a watch tells a held deletion as MODIFIED, its end as DELETED",
    holds: async (api) => {
      const { metadata } = await make(api, "widgets", aWidget("a", {}, FINALIZERS));
      await using watch = await api.watch(
        at(api, "widgets", `?resourceVersion=${metadata.resourceVersion}`),
      );
      await api.done("DELETE", at(api, "widgets", "a"));
      await letGo(api, "widgets");
      await watch.until((events) => events.some(({ type }) => type === "DELETED"));
      assert.deepEqual(watch.lines(), ["MODIFIED a", "DELETED a"]);
      assert.ok(watch.events[0]?.object.metadata.deletionTimestamp);
    },
  },
  {
    says: "a finalizer without a domain is refused for what is not its own",
    holds: async (api) => {
      const body = aMap("a", {}, { finalizers: ["hold"] });
      assertRefused(await api.call("POST", at(api, "configmaps"), { body }), {
        code: 422,
        reason: "Invalid",
        message:
          'ConfigMap "a" is invalid: metadata.finalizers[0]: Invalid value: "hold": name is neither ' +
          "a standard finalizer name nor is it fully qualified",
      });
    },
  },
  {
    says: "an unscheduled pod goes at once",
    holds: async (api) => {
      await make(api, "pods", aPod("a"));
      await api.done("DELETE", at(api, "pods", "a"));
      assert.ok(await isGone(api, "pods", "a"));
    },
  },
  {
    says: "a scheduled pod waits for its kubelet, who deletes it with grace 0",
    holds: async (api) => {
      await make(api, "pods", aPod("a", { nodeName: "node-1" }));
      const waiting = await api.done("DELETE", at(api, "pods", "a"));
      const { deletionTimestamp, deletionGracePeriodSeconds, uid } = waiting.metadata;
      assert.ok(deletionTimestamp);
      assert.equal(deletionGracePeriodSeconds, 30);
      assert.equal((await read(api, "pods", "a")).metadata.uid, uid);
      await api.done("DELETE", at(api, "pods", "a"), {
        body: { gracePeriodSeconds: 0, preconditions: { uid } },
      });
      assert.ok(await isGone(api, "pods", "a"));
    },
  },
  {
    says: "a second delete of a pod can shorten its grace, not lengthen it",
    holds: async (api) => {
      await make(api, "pods", aPod("a", { nodeName: "node-1", terminationGracePeriodSeconds: 60 }));
      const first = await api.done("DELETE", at(api, "pods", "a"));
      assert.equal(first.metadata.deletionGracePeriodSeconds, 60);
      const withGrace = (gracePeriodSeconds: number) =>
        api.done("DELETE", at(api, "pods", "a"), { body: { gracePeriodSeconds } });
      assert.equal((await withGrace(90)).metadata.deletionGracePeriodSeconds, 60);
      assert.equal((await withGrace(5)).metadata.deletionGracePeriodSeconds, 5);
      await withGrace(0);
    },
  },
  {
    says: "a pod that has ended goes at once",
    holds: async (api) => {
      await make(api, "pods", aPod("a", { nodeName: "node-1" }));
      await change(api, "pods", { name: "a/status", patch: { status: { phase: "Succeeded" } } });
      await api.done("DELETE", at(api, "pods", "a"));
      assert.ok(await isGone(api, "pods", "a"));
    },
  },
  {
    says: "a scheduled pod with a finalizer stays after its grace is 0, until that is gone",
    holds: async (api) => {
      await make(api, "pods", aPod("a", { nodeName: "node-1" }, FINALIZERS));
      await api.done("DELETE", at(api, "pods", "a"), { body: { gracePeriodSeconds: 0 } });
      assert.equal((await read(api, "pods", "a")).metadata.deletionGracePeriodSeconds, 0);
      await letGo(api, "pods");
      assert.ok(await isGone(api, "pods", "a"));
    },
  },
  {
    says: "grace can be given in the query",
    holds: async (api) => {
      await make(api, "pods", aPod("a", { nodeName: "node-1" }));
      await api.done("DELETE", at(api, "pods", "a?gracePeriodSeconds=0"));
      assert.ok(await isGone(api, "pods", "a"));
    },
  },
  {
    says: "an unknown propagation policy is refused",
    holds: async (api) => {
      await make(api, "configmaps", aMap("a"));
      const body = { propagationPolicy: "Sometimes" };
      assertRefused(await api.call("DELETE", at(api, "configmaps", "a"), { body }), {
        code: 422,
        reason: "Invalid",
        message: 'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ' +
          '"Sometimes": supported values: "Foreground", "Background", "Orphan", "nil"',
      });
    },
  },
];
