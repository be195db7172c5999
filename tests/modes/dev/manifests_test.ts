import assert from "node:assert/strict";
import { InvalidInput } from "../../../lib/errors.ts";
import { readManifests } from "../../../modes/dev/manifests.ts";

const KINDS = [
  { group: "", version: "v1", kind: "Secret", namespaced: true },
  { group: "", version: "v1", kind: "Namespace", namespaced: false },
  { group: "apps", version: "v1", kind: "Deployment", namespaced: true },
];
const options = { namespace: "given", kinds: KINDS };

function read(text: string) {
  return readManifests([{ name: "f.yaml", text }], options);
}

Deno.test({
  name: "objects come with the line they begin in, and a namespace where their kind wants one",
  permissions: "none",
  fn: () => {
    const text = [
      "apiVersion: v1",
      "kind: Secret",
      "metadata: {name: a}",
      "---",
      "apiVersion: v1",
      "kind: Namespace",
      "metadata: {name: b}",
      "---",
      "apiVersion: v1",
      "kind: Secret",
      "metadata: {name: c, namespace: own}",
    ].join("\n");
    assert.deepEqual(read(text).map(({ at, object }) => [at, object.metadata]), [
      ["f.yaml:1", { name: "a", namespace: "given" }],
      ["f.yaml:5", { name: "b" }],
      ["f.yaml:9", { name: "c", namespace: "own" }],
    ]);
  },
});

Deno.test({
  name: "lists are opened",
  permissions: "none",
  fn: () => {
    const text = JSON.stringify({
      apiVersion: "v1",
      kind: "List",
      items: ["a", "b"].map((name) => ({ apiVersion: "v1", kind: "Secret", metadata: { name } })),
    });
    assert.deepEqual(read(text).map(({ object }) => object.metadata?.name), ["a", "b"]);
  },
});

const WRONG: readonly (readonly [claim: string, text: string, message: RegExp])[] = [
  ["an empty file", "", /^f\.yaml: no manifest in it/],
  ["nothing but comments", "# nothing\n---\n", /^f\.yaml: no manifest in it/],
  ["malformed YAML", "a: [1\nb: 2", /^f\.yaml:2:1: /],
  ["a list of words", "- a", /^f\.yaml:1: a manifest must be a mapping/],
  ["no kind", "apiVersion: v1", /^f\.yaml:1: apiVersion and kind are missing/],
  [
    "an unknown kind",
    "\napiVersion: v1\nkind: Gadget\nmetadata: {name: x}",
    /^f\.yaml:2: unknown kind "Gadget" in "v1": expected one of Deployment, Namespace, Secret/,
  ],
  [
    "a kind in the wrong group",
    "apiVersion: v1\nkind: Deployment\nmetadata: {name: x}",
    /^f\.yaml:1: unknown kind "Deployment" in "v1": expected Deployment in "apps\/v1"/,
  ],
  [
    "no name",
    "apiVersion: v1\nkind: Secret",
    /^f\.yaml:1: metadata\.name of the Secret is missing/,
  ],
  [
    "a namespace that is no text",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: 5}",
    /^f\.yaml:1: metadata\.namespace of Secret "x" must be text/,
  ],
  ["a list without items", "apiVersion: v1\nkind: List", /^f\.yaml:1: items of a List/],
];

for (const [claim, text, message] of WRONG) {
  Deno.test({
    name: `manifests: ${claim} is refused with file and line`,
    permissions: "none",
    fn: () =>
      assert.throws(
        () => read(text),
        (thrown) => thrown instanceof InvalidInput && message.test(thrown.message),
      ),
  });
}
