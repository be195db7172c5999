/** What the API fills into a pod, what it demands of one, and what may change afterwards. Pure. */
import { deepEqual } from "../../lib/json.ts";
import { quantityOf } from "../../lib/quantity.ts";
import { type Document, type Fields, fields, isFields, items, text } from "./document.ts";
import { invalidValue, labelNameProblems, requiredValue } from "./metadata_rules.ts";
import type { FieldProblem } from "./status.ts";

const CONTAINER_LISTS = ["initContainers", "containers"] as const;
const RESTART_POLICIES = ["Always", "OnFailure", "Never"];
const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];

const NOT_READY = ["not-ready", "unreachable"].map((key) => ({
  key: `node.kubernetes.io/${key}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 300,
}));

function pullPolicy(image: string): string {
  const tag = image.split("/").at(-1)?.split("@")[0]?.split(":")[1];
  if (image.includes("@")) return "IfNotPresent";
  return tag === undefined || tag === "latest" ? "Always" : "IfNotPresent";
}

function defaultedContainer(value: unknown): unknown {
  if (!isFields(value)) return value;
  const ports = Array.isArray(value.ports)
    ? { ports: value.ports.map((port) => isFields(port) ? { protocol: "TCP", ...port } : port) }
    : {};
  return {
    resources: {},
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: pullPolicy(text(value.image)),
    ...value,
    ...ports,
  };
}

function defaultedVolume(value: unknown): unknown {
  if (!isFields(value)) return value;
  const modes = Object.fromEntries(
    (["secret", "configMap", "projected", "downwardAPI"] as const).flatMap((kind) =>
      isFields(value[kind]) ? [[kind, { defaultMode: 420, ...value[kind] }]] : []
    ),
  );
  return { ...value, ...modes };
}

/** The pod spec with the fields that the API server fills in. */
export function defaultedPodSpec(spec: Fields): Fields {
  const account = text(spec.serviceAccountName) || text(spec.serviceAccount) || "default";
  const lists = Object.fromEntries(
    CONTAINER_LISTS.flatMap((list) =>
      Array.isArray(spec[list]) ? [[list, spec[list].map(defaultedContainer)]] : []
    ),
  );
  return {
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    schedulerName: "default-scheduler",
    securityContext: {},
    enableServiceLinks: true,
    preemptionPolicy: "PreemptLowerPriority",
    priority: 0,
    ...spec,
    ...lists,
    ...(Array.isArray(spec.volumes) ? { volumes: spec.volumes.map(defaultedVolume) } : {}),
    serviceAccountName: account,
    serviceAccount: account,
    tolerations: [
      ...items(spec.tolerations),
      ...NOT_READY.filter((added) =>
        !items(spec.tolerations).map(fields).some((own) =>
          own.key === added.key || (own.key === undefined && own.operator === "Exists")
        )
      ),
    ],
  };
}

/** The quality-of-service class that requests and limits give a pod. */
export function qosClass(spec: Fields): "Guaranteed" | "Burstable" | "BestEffort" {
  const all = CONTAINER_LISTS.flatMap((list) => items(spec[list]).map(fields))
    .map((container) => fields(container.resources));
  if (all.every((one) => !isFields(one.requests) && !isFields(one.limits))) return "BestEffort";
  const isGuaranteed = all.every((one) =>
    ["cpu", "memory"].every((name) => {
      const limit = fields(one.limits)[name];
      return limit !== undefined && (fields(one.requests)[name] ?? limit) === limit;
    })
  );
  return isGuaranteed ? "Guaranteed" : "Burstable";
}

function unsupported(field: string, value: unknown, allowed: readonly string[]): FieldProblem {
  return {
    field,
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${
      allowed.map((one) => JSON.stringify(one)).join(", ")
    }`,
  };
}

function duplicates(field: string, list: readonly unknown[], key: string): readonly FieldProblem[] {
  const seen = new Set<unknown>();
  return list.map(fields).flatMap((item, index) => {
    const value = item[key];
    if (value === undefined) return [];
    if (!seen.has(value)) {
      seen.add(value);
      return [];
    }
    return [{
      field: `${field}[${index}].${key}`,
      reason: "FieldValueDuplicate",
      message: `Duplicate value: ${JSON.stringify(value)}`,
    }];
  });
}

function resourceProblems(field: string, resources: Fields): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const list of ["limits", "requests"] as const) {
    for (const [name, quantity] of Object.entries(fields(resources[list]))) {
      if (quantityOf(quantity) !== undefined) continue;
      problems.push(invalidValue(
        `${field}.${list}[${name}]`,
        String(quantity),
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
      ));
    }
  }
  for (const [name, request] of Object.entries(fields(resources.requests))) {
    const limit = fields(resources.limits)[name];
    const [wanted, allowed] = [quantityOf(request), quantityOf(limit)];
    if (wanted === undefined || allowed === undefined || wanted <= allowed) continue;
    problems.push(invalidValue(
      `${field}.requests`,
      String(request),
      `must be less than or equal to ${name} limit of ${limit}`,
    ));
  }
  return problems;
}

function containerProblems(
  field: string,
  container: Fields,
  volumes: ReadonlySet<string>,
): readonly FieldProblem[] {
  const name = text(container.name);
  const mounts = items(container.volumeMounts).map(fields);
  return [
    ...(name === "" ? [requiredValue(`${field}.name`)] : labelNameProblems(`${field}.name`, name)),
    ...(text(container.image) === "" ? [requiredValue(`${field}.image`)] : []),
    ...(PULL_POLICIES.includes(text(container.imagePullPolicy))
      ? []
      : [unsupported(`${field}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES)]),
    ...items(container.env).map(fields).flatMap((variable, index) =>
      text(variable.name) === "" ? [requiredValue(`${field}.env[${index}].name`)] : []
    ),
    ...mounts.flatMap((mount, index): readonly FieldProblem[] => {
      const at = `${field}.volumeMounts[${index}]`;
      const path = text(mount.mountPath) === "" ? [requiredValue(`${at}.mountPath`)] : [];
      if (text(mount.name) === "") return [...path, requiredValue(`${at}.name`)];
      if (volumes.has(text(mount.name))) return path;
      return [...path, {
        field: `${at}.name`,
        reason: "FieldValueNotFound",
        message: `Not found: ${JSON.stringify(mount.name)}`,
      }];
    }),
    ...mounts.flatMap((mount, index) => {
      const first = mounts.findIndex((other) => other.mountPath === mount.mountPath);
      if (first === index || mount.mountPath === undefined) return [];
      return [invalidValue(
        `${field}.volumeMounts[${index}].mountPath`,
        mount.mountPath,
        "must be unique",
      )];
    }),
    ...resourceProblems(`${field}.resources`, fields(container.resources)),
  ];
}

/** What is wrong with a pod spec found at `at` (e.g. "spec"). */
export function podSpecProblems(spec: Fields, at: string): readonly FieldProblem[] {
  const volumes = items(spec.volumes).map(fields);
  const volumeNames = new Set(volumes.map((volume) => text(volume.name)));
  const all = CONTAINER_LISTS.flatMap((list) =>
    items(spec[list]).map((container, index) => ({ list, container: fields(container), index }))
  );
  const names = all.map(({ container }) => text(container.name));
  return [
    ...volumes.flatMap((volume, index) =>
      text(volume.name) === ""
        ? [requiredValue(`${at}.volumes[${index}].name`)]
        : labelNameProblems(`${at}.volumes[${index}].name`, text(volume.name))
    ),
    ...duplicates(`${at}.volumes`, volumes, "name"),
    ...(items(spec.containers).length === 0 ? [requiredValue(`${at}.containers`)] : []),
    ...all.flatMap(({ list, container, index }) =>
      containerProblems(`${at}.${list}[${index}]`, container, volumeNames)
    ),
    ...all.flatMap(({ list, container, index }, position) =>
      text(container.name) !== "" && names.indexOf(text(container.name)) < position
        ? [{
          field: `${at}.${list}[${index}].name`,
          reason: "FieldValueDuplicate",
          message: `Duplicate value: ${JSON.stringify(container.name)}`,
        }]
        : []
    ),
    ...(RESTART_POLICIES.includes(text(spec.restartPolicy))
      ? []
      : [unsupported(`${at}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES)]),
  ];
}

const MUTABLE_TEXT =
  "Forbidden: pod updates may not change fields other than `spec.containers[*].image`," +
  "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions " +
  "to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it " +
  "was previously negative)";

function immutablePart(spec: Fields): Fields {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, ...rest } = spec;
  const lists = Object.fromEntries(
    CONTAINER_LISTS.flatMap((list) =>
      Array.isArray(spec[list])
        ? [[list, spec[list].map((container) => ({ ...fields(container), image: "" }))]]
        : []
    ),
  );
  return { ...rest, ...lists };
}

/** What an update may not do to a pod. */
export function podUpdateProblems(before: Document, after: Document): readonly FieldProblem[] {
  const [old, next] = [fields(before.spec), fields(after.spec)];
  if (old === next || deepEqual(immutablePart(old), immutablePart(next))) return [];
  return [{ field: "spec", reason: "FieldValueForbidden", message: MUTABLE_TEXT }];
}
