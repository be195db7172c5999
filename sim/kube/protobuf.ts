/**
 * Protobuf bodies, which kubectl sends for a few built-in kinds (`kubectl create secret`): read into the same documents
 * as JSON, by tables of field numbers. Pure; answers are JSON always.
 */
import { PROTOBUF_KINDS } from "./protobuf_kinds.ts";

/** How a field is read. An object of fields is a message. */
export type FieldType =
  | "text"
  | "base64"
  | "integer"
  | "truth"
  | "time"
  | "quantity"
  | Message
  | { readonly list: FieldType }
  | { readonly map: FieldType };

/** Fields of a message by number. */
export interface Message {
  readonly fields: Readonly<Record<number, readonly [name: string, type: FieldType]>>;
}

/** The media type of such bodies. */
export const PROTOBUF = "application/vnd.kubernetes.protobuf";

/** The first bytes of an encoded object. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];
/** The envelope's fields: type (1) and the encoded object (2). */
const ENVELOPE = { type: 1, raw: 2 };
const TYPE_META: Message = { fields: { 1: ["apiVersion", "text"], 2: ["kind", "text"] } };

/** What stands behind one field number: a number, or the bytes of text, message or packed list. */
type Raw = number | Uint8Array;

const decoder = new TextDecoder();

function varint(bytes: Uint8Array, from: number): readonly [value: number, next: number] {
  let value = 0n;
  let shift = 0n;
  let at = from;
  for (;;) {
    const byte = bytes[at++];
    if (byte === undefined) throw new RangeError("the encoded object ends too early");
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return [Number(BigInt.asIntN(64, value)), at];
    shift += 7n;
  }
}

/** The fields of a message in order; fixed-width ones do not occur in the kinds that are read. */
function* rawFields(bytes: Uint8Array): Generator<readonly [number: number, raw: Raw]> {
  let at = 0;
  while (at < bytes.length) {
    const [key, afterKey] = varint(bytes, at);
    const [value, afterValue] = varint(bytes, afterKey);
    const wire = key & 7;
    if (wire !== 0 && wire !== 2) throw new RangeError(`wire type ${wire} is not expected here`);
    at = wire === 0 ? afterValue : afterValue + value;
    if (at > bytes.length) throw new RangeError("the encoded object ends too early");
    yield [key >>> 3, wire === 0 ? value : bytes.subarray(afterValue, at)];
  }
}

function bytesOf(raw: Raw): Uint8Array {
  return typeof raw === "number" ? new Uint8Array() : raw;
}

function valueOf(type: FieldType, raw: Raw): unknown {
  if (type === "text") return decoder.decode(bytesOf(raw));
  if (type === "base64") return btoa(String.fromCharCode(...bytesOf(raw)));
  if (type === "integer") return Number(raw);
  if (type === "truth") return raw !== 0;
  if (type === "time") {
    const [first] = rawFields(bytesOf(raw));
    const seconds = first?.[0] === 1 ? Number(first[1]) : 0;
    return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
  }
  if (type === "quantity") {
    const [first] = rawFields(bytesOf(raw));
    return first ? decoder.decode(bytesOf(first[1])) : "";
  }
  return messageOf(type as Message, bytesOf(raw));
}

function messageOf(message: Message, bytes: Uint8Array): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [number, raw] of rawFields(bytes)) {
    const field = message.fields[number];
    if (field === undefined) continue;
    const [name, type] = field;
    if (typeof type === "object" && "list" in type) {
      result[name] = [...(result[name] as unknown[] ?? []), valueOf(type.list, raw)];
      continue;
    }
    if (typeof type === "object" && "map" in type) {
      const entry: Message = { fields: { 1: ["key", "text"], 2: ["value", type.map] } };
      const { key = "", value = "" } = messageOf(entry, bytesOf(raw));
      result[name] = { ...(result[name] as object | undefined), [String(key)]: value };
      continue;
    }
    const value = valueOf(type, raw);
    // An empty text is how an absent one is written.
    if (value !== "") result[name] = value;
  }
  return result;
}

/** The object in an encoded body; `undefined` for a kind that is not in the table. Throws RangeError on broken bytes. */
export function decoded(bytes: Uint8Array): Record<string, unknown> | undefined {
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) {
    throw new RangeError("the encoded object does not begin as one");
  }
  const envelope = new Map(rawFields(bytes.subarray(MAGIC.length)));
  const type = messageOf(TYPE_META, bytesOf(envelope.get(ENVELOPE.type) ?? 0));
  const message = PROTOBUF_KINDS[String(type.kind)];
  if (!message) return undefined;
  return { ...type, ...messageOf(message, bytesOf(envelope.get(ENVELOPE.raw) ?? 0)) };
}
