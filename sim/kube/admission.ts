/**
 * From what a caller sent to what may be stored: defaults, pruning, checks, for built-in kinds and for those that a
 * schema defines. Looks at the document only; quota and permissions are elsewhere.
 */
import { type Document, isFields } from "./document.ts";
import { kindRules, unreadable } from "./kinds.ts";
import { metadataProblems, metadataUpdateProblems } from "./metadata_rules.ts";
import type { Resource } from "./resources.ts";
import { shaped, shapeProblems } from "./schema.ts";
import { readPodSpec } from "./pod_shape.ts";
import { badRequest, type FieldProblem, invalid } from "./status.ts";

/** How a document is completed. */
export interface AdmissionOptions {
  /** RFC 3339. */
  readonly now: string;
  readonly fieldValidation: "Strict" | "Warn" | "Ignore";
  readonly warn: (sentence: string) => void;
}

/** The document with defaults filled in and unknown fields gone. Throws 400 when it cannot be read at all. */
export function completed(
  resource: Resource,
  document: Document,
  options: AdmissionOptions,
): Document {
  const { known, unknown, why = unreadable(document) } = readAs(resource, document);
  if (why !== undefined) throw notReadable(resource, why);
  const complete = resource.custom
    ? known
    : kindRules(resource).defaulted?.(known, options.now) ?? known;
  if (unknown.length === 0 || options.fieldValidation === "Ignore") return complete;
  const sentences = unknown.map((field) => `unknown field "${field}"`);
  if (options.fieldValidation === "Warn") {
    sentences.forEach(options.warn);
    return complete;
  }
  throw notReadable(resource, `strict decoding error: ${sentences.join(", ")}`);
}

function notReadable({ kind, version }: Resource, why: string): Error {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}

/** The part that the resource knows, the paths of the rest, and why it cannot be read. */
function readAs(resource: Resource, document: Document): {
  readonly known: Document;
  readonly unknown: readonly string[];
  readonly why?: string | undefined;
} {
  if (resource.custom) {
    const { document: known, unknown } = shaped(resource.custom.schema, document);
    return { known, unknown };
  }
  if (resource.kind !== "Pod" || !isFields(document.spec)) return { known: document, unknown: [] };
  const { spec, unknown, unreadable: why } = readPodSpec(document.spec);
  return { known: { ...document, spec }, unknown, why };
}

/** Throws 422 when the document breaks a rule; `before` is what it replaces. */
export function checkDocument(resource: Resource, document: Document, before?: Document): void {
  const rules = kindRules(resource);
  const problems: FieldProblem[] = [
    ...metadataProblems(resource, document),
    ...(resource.custom ? shapeProblems(resource.custom.schema, document, before) : []),
    ...(rules.problems?.(document) ?? []),
  ];
  if (before) {
    problems.push(
      ...metadataUpdateProblems(before, document),
      ...(rules.updateProblems?.(before, document) ?? []),
    );
  }
  if (problems.length > 0) throw invalid(resource, document.metadata.name ?? "", problems);
}
