/** Claims about owners: what goes with them, what stays, in which order. */
import assert from "node:assert/strict";
import type { ApiUnderTest, Claim } from "../api_under_test.ts";
import { aMap, aPod, at, aWidget, change, make, ownedBy, read } from "../wording.ts";

/** Resolves when a watch has told of these deletions, in whatever order. */
async function gone(
  api: ApiUnderTest,
  plural: string,
  { names, after }: { readonly names: readonly string[]; readonly after: string },
): Promise<void> {
  await using watch = await api.watch(at(api, plural, `?resourceVersion=${after}`));
  await watch.until((events) =>
    names.every((name) =>
      events.some(({ type, object }) => type === "DELETED" && object.metadata.name === name)
    )
  );
}

async function deleteWith(api: ApiUnderTest, propagationPolicy: string): Promise<void> {
  await api.done("DELETE", at(api, "widgets", "owner"), { body: { propagationPolicy } });
}

export const GARBAGE: readonly Claim[] = [
  {
    says: "Background: the owner goes at once, its dependents after it",
    holds: async (api) => {
      const owner = await make(api, "widgets", aWidget("owner"));
      const child = await make(api, "configmaps", aMap("child", {}, ownedBy(owner)));
      await deleteWith(api, "Background");
      assert.equal((await api.call("GET", at(api, "widgets", "owner"))).code, 404);
      const after = child.metadata.resourceVersion;
      await gone(api, "configmaps", { names: ["child"], after });
    },
  },
  {
    says: "a delete without a policy takes the dependents of a custom resource along",
    holds: async (api) => {
      const owner = await make(api, "widgets", aWidget("owner"));
      const secret = await make(api, "secrets", { metadata: { name: "child", ...ownedBy(owner) } });
      const pod = await make(api, "pods", aPod("child", {}, ownedBy(owner)));
      await api.done("DELETE", at(api, "widgets", "owner"));
      const after = secret.metadata.resourceVersion;
      await gone(api, "secrets", { names: ["child"], after });
      await gone(api, "pods", { names: ["child"], after: pod.metadata.resourceVersion });
    },
  },
  {
    says: "dependents of dependents go too",
    holds: async (api) => {
      const owner = await make(api, "widgets", aWidget("owner"));
      const child = await make(api, "widgets", aWidget("child", {}, ownedBy(owner)));
      const last = await make(api, "configmaps", aMap("last", {}, ownedBy(child)));
      await deleteWith(api, "Background");
      await gone(api, "configmaps", { names: ["last"], after: last.metadata.resourceVersion });
    },
  },
  {
    says: "Foreground: the owner waits for dependents that block it",
    holds: async (api) => {
      const owner = await make(api, "widgets", aWidget("owner"));
      const block = { blockOwnerDeletion: true, controller: true };
      const hold = { finalizers: ["x.example/hold"], ...ownedBy(owner, block) };
      const child = await make(api, "configmaps", aMap("child", {}, hold));
      await using children = await api.watch(
        at(api, "configmaps", `?resourceVersion=${child.metadata.resourceVersion}`),
      );
      await deleteWith(api, "Foreground");
      const waiting = await read(api, "widgets", "owner");
      assert.deepEqual(waiting.metadata.finalizers, ["foregroundDeletion"]);
      assert.ok(waiting.metadata.deletionTimestamp);
      await children.until((events) =>
        events.some(({ object }) => object.metadata.deletionTimestamp !== undefined)
      );
      assert.equal((await api.call("GET", at(api, "widgets", "owner"))).code, 200);
      await change(api, "configmaps", { name: "child", patch: { metadata: { finalizers: null } } });
      const after = waiting.metadata.resourceVersion;
      await gone(api, "widgets", { names: ["owner"], after });
    },
  },
  {
    says: "Foreground: a dependent that does not block is not waited for",
    holds: async (api) => {
      const owner = await make(api, "widgets", aWidget("owner"));
      const hold = { finalizers: ["x.example/hold"], ...ownedBy(owner) };
      await make(api, "configmaps", aMap("child", {}, hold));
      await deleteWith(api, "Foreground");
      const after = owner.metadata.resourceVersion;
      await gone(api, "widgets", { names: ["owner"], after });
      await change(api, "configmaps", { name: "child", patch: { metadata: { finalizers: null } } });
    },
  },
  {
    says: "Orphan: dependents stay and lose their reference",
    holds: async (api) => {
      const owner = await make(api, "widgets", aWidget("owner"));
      const child = await make(api, "configmaps", aMap("child", {}, ownedBy(owner)));
      await deleteWith(api, "Orphan");
      const after = owner.metadata.resourceVersion;
      await gone(api, "widgets", { names: ["owner"], after });
      const left = await read(api, "configmaps", "child");
      assert.equal(left.metadata.ownerReferences, undefined);
      assert.equal(left.metadata.uid, child.metadata.uid);
    },
  },
  {
    says: "a dependent of an owner that never was goes",
    holds: async (api) => {
      const owner = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "nobody", uid: "00000000-0000-4000-8000-000000000000" },
      };
      const child = await make(api, "configmaps", aMap("child", {}, ownedBy(owner)));
      await gone(api, "configmaps", { names: ["child"], after: child.metadata.resourceVersion });
    },
  },
  {
    says: "an owner of the same name with another uid is another owner",
    holds: async (api) => {
      const owner = await make(api, "configmaps", aMap("owner"));
      const uid = "00000000-0000-4000-8000-000000000000";
      const other = { ...owner, metadata: { ...owner.metadata, uid } };
      const child = await make(api, "configmaps", aMap("child", {}, ownedBy(other)));
      await gone(api, "configmaps", { names: ["child"], after: child.metadata.resourceVersion });
      assert.equal((await read(api, "configmaps", "owner")).metadata.uid, owner.metadata.uid);
    },
  },
  {
    says: "a dependent of two owners stays for the second and loses the first",
    holds: async (api) => {
      const one = await make(api, "widgets", aWidget("owner"));
      const two = await make(api, "widgets", aWidget("second"));
      const owners = [one, two].flatMap((owner) => ownedBy(owner).ownerReferences);
      const child = await make(api, "configmaps", aMap("child", {}, { ownerReferences: owners }));
      await using watch = await api.watch(
        at(api, "configmaps", `?resourceVersion=${child.metadata.resourceVersion}`),
      );
      await deleteWith(api, "Background");
      await watch.until((events) =>
        events.some(({ type, object }) =>
          type === "MODIFIED" && object.metadata.ownerReferences?.length === 1
        )
      );
      const left = await read(api, "configmaps", "child");
      assert.equal(left.metadata.ownerReferences[0].name, "second");
    },
  },
  {
    says: "a dependent with a finalizer is marked, and goes when that is gone",
    holds: async (api) => {
      const owner = await make(api, "widgets", aWidget("owner"));
      const hold = { finalizers: ["x.example/hold"], ...ownedBy(owner) };
      const child = await make(api, "configmaps", aMap("child", {}, hold));
      const after = child.metadata.resourceVersion;
      await using watch = await api.watch(at(api, "configmaps", `?resourceVersion=${after}`));
      await deleteWith(api, "Background");
      await watch.until((events) =>
        events.some(({ object }) => object.metadata.deletionTimestamp !== undefined)
      );
      await change(api, "configmaps", { name: "child", patch: { metadata: { finalizers: null } } });
      await gone(api, "configmaps", { names: ["child"], after });
    },
  },
  {
    says: "a scheduled pod of an owner that is gone is asked to end, with its grace",
    holds: async (api) => {
      const owner = await make(api, "widgets", aWidget("owner"));
      const pod = await make(api, "pods", aPod("child", { nodeName: "node-1" }, ownedBy(owner)));
      const after = pod.metadata.resourceVersion;
      await using watch = await api.watch(at(api, "pods", `?resourceVersion=${after}`));
      await deleteWith(api, "Background");
      await watch.until((events) =>
        events.some(({ object }) => object.metadata.deletionGracePeriodSeconds === 30)
      );
      await api.done("DELETE", at(api, "pods", "child?gracePeriodSeconds=0"));
    },
  },
  {
    says: "an incomplete owner reference is 422",
    holds: async (api) => {
      const body = aMap("a", {}, {
        ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "x", uid: "" }],
      });
      const { code, body: refusal } = await api.call("POST", at(api, "configmaps"), { body });
      assert.equal(code, 422);
      assert.equal(
        refusal.message,
        'ConfigMap "a" is invalid: metadata.ownerReferences.uid: Invalid value: "": must not be empty',
      );
    },
  },
  {
    says: "two owners that control are 422",
    holds: async (api) => {
      const one = await make(api, "configmaps", aMap("one"));
      const two = await make(api, "configmaps", aMap("two"));
      const owners = [one, two].flatMap((owner) =>
        ownedBy(owner, { controller: true }).ownerReferences
      );
      const body = aMap("a", {}, { ownerReferences: owners });
      const { code, body: refusal } = await api.call("POST", at(api, "configmaps"), { body });
      assert.equal(code, 422);
      assert.match(
        refusal.message,
        /Only one reference can have Controller set to true\. Found "true" in references for /,
      );
    },
  },
];
