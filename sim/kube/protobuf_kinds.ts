/**
 * Field numbers of the built-in kinds that clients like to send as protobuf, from the `generated.proto` files of
 * `k8s.io/api` and `k8s.io/apimachinery`. A table; kinds that are not here are refused with 415.
 */
import type { FieldType, Message } from "./protobuf.ts";

type Row = readonly [name: string, type: FieldType];

function message(fields: Readonly<Record<number, Row>>): Message {
  return { fields };
}

const TEXTS: FieldType = { list: "text" };
const TEXT_MAP: FieldType = { map: "text" };

const OWNER = message({
  1: ["kind", "text"],
  3: ["name", "text"],
  4: ["uid", "text"],
  5: ["apiVersion", "text"],
  6: ["controller", "truth"],
  7: ["blockOwnerDeletion", "truth"],
});

const METADATA = message({
  1: ["name", "text"],
  2: ["generateName", "text"],
  3: ["namespace", "text"],
  5: ["uid", "text"],
  6: ["resourceVersion", "text"],
  11: ["labels", TEXT_MAP],
  12: ["annotations", TEXT_MAP],
  13: ["ownerReferences", { list: OWNER }],
  14: ["finalizers", TEXTS],
});

function object(fields: Readonly<Record<number, Row>>): Message {
  return message({ 1: ["metadata", METADATA], ...fields });
}

const REFERENCE = message({ 1: ["name", "text"] });

const RULE = message({
  1: ["verbs", TEXTS],
  2: ["apiGroups", TEXTS],
  3: ["resources", TEXTS],
  4: ["resourceNames", TEXTS],
  5: ["nonResourceURLs", TEXTS],
});

const SUBJECT = message({
  1: ["kind", "text"],
  2: ["apiGroup", "text"],
  3: ["name", "text"],
  4: ["namespace", "text"],
});

const ROLE_REF = message({ 1: ["apiGroup", "text"], 2: ["kind", "text"], 3: ["name", "text"] });
const ROLE = object({ 2: ["rules", { list: RULE }] });
const BINDING = object({ 2: ["subjects", { list: SUBJECT }], 3: ["roleRef", ROLE_REF] });

const ACCESS = message({
  1: ["namespace", "text"],
  2: ["verb", "text"],
  3: ["group", "text"],
  4: ["version", "text"],
  5: ["resource", "text"],
  6: ["subresource", "text"],
  7: ["name", "text"],
});
const PATH_ACCESS = message({ 1: ["path", "text"], 2: ["verb", "text"] });

const PRECONDITIONS = message({ 1: ["uid", "text"], 2: ["resourceVersion", "text"] });
const DELETE_OPTIONS = message({
  1: ["gracePeriodSeconds", "integer"],
  2: ["preconditions", PRECONDITIONS],
  3: ["orphanDependents", "truth"],
  4: ["propagationPolicy", "text"],
  5: ["dryRun", TEXTS],
});

/** By kind. */
export const PROTOBUF_KINDS: Readonly<Record<string, Message>> = {
  Namespace: object({ 2: ["spec", message({ 1: ["finalizers", TEXTS] })] }),
  Secret: object({
    2: ["data", { map: "base64" }],
    3: ["type", "text"],
    4: ["stringData", TEXT_MAP],
    5: ["immutable", "truth"],
  }),
  ConfigMap: object({
    2: ["data", TEXT_MAP],
    3: ["binaryData", { map: "base64" }],
    4: ["immutable", "truth"],
  }),
  ServiceAccount: object({
    2: ["secrets", { list: message({ 3: ["name", "text"] }) }],
    3: ["imagePullSecrets", { list: REFERENCE }],
    4: ["automountServiceAccountToken", "truth"],
  }),
  ResourceQuota: object({
    2: ["spec", message({ 1: ["hard", { map: "quantity" }], 2: ["scopes", TEXTS] })],
  }),
  Role: ROLE,
  ClusterRole: ROLE,
  RoleBinding: BINDING,
  ClusterRoleBinding: BINDING,
  SelfSubjectAccessReview: object({
    2: [
      "spec",
      message({
        1: ["resourceAttributes", ACCESS],
        2: ["nonResourceAttributes", PATH_ACCESS],
      }),
    ],
  }),
  SelfSubjectRulesReview: object({ 2: ["spec", message({ 1: ["namespace", "text"] })] }),
  SelfSubjectReview: object({}),
  TokenRequest: object({
    2: ["spec", message({ 1: ["audiences", TEXTS], 4: ["expirationSeconds", "integer"] })],
  }),
  Eviction: object({ 2: ["deleteOptions", DELETE_OPTIONS] }),
  DeleteOptions: DELETE_OPTIONS,
};
