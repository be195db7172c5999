/** Request bodies: JSON, YAML or protobuf to plain values, refused in the words of Kubernetes. */
import { InvalidInput } from "../../lib/errors.ts";
import { parseDocuments } from "../../lib/yaml.ts";
import { type Document, type Fields, isFields } from "./document.ts";
import { APPLY_PATCH } from "./patch.ts";
import { decoded, PROTOBUF } from "./protobuf.ts";
import { badRequest, tooLarge, unsupportedMediaType } from "./status.ts";

/** The media type of a request, without parameters. */
export function mediaType(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** What a create or update may be written in. */
const DOCUMENT_FORMATS = ["application/json", "application/yaml", PROTOBUF];
/** Most bytes that the server reads of a body. */
const MAX_BYTES = 3 * 1024 * 1024;

function yamlValue(text: string): unknown {
  try {
    return parseDocuments(text, "body")[0]?.value;
  } catch (thrown) {
    if (thrown instanceof InvalidInput) {
      throw badRequest(`error converting YAML to JSON: ${thrown.message}`);
    }
    throw thrown;
  }
}

/** JSON text as a value; throws 400. */
function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("invalid request body: it is no JSON");
  }
}

/** A value in whichever of the two notations: YAML that is JSON is read as JSON. */
export function looseValue(text: string): unknown {
  return /^\s*[{[]/.test(text) ? jsonValue(text) : yamlValue(text);
}

function protobufValue(bytes: Uint8Array): unknown {
  try {
    const value = decoded(bytes);
    if (value !== undefined) return value;
  } catch (thrown) {
    if (thrown instanceof RangeError) throw badRequest(`invalid request body: ${thrown.message}`);
    throw thrown;
  }
  throw unsupportedMediaType(["application/json", "application/yaml"]);
}

/** What a request brought: its text, and the value in it (`undefined` for an empty one). */
export interface Body {
  readonly text: string;
  readonly value: unknown;
}

/** Reads the body of a request; a patch of server-side apply stays text. Throws 400, 413 and 415. */
export async function bodyOf(request: Request): Promise<Body> {
  if (request.body === null) return { text: "", value: undefined };
  const type = mediaType(request);
  if (type === PROTOBUF) {
    const bytes = await request.bytes();
    return { text: "", value: bytes.length === 0 ? undefined : protobufValue(bytes) };
  }
  const text = await request.text();
  if (text.length > MAX_BYTES) throw tooLarge(MAX_BYTES);
  const isKnown = type === "" || DOCUMENT_FORMATS.includes(type) || request.method === "PATCH";
  if (!isKnown) throw unsupportedMediaType(DOCUMENT_FORMATS);
  if (text.trim() === "" || type === APPLY_PATCH) return { text, value: undefined };
  if (type === "application/yaml") return { text, value: looseValue(text) };
  return { text, value: jsonValue(text) };
}

/** The body as a document; throws 400 when it is none. */
export function documentIn(value: unknown): Document {
  if (!isFields(value)) throw badRequest("the body of the request is no object");
  const metadata = isFields(value.metadata) ? value.metadata : {};
  return { ...value, metadata } as Document;
}

/** The body as an object, empty when there is none. */
export function optionsIn(value: unknown): Fields {
  return isFields(value) ? value : {};
}
