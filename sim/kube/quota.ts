/** ResourceQuota: what a namespace uses, and the refusal of what would be too much. */
import { Background } from "./background.ts";
import { deepEqual } from "../../lib/json.ts";
import { quantityOf, quantityText } from "../../lib/quantity.ts";
import { type Document, type Fields, fields, items, valueAt } from "./document.ts";
import { type Call, commit, type Engine, internalCall, subjectOf } from "./engine.ts";
import { forbidden } from "./status.ts";
import type { ShelfName } from "./store.ts";
import { CONTROL_PLANE } from "./tokens.ts";

const QUOTAS: ShelfName = { group: "", plural: "resourcequotas" };

/** What one object adds to each quota resource. */
export type Usage = ReadonlyMap<string, number>;

const COUNTED_BY_PLURAL = [
  "pods",
  "secrets",
  "configmaps",
  "services",
  "persistentvolumeclaims",
  "resourcequotas",
  "replicationcontrollers",
];

function computeOf(pod: Document): Usage {
  const usage = new Map<string, number>();
  const add = (name: string, value: unknown, into: Map<string, number>) => {
    const amount = quantityOf(value);
    if (amount !== undefined) into.set(name, (into.get(name) ?? 0) + amount);
  };
  const largest = new Map<string, number>();
  for (const list of ["containers", "initContainers"] as const) {
    for (const container of items(valueAt(pod, ["spec", list])).map(fields)) {
      const own = new Map<string, number>();
      const { limits, requests } = fields(container.resources);
      for (const [name, value] of Object.entries({ ...fields(limits), ...fields(requests) })) {
        add(`requests.${name}`, value, own);
      }
      for (const [name, value] of Object.entries(fields(limits))) add(`limits.${name}`, value, own);
      const isSidecar = list === "initContainers" && container.restartPolicy === "Always";
      for (const [name, amount] of own) {
        if (list === "containers" || isSidecar) usage.set(name, (usage.get(name) ?? 0) + amount);
        else largest.set(name, Math.max(largest.get(name) ?? 0, amount));
      }
    }
  }
  for (const [name, amount] of largest) usage.set(name, Math.max(usage.get(name) ?? 0, amount));
  for (const name of ["cpu", "memory", "ephemeral-storage"]) {
    const amount = usage.get(`requests.${name}`);
    if (amount !== undefined) usage.set(name, amount);
  }
  return usage;
}

/** What an object counts for; a pod that has ended counts for `count/pods` only. */
export function usageOf(name: ShelfName, object: Document): Usage {
  const counted = `count/${name.plural}${name.group === "" ? "" : `.${name.group}`}`;
  const usage = new Map([[counted, 1]]);
  const hasEnded = ["Succeeded", "Failed"].includes(
    String(valueAt(object, ["status", "phase"])),
  );
  if (name.group !== "" || (name.plural === "pods" && hasEnded)) return usage;
  if (COUNTED_BY_PLURAL.includes(name.plural)) usage.set(name.plural, 1);
  if (name.plural !== "pods") return usage;
  return new Map([...usage, ...computeOf(object)]);
}

/** Whether objects of that resource can count for any of `names`. */
function concerns(name: ShelfName, names: readonly string[]): boolean {
  const isPods = name.group === "" && name.plural === "pods";
  return names.some((limited) => {
    const [kind, rest] = limited.split("/");
    if (kind === "count") return rest?.split(".")[0] === name.plural;
    return isPods || (name.group === "" && limited === name.plural);
  });
}

/** What the namespace uses of each of `names`. */
function usedIn(engine: Engine, namespace: string, names: readonly string[]): Usage {
  const used = new Map(names.map((name) => [name, 0]));
  for (const shelf of engine.store.shelves()) {
    if (!concerns(shelf, names)) continue;
    for (const object of shelf.list(namespace)) {
      for (const [name, amount] of usageOf(shelf, object)) {
        const before = used.get(name);
        if (before !== undefined) used.set(name, before + amount);
      }
    }
  }
  return used;
}

function listText(names: readonly string[], amounts: Usage | Fields): string {
  const amountOf = (name: string) =>
    amounts instanceof Map ? quantityText(amounts.get(name) ?? 0) : (amounts as Fields)[name];
  return names.map((name) => `${name}=${amountOf(name)}`).join(",");
}

/** Throws 403 in the words of Kubernetes when a quota of the namespace does not allow the new object. */
export function checkQuota(engine: Engine, call: Call, document: Document): void {
  if (!call.resource.namespaced || call.resource.plural === "resourcequotas") return;
  const quotas = engine.store.shelf(QUOTAS).list(call.namespace);
  if (quotas.length === 0) return;
  const wanted = usageOf(call.resource, document);
  const subject = subjectOf(call, document.metadata.name);
  for (const quota of quotas) {
    const hard = fields(valueAt(quota, ["spec", "hard"]));
    const name = quota.metadata.name;
    if (call.resource.plural === "pods") {
      const missing = Object.keys(hard).filter((limited) =>
        /^(cpu|memory|(requests|limits)\.(cpu|memory))$/.test(limited) && !wanted.has(limited)
      ).sort();
      const containers = items(valueAt(document, ["spec", "containers"]))
        .map((one) => fields(one).name).join(",");
      if (missing.length > 0) {
        throw forbidden(
          subject,
          `failed quota: ${name}: must specify ${
            missing.map((limited) => `${limited} for: ${containers}`).join("; ")
          }`,
        );
      }
    }
    const limited = Object.keys(hard).filter((resource) => wanted.has(resource)).sort();
    if (limited.length === 0) continue;
    const used = usedIn(engine, call.namespace, limited);
    const exceeded = limited.filter((resource) =>
      (used.get(resource) ?? 0) + (wanted.get(resource) ?? 0) >
        (quantityOf(hard[resource]) ?? Infinity) + 1e-9
    );
    if (exceeded.length === 0) continue;
    throw forbidden(
      subject,
      `exceeded quota: ${name}, requested: ${listText(exceeded, wanted)}, used: ${
        listText(exceeded, used)
      }, limited: ${listText(exceeded, hard)}`,
    );
  }
}

/** Keeps `status` of the quotas up to date until `signal` aborts. */
export function startQuotas(
  engine: Engine,
  options: { readonly delayMs: number; readonly signal: AbortSignal },
): void {
  const counting = new Background({
    ...options,
    clock: engine.clock,
    handle: (namespace) => recount(engine, namespace),
  });
  const stop = engine.store.onChange(({ object }) => {
    const { namespace } = object.metadata;
    if (!namespace || engine.store.shelf(QUOTAS).count(namespace) === 0) return;
    counting.add(namespace);
  });
  options.signal.addEventListener("abort", stop, { once: true });
}

function recount(engine: Engine, namespace: string): void {
  const resource = engine.registry.ofShelf(QUOTAS);
  if (!resource) return;
  for (const quota of engine.store.shelf(QUOTAS).list(namespace)) {
    const hard = fields(valueAt(quota, ["spec", "hard"]));
    const used = usedIn(engine, namespace, Object.keys(hard));
    const status = {
      hard,
      used: Object.fromEntries([...used].map(([name, amount]) => [name, quantityText(amount)])),
    };
    if (deepEqual(quota.status, status)) continue;
    const call = internalCall(CONTROL_PLANE, {
      verb: "update",
      resource,
      object: quota,
      subresource: "status",
    });
    commit(engine, call, { ...quota, status });
  }
}
