/**
 * Objects as bytes: each object is turned into text once, however many lists and watches carry it. Knows the envelopes
 * of lists and watch events, nothing of what is inside.
 */
import type { Document } from "./document.ts";
import type { StatusBody } from "./status.ts";

/** The types of watch events. */
export type EventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";

const encoder = new TextEncoder();
const texts = new WeakMap<Document, string>();
const lines = new WeakMap<Document, Map<EventType, Uint8Array<ArrayBuffer>>>();
const versions = new WeakMap<Document, Map<string, Document>>();

/** The object as JSON text. */
export function objectText(object: Document): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const made = JSON.stringify(object);
  texts.set(object, made);
  return made;
}

/** One line of a watch with a whole object. */
export function eventLine(type: EventType, object: Document): Uint8Array<ArrayBuffer> {
  const known = lines.get(object) ?? new Map<EventType, Uint8Array<ArrayBuffer>>();
  lines.set(object, known);
  const line = known.get(type) ??
    encoder.encode(`{"type":"${type}","object":${objectText(object)}}\n`);
  known.set(type, line);
  return line;
}

/** One line of a watch with something made for it: a table, a bookmark, an error. */
export function madeLine(
  type: EventType,
  object: StatusBody | Readonly<Record<string, unknown>>,
): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${JSON.stringify({ type, object })}\n`);
}

/** How the items of a list name their kind: custom resources do, those of built-in kinds leave it to the list. */
export type ItemKinds = "named" | "unnamed";

/** A list as JSON text, its objects from their cached texts. */
export function listText(
  list: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: unknown;
    readonly items: ItemKinds;
  },
  objects: readonly Document[],
): string {
  const { apiVersion, kind, metadata } = list;
  const head = JSON.stringify({ kind, apiVersion, metadata });
  const texts = list.items === "named" ? objects.map(objectText) : objects.map(unnamedText);
  return `${head.slice(0, -1)},"items":[${texts.join(",")}]}`;
}

/** Stored objects begin with their version and kind, which are cut off. */
function unnamedText(object: Document): string {
  const text = objectText(object);
  const { apiVersion, kind } = object;
  const start = JSON.stringify({ apiVersion, kind }).slice(0, -1);
  return text.startsWith(`${start},`) ? `{${text.slice(start.length + 1)}` : text;
}

/**
 * The object under another version of its resource: versions differ in nothing but their name (conversion strategy
 * "None").
 */
export function inVersion(object: Document, apiVersion: string): Document {
  if (object.apiVersion === apiVersion) return object;
  const known = versions.get(object) ?? new Map<string, Document>();
  versions.set(object, known);
  const made = known.get(apiVersion) ?? { ...object, apiVersion };
  known.set(apiVersion, made);
  return made;
}
