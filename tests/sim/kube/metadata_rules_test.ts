import assert from "node:assert/strict";
import type { Metadata } from "../../../sim/kube/document.ts";
import { metadataProblems } from "../../../sim/kube/metadata_rules.ts";
import { BUILT_INS } from "../../../sim/kube/resources.ts";

interface Row {
  readonly claim: string;
  readonly plural?: string;
  readonly metadata: Metadata;
  /** A part of each problem. */
  readonly problems: readonly RegExp[];
}

const LONG = "x".repeat(64);

const ROWS: readonly Row[] = [
  { claim: "an ordinary name is fine", metadata: { name: "a-1.b" }, problems: [] },
  {
    claim: "a name is required",
    metadata: {},
    problems: [/^metadata.name: Required value: name or generateName is required$/],
  },
  {
    claim: "capitals are refused with the rule",
    metadata: { name: "A" },
    problems: [/^metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist/],
  },
  {
    claim: "a name may have 253 characters",
    metadata: { name: "x".repeat(254) },
    problems: [/must be no more than 253 characters$/],
  },
  {
    claim: "a namespace is one DNS label",
    plural: "namespaces",
    metadata: { name: "a.b" },
    problems: [/a lowercase RFC 1123 label must consist/],
  },
  { claim: "a role may have a colon", plural: "roles", metadata: { name: "a:B" }, problems: [] },
  {
    claim: "a label value has at most 63 characters",
    metadata: { name: "a", labels: { k: LONG } },
    problems: [/^metadata.labels: Invalid value: "x+": must be no more than 63 characters$/],
  },
  {
    claim: "a label value begins and ends well",
    metadata: { name: "a", labels: { k: "-x", "p.q/r": "Ok_1" } },
    problems: [/^metadata.labels: Invalid value: "-x": a valid label must be an empty string or/],
  },
  {
    claim: "a label key is a qualified name",
    metadata: { name: "a", labels: { "a/b/c": "", "/x": "" } },
    problems: [/Invalid value: "a\/b\/c": a qualified name/, /Invalid value: "\/x": prefix part/],
  },
  {
    claim: "an owner is named in full",
    metadata: {
      name: "a",
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "", uid: "u" }],
    },
    problems: [/^metadata.ownerReferences.name: Invalid value: "": must not be empty$/],
  },
  {
    claim: "there is one controller",
    metadata: {
      name: "a",
      ownerReferences: ["b", "c"].map((name) => ({
        apiVersion: "v1",
        kind: "Pod",
        name,
        uid: name,
        controller: true,
      })),
    },
    problems: [/Only one reference can have Controller set to true/],
  },
];

for (const { claim, plural = "pods", metadata, problems } of ROWS) {
  Deno.test(claim, { permissions: "none" }, () => {
    const resource = BUILT_INS.find((one) => one.plural === plural);
    assert.ok(resource);
    const found = metadataProblems(resource, { metadata })
      .map((problem) => `${problem.field}: ${problem.message}`);
    assert.equal(found.length, problems.length, found.join("\n"));
    problems.forEach((pattern, index) => assert.match(found[index] ?? "", pattern));
  });
}
