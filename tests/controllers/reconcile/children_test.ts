import assert from "node:assert/strict";
import {
  childPatch,
  deleteStep,
  ensureChild,
  integrityHash,
  isOurHash,
  ownKeys,
  withOwnKeys,
} from "../../../controllers/reconcile/children.ts";
import { PODS } from "../../../kube/resources.ts";
import type { KubeObject } from "../../../kube/types.ts";
import { aPod } from "../../builders.ts";
import { pure } from "../situations.ts";

type Keys = Readonly<Record<string, string>>;
const child = (labels: Keys, annotations: Keys = {}, spec: unknown = {}) =>
  ({ metadata: { name: "c", namespace: "n", labels, annotations }, spec }) as KubeObject;

const owned = (name: string) => ({
  metadata: {
    name: "c",
    namespace: "n",
    ownerReferences: [{ apiVersion: "v1", kind: "Owner", name, uid: name }],
  },
  spec: {},
});

const ROWS: readonly {
  readonly claim: string;
  readonly observed: KubeObject;
  readonly desired: KubeObject;
  readonly before?: readonly string[];
  readonly patch: unknown;
}[] = [
  {
    claim: "nothing when all is as wanted",
    observed: child({ a: "1" }, { b: "2" }, { x: 1 }),
    desired: child({ a: "1" }, { b: "2" }, { x: 1 }),
    patch: undefined,
  },
  {
    claim: "nothing about keys and members of others",
    observed: child({ a: "1", theirs: "1" }, { theirs: "1" }, { x: 1, theirs: 1 }),
    desired: child({ a: "1" }, {}, { x: 1 }),
    patch: undefined,
  },
  {
    claim: "what is missing and what differs",
    observed: child({ a: "0" }),
    desired: child({ a: "1", b: "1" }, { c: "1" }),
    patch: { metadata: { labels: { a: "1", b: "1" }, annotations: { c: "1" } } },
  },
  {
    claim: "B5: the owner of what nobody owns, as ARC leaves a listener's Role",
    observed: child({}),
    desired: owned("set"),
    patch: { metadata: { ownerReferences: owned("set").metadata.ownerReferences } },
  },
  {
    claim: "nothing about the owner of what has one",
    observed: owned("another"),
    desired: owned("set"),
    patch: undefined,
  },
  {
    claim: "X4: keys that were ours and are no longer wanted go",
    observed: child({ old: "1", theirs: "1" }, { old: "1" }),
    desired: child({}),
    before: ["a:old", "l:old", "l:gone-already"],
    patch: { metadata: { labels: { old: null }, annotations: { old: null } } },
  },
  {
    claim: "a label is no annotation of the same name",
    observed: child({ k: "1" }, { k: "1" }),
    desired: child({}),
    before: ["l:k"],
    patch: { metadata: { labels: { k: null } } },
  },
  {
    claim: "deep inside a member what is not wanted goes",
    observed: child({}, {}, { template: { a: 1, b: 2 } }),
    desired: child({}, {}, { template: { a: 1 } }),
    patch: { spec: { template: { b: null } } },
  },
  {
    claim: "a member that is wanted to be absent goes",
    observed: child({}, {}, { proxy: {}, x: 1 }),
    desired: child({}, {}, { proxy: undefined }),
    patch: { spec: { proxy: null } },
  },
  {
    claim: "lists are replaced whole",
    observed: child({}, {}, { list: [1, 2] }),
    desired: child({}, {}, { list: [1] }),
    patch: { spec: { list: [1] } },
  },
];

for (const { claim, observed, desired, before = [], patch } of ROWS) {
  pure(`a child is patched with ${claim}`, () => {
    assert.deepEqual(
      childPatch(observed, desired, { members: ["spec"], keysBefore: before }),
      patch,
    );
  });
}

pure("without a list of former keys the note on the object counts", () => {
  const first = withOwnKeys(child({ a: "1", b: "1" }));
  const patch = childPatch(first, withOwnKeys(child({ a: "1" })), { members: [] });
  assert.deepEqual(patch, {
    metadata: { labels: { b: null }, annotations: { "actions.github.com/own-keys": "l:a" } },
  });
});

pure("a child is created with a note of its keys, or patched, or left", () => {
  const desired = child({ a: "1" });
  const [create] = ensureChild(PODS, undefined, desired, { members: ["spec"] });
  assert.ok(create?.do === "create");
  assert.deepEqual(ownKeys(desired), ["l:a"]);
  assert.deepEqual(ensureChild(PODS, create.object, desired, { members: ["spec"] }), []);
  const [patch] = ensureChild(PODS, child({}), desired, { members: [], keysBefore: [] });
  assert.ok(patch?.do === "patch");
  assert.deepEqual(patch.key, { namespace: "n", name: "c" });
});

pure("members that are not named are not compared", () => {
  const observed = withOwnKeys(child({}, {}, { x: 1 }));
  assert.deepEqual(ensureChild(PODS, observed, child({}, {}, { x: 2 }), { members: [] }), []);
});

pure("a null of the user's is written once at most (X1)", () => {
  const desired = child({}, {}, { a: null, deep: { b: null, c: 1 } });
  const [create] = ensureChild(PODS, undefined, desired, { members: ["spec"] });
  assert.ok(create?.do === "create");
  assert.deepEqual((create.object as { spec?: unknown }).spec, { deep: { c: 1 } });
  assert.deepEqual(ensureChild(PODS, create.object, desired, { members: ["spec"] }), []);
});

pure("only the incarnation that was seen is deleted, and only once", () => {
  const pod = aPod();
  assert.deepEqual(deleteStep(PODS, pod), [{
    do: "delete",
    type: PODS,
    key: { namespace: "arc-runners", name: "linux-runner-a1b2c" },
    uid: pod.metadata?.uid,
  }]);
  assert.deepEqual(deleteStep(PODS, pod.deleting()), []);
});

pure("our fingerprints are told apart from ARC's, and do not depend on the order of keys", () => {
  assert.ok(isOurHash(integrityHash({ a: 1 })));
  assert.ok(!isOurHash("6fb7975f69"));
  assert.ok(!isOurHash(undefined));
  assert.equal(integrityHash({ a: 1, b: 2 }), integrityHash({ b: 2, a: 1 }));
  assert.notEqual(integrityHash({ a: 1 }), integrityHash({ a: 2 }));
});
