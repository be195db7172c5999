/**
 * Which lists of a document are merged by key, as sets, or replaced whole: a table for built-in kinds, the schema for
 * custom resources. Pure; strategic merge patches and server-side apply both ask here.
 */
import { type Fields, fields, isFields, items } from "./document.ts";

/** How the items of a list are told apart. */
export type ListType =
  | { readonly kind: "atomic" }
  | { readonly kind: "set" }
  | {
    readonly kind: "map";
    /** Members that name an item together. */
    readonly keys: readonly string[];
    /** Values of keys that are left out. */
    readonly defaults: Fields;
  };

/** What is known of the value at some place of a document. */
export interface Shape {
  /** The member `key` of an object here. */
  member(key: string): Shape;
  /** An item of a list here. */
  item(): Shape;
  readonly list: ListType;
  /** An object here is owned and replaced as one. */
  readonly isAtomicMap: boolean;
}

const ATOMIC: ListType = { kind: "atomic" };
const SET: ListType = { kind: "set" };

function map(...keys: readonly string[]): ListType {
  return { kind: "map", keys, defaults: {} };
}

/** By the name of the member that holds the list. */
const BUILT_IN_LISTS: Readonly<Record<string, ListType>> = {
  containers: map("name"),
  initContainers: map("name"),
  ephemeralContainers: map("name"),
  env: map("name"),
  volumes: map("name"),
  volumeMounts: map("mountPath"),
  volumeDevices: map("devicePath"),
  imagePullSecrets: map("name"),
  hostAliases: map("ip"),
  ports: { kind: "map", keys: ["containerPort", "protocol"], defaults: { protocol: "TCP" } },
  topologySpreadConstraints: map("topologyKey", "whenUnsatisfiable"),
  schedulingGates: map("name"),
  resourceClaims: map("name"),
  ownerReferences: map("uid"),
  finalizers: SET,
  conditions: map("type"),
  podIPs: map("ip"),
  secrets: map("name"),
};

const SERVICE_PORTS: ListType = {
  kind: "map",
  keys: ["port", "protocol"],
  defaults: { protocol: "TCP" },
};

const ATOMIC_MAPS: ReadonlySet<string> = new Set([
  "selector",
  "labelSelector",
  "nodeSelectorTerms",
  "secretKeyRef",
  "configMapKeyRef",
  "fieldRef",
  "resourceFieldRef",
  "roleRef",
]);

/** The shape of built-in kinds: lists are known by the name of the member that holds them. */
export function builtInShape(kind: string, name = ""): Shape {
  const known = kind === "Service" && name === "ports" ? SERVICE_PORTS : BUILT_IN_LISTS[name];
  return {
    member: (key) => builtInShape(kind, key),
    item: () => builtInShape(kind),
    list: known ?? ATOMIC,
    isAtomicMap: ATOMIC_MAPS.has(name),
  };
}

function listTypeOf(schema: Fields): ListType {
  const kind = schema["x-kubernetes-list-type"];
  if (kind === "set") return SET;
  if (kind !== "map") return ATOMIC;
  const itemProperties = fields(fields(schema.items).properties);
  const keys = items(schema["x-kubernetes-list-map-keys"]).map(String);
  const defaults = Object.fromEntries(
    keys.map((key) => [key, fields(itemProperties[key]).default])
      .filter(([, value]) => value !== undefined),
  );
  return { kind: "map", keys, defaults };
}

/** The shape of a custom resource, from its structural schema; its metadata is that of every object. */
export function schemaShape(schema: Fields, place: "object" | "inside" = "object"): Shape {
  const properties = fields(schema.properties);
  const embedded = place === "object" || schema["x-kubernetes-embedded-resource"] === true;
  return {
    member: (key) => {
      if (embedded && key === "metadata") return builtInShape("ObjectMeta");
      const known = properties[key] ?? schema.additionalProperties;
      return schemaShape(isFields(known) ? known : {}, "inside");
    },
    item: () => schemaShape(fields(schema.items), "inside"),
    list: listTypeOf(schema),
    isAtomicMap: schema["x-kubernetes-map-type"] === "atomic",
  };
}

/** The part of an item that names it in a keyed list. */
export function itemKey(list: ListType & { readonly kind: "map" }, item: unknown): Fields {
  const given = fields(item);
  return Object.fromEntries(
    list.keys.map((key) => [key, given[key] ?? list.defaults[key]])
      .filter(([, value]) => value !== undefined),
  );
}
