/** What kubectl shows of built-in kinds between name and age. Pure; a row per column. */
import { type Document, type Fields, fields, items, text, valueAt } from "./document.ts";
import { ageText } from "./durations.ts";
import type { Resource } from "./resources.ts";

/** One column of a table, and what it shows of an object. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description: string;
  /** Columns above 0 are shown by `-o wide` only. */
  readonly priority: number;
  readonly value: (object: Document, now: Date) => unknown;
}

function column(
  name: string,
  value: Column["value"],
  options: { readonly type?: string; readonly wide?: true } = {},
): Column {
  return {
    name,
    type: options.type ?? "string",
    description: `${name} of the object.`,
    priority: options.wide ? 1 : 0,
    value,
  };
}

function count(value: unknown): number {
  return Array.isArray(value) ? value.length : Object.keys(fields(value)).length;
}

function statuses(pod: Document, list: string): readonly Fields[] {
  return items(valueAt(pod, ["status", list])).map(fields);
}

/** The word of a container that does not run as it should. */
function trouble(status: Fields): string | undefined {
  const { waiting, terminated } = fields(status.state);
  if (waiting !== undefined) return text(fields(waiting).reason) || undefined;
  if (terminated === undefined) return undefined;
  const { reason, signal, exitCode } = fields(terminated);
  if (text(reason) !== "") return text(reason);
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

function initTrouble(pod: Document): string | undefined {
  const all = statuses(pod, "initContainerStatuses");
  const total = items(valueAt(pod, ["spec", "initContainers"])).length;
  const pending = all.findIndex((status) => {
    const ended = fields(status.state).terminated;
    if (ended !== undefined) return fields(ended).exitCode !== 0;
    return status.started !== true;
  });
  const status = all[pending];
  if (!status) return undefined;
  const word = trouble(status);
  return word && word !== "PodInitializing" ? `Init:${word}` : `Init:${pending}/${total}`;
}

/** The word that kubectl shows as a pod's status. */
export function podStatusWord(pod: Document): string {
  const { phase, reason } = fields(pod.status);
  const isDeleting = pod.metadata.deletionTimestamp !== undefined;
  if (isDeleting) return reason === "NodeLost" ? "Unknown" : "Terminating";
  const init = initTrouble(pod);
  if (init) return init;
  const own = statuses(pod, "containerStatuses");
  const word = own.map(trouble).findLast((one) => one !== undefined);
  const runs = own.some((status) => fields(status.state).running !== undefined);
  if (word === "Completed" && runs) return "Running";
  return word ?? (text(reason) || text(phase) || "Unknown");
}

function readyText(pod: Document): string {
  const ready = statuses(pod, "containerStatuses").filter((status) => status.ready === true);
  return `${ready.length}/${items(valueAt(pod, ["spec", "containers"])).length}`;
}

function restarts(pod: Document): string {
  const sum = statuses(pod, "containerStatuses")
    .reduce((total, status) => total + Number(status.restartCount ?? 0), 0);
  return String(sum);
}

const at = (...path: readonly (string | number)[]) => (object: Document) => valueAt(object, path);
const shown = (...path: readonly (string | number)[]) => (object: Document) => {
  const value = valueAt(object, path);
  return value === undefined || value === "" ? "<none>" : String(value);
};
const number = { type: "integer" };
const wide = { wide: true } as const;

function replicas(...path: readonly string[]) {
  return (object: Document) => Number(valueAt(object, path) ?? 0);
}

function condition(object: Document, type: string): unknown {
  return items(valueAt(object, ["status", "conditions"])).map(fields)
    .find((one) => one.type === type)?.status;
}

const ROWS: Readonly<Record<string, readonly Column[]>> = {
  pods: [
    column("Ready", readyText),
    column("Status", podStatusWord),
    column("Restarts", restarts),
  ],
  secrets: [column("Type", at("type")), column("Data", (object) => count(object.data), number)],
  configmaps: [column("Data", (object) => count(object.data), number)],
  serviceaccounts: [column("Secrets", (object) => count(object.secrets), number)],
  namespaces: [column("Status", at("status", "phase"))],
  nodes: [
    column("Status", (node) => {
      const ready = condition(node, "Ready") === "True" ? "Ready" : "NotReady";
      return valueAt(node, ["spec", "unschedulable"]) ? `${ready},SchedulingDisabled` : ready;
    }),
    column("Roles", (node) => {
      const prefix = "node-role.kubernetes.io/";
      const roles = Object.keys(node.metadata.labels ?? {})
        .filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
      return roles.join(",") || "<none>";
    }),
  ],
  services: [
    column("Type", at("spec", "type")),
    column("Cluster-IP", shown("spec", "clusterIP")),
    column("External-IP", () => "<none>"),
    column("Port(s)", (service) =>
      items(valueAt(service, ["spec", "ports"])).map(fields)
        .map((port) => `${port.port}/${port.protocol ?? "TCP"}`).join(",") || "<none>"),
  ],
  persistentvolumeclaims: [
    column("Status", at("status", "phase")),
    column("Volume", (claim) => text(valueAt(claim, ["spec", "volumeName"]))),
    column("Capacity", (claim) => text(valueAt(claim, ["status", "capacity", "storage"]))),
  ],
  resourcequotas: [
    column(
      "Request",
      (quota) =>
        Object.entries(fields(valueAt(quota, ["status", "hard"]))).map(([name, hard]) =>
          `${name}: ${valueAt(quota, ["status", "used", name]) ?? 0}/${hard}`
        ).join(", "),
    ),
  ],
  deployments: [
    column(
      "Ready",
      (object) =>
        `${replicas("status", "readyReplicas")(object)}/${replicas("spec", "replicas")(object)}`,
    ),
    column("Up-to-date", replicas("status", "updatedReplicas"), number),
    column("Available", replicas("status", "availableReplicas"), number),
  ],
  replicasets: [
    column("Desired", replicas("spec", "replicas"), number),
    column("Current", replicas("status", "replicas"), number),
    column("Ready", replicas("status", "readyReplicas"), number),
  ],
  jobs: [
    column("Status", (job) => condition(job, "Complete") === "True" ? "Complete" : "Running"),
    column(
      "Completions",
      (job) =>
        `${replicas("status", "succeeded")(job)}/${valueAt(job, ["spec", "completions"]) ?? 1}`,
    ),
  ],
  leases: [column("Holder", at("spec", "holderIdentity"))],
  rolebindings: [
    column(
      "Role",
      (object) => `${valueAt(object, ["roleRef", "kind"])}/${valueAt(object, ["roleRef", "name"])}`,
    ),
  ],
  clusterrolebindings: [
    column(
      "Role",
      (object) => `${valueAt(object, ["roleRef", "kind"])}/${valueAt(object, ["roleRef", "name"])}`,
    ),
  ],
  roles: [column("Created At", (object) => object.metadata.creationTimestamp)],
  clusterroles: [column("Created At", (object) => object.metadata.creationTimestamp)],
  customresourcedefinitions: [
    column("Created At", (object) => object.metadata.creationTimestamp),
  ],
  poddisruptionbudgets: [
    column("Min Available", shown("spec", "minAvailable")),
    column("Max Unavailable", shown("spec", "maxUnavailable")),
    column("Allowed Disruptions", replicas("status", "disruptionsAllowed"), number),
  ],
};

const AFTER_AGE: Readonly<Record<string, readonly Column[]>> = {
  pods: [
    column("IP", shown("status", "podIP"), wide),
    column("Node", shown("spec", "nodeName"), wide),
    column("Nominated Node", shown("status", "nominatedNodeName"), wide),
    column("Readiness Gates", () => "<none>", wide),
  ],
};

const EVENTS: readonly Column[] = [
  column("Last Seen", (event, now) =>
    ageText(
      text(event.lastTimestamp) || text(event.eventTime) || event.metadata.creationTimestamp,
      now,
    )),
  column("Type", at("type")),
  column("Reason", at("reason")),
  column(
    "Object",
    (event) =>
      `${text(valueAt(event, ["involvedObject", "kind"])).toLowerCase()}/${
        text(valueAt(event, ["involvedObject", "name"]))
      }`,
  ),
  column("Source", (event) => text(valueAt(event, ["source", "component"])), wide),
  column("Message", (event) => text(event.message).trim()),
  column("Count", (event) => Number(event.count ?? 1), { type: "integer", wide: true }),
  { ...column("Name", (event) => event.metadata.name, wide), format: "name" },
];

const NO_AGE: ReadonlySet<string> = new Set([
  "roles",
  "clusterroles",
  "customresourcedefinitions",
]);

/** The columns of a built-in kind, between the given first and age columns where it has those. */
export function builtInColumns(
  resource: Resource,
  usual: { readonly name: Column; readonly age: Column },
): readonly Column[] {
  if (resource.plural === "events") return EVENTS;
  const age = NO_AGE.has(resource.plural) ? [] : [usual.age];
  return [
    usual.name,
    ...ROWS[resource.plural] ?? [],
    ...age,
    ...AFTER_AGE[resource.plural] ?? [],
  ];
}
