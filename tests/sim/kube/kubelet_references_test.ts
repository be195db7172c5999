import assert from "node:assert/strict";
import {
  bytesOf,
  found,
  MissingReference,
  podField,
} from "../../../sim/kube/kubelet_references.ts";
import { noReferences } from "./references.ts";

Deno.test({
  name: "fields of a pod are found by their path; unknown ones are empty",
  permissions: "none",
  fn: () => {
    const pod = {
      metadata: { name: "p", namespace: "n", uid: "u", labels: { "a.b/c": "label" } },
      spec: { nodeName: "node-1", serviceAccountName: "sa", containers: [] },
      status: { podIP: "10.1" },
    };
    const paths = [
      "metadata.name",
      "metadata.namespace",
      "metadata.uid",
      "metadata.labels['a.b/c']",
      "metadata.annotations['none']",
      "spec.nodeName",
      "spec.serviceAccountName",
      "status.podIP",
      "status.hostIP",
      "spec.nonsense",
    ];
    assert.deepEqual(paths.map((path) => podField(pod, path)), [
      "p",
      "n",
      "u",
      "label",
      "",
      "node-1",
      "sa",
      "10.1",
      "",
      "",
    ]);
  },
});

Deno.test("what is missing is an error unless it is optional", async () => {
  await assert.rejects(
    () => found(noReferences, { kind: "secret", name: "gone" }),
    (thrown) => thrown instanceof MissingReference && thrown.message === 'secret "gone" not found',
  );
  assert.equal(
    await found(noReferences, { kind: "configmap", name: "x", optional: true }),
    undefined,
  );
});

Deno.test({
  name: "values of Secrets are bytes",
  permissions: "none",
  fn: () => assert.deepEqual([...bytesOf(btoa("\x00\xff"))], [0, 255]),
});
