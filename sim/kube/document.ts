/**
 * Kubernetes objects as the simulated API server holds them: plain JSON that nobody changes in place. Knows how to reach
 * into one, nothing of what a kind means.
 */

/** A JSON object of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

/** One entry of `metadata.ownerReferences`. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** `metadata`, as far as the server works with it; times are RFC 3339 in whole seconds. */
export interface Metadata {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFields[];
  readonly [field: string]: unknown;
}

/** One entry of `metadata.managedFields`. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1: Fields;
  readonly subresource?: string;
}

/** A Kubernetes object. */
export interface Document {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

/** Whether the value is a JSON object (not null, not an array). */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as a JSON object; anything else reads as empty. */
export function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The value as an array; anything else reads as empty. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as text; anything else reads as "". */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** What stands under `path`; `undefined` where a step is missing. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let at: unknown = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return at;
}

/** The document with members of its metadata replaced; `undefined` members are left out. */
export function withMetadata(document: Document, change: Fields): Document {
  const metadata: Record<string, unknown> = { ...document.metadata };
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) delete metadata[key];
    else metadata[key] = value;
  }
  return { ...document, metadata };
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** "v1", "apps/v1". */
export function apiVersionText(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}
