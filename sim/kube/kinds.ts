/**
 * What the API server does to built-in kinds before it stores them: defaults, checks, what stays unchangeable. A row per
 * kind; kinds without a row are stored as they come.
 */
import { deepEqual } from "../../lib/json.ts";
import { definitionProblems, establishedDefinition } from "./custom_resources.ts";
import { type Document, type Fields, fields, isFields, items, text } from "./document.ts";
import { invalidValue, labelProblems, requiredValue } from "./metadata_rules.ts";
import { defaultedPodSpec, podSpecProblems, podUpdateProblems, qosClass } from "./pod_rules.ts";
import type { Resource } from "./resources.ts";
import type { FieldProblem } from "./status.ts";

/** What is special about a built-in kind; absent members mean nothing is. */
export interface KindRules {
  /** The document with what the server fills in. `now`: RFC 3339. */
  readonly defaulted?: (document: Document, now: string) => Document;
  /** The status of a new object; absent: none. */
  readonly initialStatus?: (document: Document) => Fields;
  readonly problems?: (document: Document) => readonly FieldProblem[];
  readonly updateProblems?: (before: Document, after: Document) => readonly FieldProblem[];
}

const NOTHING: KindRules = {};

function immutable(field: string, value: unknown): FieldProblem {
  return invalidValue(field, value, "field is immutable");
}

const PODS: KindRules = {
  defaulted: (pod) => ({ ...pod, spec: defaultedPodSpec(fields(pod.spec)) }),
  initialStatus: (pod) => ({ phase: "Pending", qosClass: qosClass(fields(pod.spec)) }),
  problems: (pod) => podSpecProblems(fields(pod.spec), "spec"),
  updateProblems: podUpdateProblems,
};

const NAMESPACES: KindRules = {
  defaulted: (namespace) => ({
    ...namespace,
    metadata: {
      ...namespace.metadata,
      labels: {
        ...namespace.metadata.labels,
        "kubernetes.io/metadata.name": namespace.metadata.name ?? "",
      },
    },
    spec: { finalizers: ["kubernetes"], ...fields(namespace.spec) },
  }),
  initialStatus: () => ({ phase: "Active" }),
};

/** Standard base64, padded. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const SECRET_KEY = /^[-._a-zA-Z0-9]+$/;
const MAX_DATA_BYTES = 1024 * 1024;

function dataProblems(document: Document): readonly FieldProblem[] {
  const data = fields(document.data);
  const size = Object.values(data).reduce<number>((sum, value) => sum + text(value).length, 0);
  const limit = document.kind === "Secret" ? (MAX_DATA_BYTES * 4) / 3 : MAX_DATA_BYTES;
  return [
    ...Object.keys(data).filter((key) => !SECRET_KEY.test(key)).map((key) =>
      invalidValue(
        `data[${key}]`,
        key,
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. " +
          "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      )
    ),
    ...(size <= limit ? [] : [{
      field: "data",
      reason: "FieldValueTooLong",
      message: `Too long: may not be more than ${MAX_DATA_BYTES} bytes`,
    }]),
  ];
}

function immutableData(before: Document, after: Document): readonly FieldProblem[] {
  if (before.immutable !== true) return [];
  if (after.immutable !== true) return [immutableWhenSet("immutable")];
  return deepEqual(before.data, after.data) ? [] : [immutableWhenSet("data")];
}

function immutableWhenSet(field: string): FieldProblem {
  return {
    field,
    reason: "FieldValueForbidden",
    message: "Forbidden: field is immutable when `immutable` is set",
  };
}

function toBase64(value: string): string {
  return new TextEncoder().encode(value).toBase64();
}

const SECRETS: KindRules = {
  defaulted: (secret) => {
    const { stringData, ...rest } = secret;
    const added = Object.entries(fields(stringData)).map(([key, value]) =>
      [key, toBase64(String(value))] as const
    );
    const data = { ...fields(secret.data), ...Object.fromEntries(added) };
    return {
      ...rest,
      ...(Object.keys(data).length > 0 ? { data } : {}),
      type: text(secret.type) || "Opaque",
    };
  },
  problems: dataProblems,
  updateProblems: (before, after) => [
    ...(before.type === after.type ? [] : [immutable("type", after.type)]),
    ...immutableData(before, after),
  ],
};

const CONFIG_MAPS: KindRules = { problems: dataProblems, updateProblems: immutableData };

function ruleProblems(role: Document): readonly FieldProblem[] {
  return items(role.rules).map(fields).flatMap((rule, index) => {
    if (items(rule.verbs).length === 0) {
      return [requiredValue(`rules[${index}].verbs`, "verbs must contain at least one value")];
    }
    if (items(rule.nonResourceURLs).length > 0) return [];
    return [
      ...(items(rule.apiGroups).length === 0
        ? [requiredValue(
          `rules[${index}].apiGroups`,
          "resource rules must supply at least one api group",
        )]
        : []),
      ...(items(rule.resources).length === 0
        ? [requiredValue(
          `rules[${index}].resources`,
          "resource rules must supply at least one resource",
        )]
        : []),
    ];
  });
}

const BINDINGS: KindRules = {
  defaulted: (binding) => ({
    ...binding,
    ...(Array.isArray(binding.subjects)
      ? {
        subjects: binding.subjects.map((subject) => {
          if (!isFields(subject)) return subject;
          const apiGroup = subject.kind === "ServiceAccount"
            ? {}
            : { apiGroup: "rbac.authorization.k8s.io" };
          return { ...apiGroup, ...subject };
        }),
      }
      : {}),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", ...fields(binding.roleRef) },
  }),
  problems: (binding) => {
    const { kind, name } = fields(binding.roleRef);
    return [
      ...(text(kind) === "" ? [requiredValue("roleRef.kind")] : []),
      ...(text(name) === "" ? [requiredValue("roleRef.name")] : []),
    ];
  },
  updateProblems: (before, after) =>
    deepEqual(before.roleRef, after.roleRef) ? [] : [{
      field: "roleRef",
      reason: "FieldValueInvalid",
      message: `Invalid value: ${JSON.stringify(after.roleRef)}: cannot change roleRef`,
    }],
};

const LEASES: KindRules = {
  problems: (lease) =>
    (["leaseDurationSeconds", "leaseTransitions"] as const).flatMap((name) => {
      const value = fields(lease.spec)[name];
      const least = name === "leaseDurationSeconds" ? 1 : 0;
      if (typeof value !== "number" || value >= least) return [];
      return [invalidValue(
        `spec.${name}`,
        value,
        least === 1 ? "must be greater than 0" : "must be greater than or equal to 0",
      )];
    }),
};

const EVENTS: KindRules = {
  problems: (event) => {
    const { namespace = "" } = fields(event.involvedObject);
    const isClusterWide = namespace === "" && event.metadata.namespace === "default";
    if (namespace === event.metadata.namespace || isClusterWide) return [];
    return [
      invalidValue("involvedObject.namespace", namespace, "does not match event.namespace"),
    ];
  },
};

const DEFINITIONS: KindRules = {
  defaulted: establishedDefinition,
  initialStatus: (definition) => fields(definition.status),
  problems: definitionProblems,
};

const WORKLOADS: KindRules = {
  problems: (workload) => {
    const template = fields(fields(workload.spec).template);
    return [
      ...labelProblems("spec.template.labels", fields(template.metadata).labels),
      ...podSpecProblems(defaultedPodSpec(fields(template.spec)), "spec.template.spec"),
    ];
  },
};

const ROWS: Readonly<Record<string, KindRules>> = {
  "/pods": PODS,
  "/namespaces": NAMESPACES,
  "/secrets": SECRETS,
  "/configmaps": CONFIG_MAPS,
  "/events": EVENTS,
  "rbac.authorization.k8s.io/roles": { problems: ruleProblems },
  "rbac.authorization.k8s.io/clusterroles": { problems: ruleProblems },
  "rbac.authorization.k8s.io/rolebindings": BINDINGS,
  "rbac.authorization.k8s.io/clusterrolebindings": BINDINGS,
  "coordination.k8s.io/leases": LEASES,
  "apiextensions.k8s.io/customresourcedefinitions": DEFINITIONS,
  "apps/deployments": WORKLOADS,
  "apps/replicasets": WORKLOADS,
  "batch/jobs": WORKLOADS,
};

/** The rules of a built-in kind. */
export function kindRules(resource: Resource): KindRules {
  return ROWS[`${resource.group}/${resource.plural}`] ?? NOTHING;
}

/** Why the JSON of a document cannot be read as its kind (400); `undefined` when it can. */
export function unreadable(document: Document): string | undefined {
  for (const map of ["labels", "annotations"] as const) {
    const entries = document.metadata[map];
    if (entries === undefined || entries === null) continue;
    const wrong = Object.values(fields(entries)).find((value) => typeof value !== "string");
    if (wrong === undefined && isFields(entries)) continue;
    const found = isFields(entries) ? jsonType(wrong) : jsonType(entries);
    return `json: cannot unmarshal ${found} into Go struct field ObjectMeta.metadata.${map} of ` +
      `type ${isFields(entries) ? "string" : "map[string]string"}`;
  }
  if (document.kind === "ConfigMap") return unreadableData(document);
  if (document.kind === "Lease") return unreadableTimes(document);
  if (document.kind !== "Secret") return undefined;
  const bad = Object.values(fields(document.data)).find((value) => !BASE64.test(text(value)));
  if (bad === undefined) return undefined;
  const at = text(bad).search(/[^A-Za-z0-9+/=]/);
  return `illegal base64 data at input byte ${at < 0 ? Math.max(text(bad).length - 1, 0) : at}`;
}

function unreadableData(map: Document): string | undefined {
  const wrong = Object.values(fields(map.data)).find((value) => typeof value !== "string");
  if (wrong === undefined) return undefined;
  return `json: cannot unmarshal ${
    jsonType(wrong)
  } into Go struct field ConfigMap.data of type string`;
}

const SECOND = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;

function unreadableTimes(lease: Document): string | undefined {
  const { acquireTime, renewTime } = fields(lease.spec);
  const wrong = [acquireTime, renewTime].find((time) =>
    time !== undefined && time !== null && !MICRO_TIME.test(text(time))
  );
  if (wrong === undefined) return undefined;
  const second = SECOND.exec(text(wrong))?.[0];
  const [rest, place] = second === undefined
    ? [text(wrong), "2006"]
    : [text(wrong).slice(second.length), ".000000"];
  return `parsing time "${wrong}" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "${rest}" as "${place}"`;
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value;
}
