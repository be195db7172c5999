/** The patch formats of the API, applied to a document. Pure; the door of the JSON patch package. */
import { applyPatch, type Operation } from "rfc6902";
import { applyMergePatch } from "../../lib/json.ts";
import { type Document, type Fields, isFields } from "./document.ts";
import { builtInShape } from "./list_types.ts";
import type { Resource } from "./resources.ts";
import { badRequest, unprocessable, unsupportedMediaType } from "./status.ts";
import { strategicMerge } from "./strategic_merge.ts";

/** RFC 6902. */
export const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
const STRATEGIC_PATCH = "application/strategic-merge-patch+json";
/** Server-side apply; its body may be JSON as well. */
export const APPLY_PATCH = "application/apply-patch+yaml";

/** The text with which the API refuses a patch that does not fit. */
const DOES_NOT_FIT = "the server rejected our request due to an error in our request";

function jsonPatched(document: Document, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    throw badRequest(
      "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch",
    );
  }
  const target = structuredClone(document);
  if (!fits(target, patch as Operation[])) throw unprocessable(DOES_NOT_FIT);
  return target;
}

/** Applies the operations. The package throws at some that are none. */
function fits(target: Document, patch: Operation[]): boolean {
  try {
    return applyPatch(target, patch).every((error) => error === null);
  } catch {
    return false;
  }
}

/** The patch formats that the resource takes. */
function patchFormats(resource: Resource): readonly string[] {
  return resource.custom
    ? [JSON_PATCH, MERGE_PATCH, APPLY_PATCH]
    : [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH];
}

/**
 * The document with a patch of that format (not server-side apply) applied. Throws 400 for a patch that is no patch, 415
 * for a format the resource does not take, 422 for a patch that does not fit.
 */
export function patched(
  resource: Resource,
  document: Document,
  patch: { readonly format: string; readonly body: unknown },
): Document {
  if (!patchFormats(resource).includes(patch.format)) {
    throw unsupportedMediaType(patchFormats(resource));
  }
  const result = patch.format === JSON_PATCH
    ? jsonPatched(document, patch.body)
    : mergePatched(resource, document, patch);
  if (!isFields(result) || !isFields(result.metadata)) throw unprocessable(DOES_NOT_FIT);
  return result as Fields & Document;
}

function mergePatched(
  resource: Resource,
  document: Document,
  patch: { readonly format: string; readonly body: unknown },
): unknown {
  if (!isFields(patch.body)) {
    throw badRequest(
      "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
    );
  }
  if (patch.format === MERGE_PATCH) return applyMergePatch(document, patch.body);
  return strategicMerge(document, patch.body, builtInShape(resource.kind));
}
