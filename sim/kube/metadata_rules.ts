/** What the API demands of names, labels and the rest of `metadata`. Pure; words problems as Kubernetes does. */
import { type Document, isFields } from "./document.ts";
import type { Resource } from "./resources.ts";
import type { FieldProblem } from "./status.ts";

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
  "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for " +
  "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must " +
  "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for " +
  "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', " +
  "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or " +
  "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const KEY_TEXT =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for " +
  "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const MAX_ANNOTATIONS_BYTES = 256 * 1024;

/** A problem of a value, quoted as Kubernetes quotes it. */
export function invalidValue(field: string, value: unknown, why: string): FieldProblem {
  return {
    field,
    reason: "FieldValueInvalid",
    message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  };
}

/** A value that is missing; `why` follows where Kubernetes gives a reason. */
export function requiredValue(field: string, why = ""): FieldProblem {
  return {
    field,
    reason: "FieldValueRequired",
    message: why === "" ? "Required value" : `Required value: ${why}`,
  };
}

/** Why `name` is no DNS label of at most 63 characters; empty when it is one. */
export function labelNameProblems(field: string, name: string): readonly FieldProblem[] {
  if (name.length > 63) return [invalidValue(field, name, "must be no more than 63 characters")];
  return LABEL.test(name) ? [] : [invalidValue(field, name, LABEL_TEXT)];
}

function nameProblems(resource: Resource, name: string): readonly FieldProblem[] {
  const field = "metadata.name";
  if (resource.group === "rbac.authorization.k8s.io") {
    if (name === "." || name === "..") {
      return [invalidValue(field, name, `may not be '${name}'`)];
    }
    const bad = ["/", "%"].find((character) => name.includes(character));
    return bad ? [invalidValue(field, name, `may not contain '${bad}'`)] : [];
  }
  if (resource.plural === "namespaces" || resource.plural === "services") {
    return labelNameProblems(field, name);
  }
  if (name.length > 253) {
    return [invalidValue(field, name, "must be no more than 253 characters")];
  }
  return SUBDOMAIN.test(name) ? [] : [invalidValue(field, name, SUBDOMAIN_TEXT)];
}

function keyProblems(field: string, key: string): readonly FieldProblem[] {
  const parts = key.split("/");
  const name = parts.at(-1) ?? "";
  if (parts.length > 2) {
    return [invalidValue(
      field,
      key,
      "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start " +
        "and end with an alphanumeric character with an optional DNS subdomain prefix and '/'",
    )];
  }
  if (name === "") return [invalidValue(field, key, "name part must be non-empty")];
  if (name.length > 63) {
    return [invalidValue(field, key, "name part must be no more than 63 characters")];
  }
  if (parts.length === 2 && !SUBDOMAIN.test(parts[0] ?? "")) {
    return [invalidValue(field, key, `prefix part ${SUBDOMAIN_TEXT}`)];
  }
  return QUALIFIED_PART.test(name) ? [] : [invalidValue(field, key, KEY_TEXT)];
}

/** What is wrong with a set of labels found at `field`. */
export function labelProblems(field: string, labels: unknown): readonly FieldProblem[] {
  if (!isFields(labels)) return [];
  return Object.entries(labels).flatMap(([key, value]) => {
    const problems = [...keyProblems(field, key)];
    const text = String(value);
    if (text.length > 63) {
      problems.push(invalidValue(field, text, "must be no more than 63 characters"));
    }
    if (text !== "" && !QUALIFIED_PART.test(text)) {
      problems.push(invalidValue(field, text, VALUE_TEXT));
    }
    return problems;
  });
}

function annotationProblems(annotations: unknown): readonly FieldProblem[] {
  if (!isFields(annotations)) return [];
  const field = "metadata.annotations";
  const problems = Object.keys(annotations).flatMap((key) =>
    keyProblems(field, key.toLowerCase()).map((problem) => ({
      ...problem,
      message: problem.message.replace(
        `Invalid value: ${JSON.stringify(key.toLowerCase())}`,
        () => `Invalid value: ${JSON.stringify(key)}`,
      ),
    }))
  );
  const bytes = Object.entries(annotations)
    .reduce((sum, [key, value]) => sum + key.length + String(value).length, 0);
  if (bytes <= MAX_ANNOTATIONS_BYTES) return problems;
  return [...problems, {
    field,
    reason: "FieldValueTooLong",
    message: `Too long: may not be more than ${MAX_ANNOTATIONS_BYTES} bytes`,
  }];
}

function ownerProblems(document: Document): readonly FieldProblem[] {
  const owners = document.metadata.ownerReferences ?? [];
  const problems = owners.flatMap((owner) =>
    (["apiVersion", "kind", "name", "uid"] as const).filter((key) => !owner[key]).map((key) =>
      invalidValue(
        `metadata.ownerReferences.${key}`,
        "",
        key === "apiVersion" ? "version must not be empty" : "must not be empty",
      )
    )
  );
  const controllers = owners.filter((owner) => owner.controller === true);
  if (controllers.length < 2) return problems;
  return [...problems, {
    field: "metadata.ownerReferences",
    reason: "FieldValueInvalid",
    message: 'Invalid value: Only one reference can have Controller set to true. Found "true" in ' +
      `references for ${controllers[0]?.kind}/${controllers[0]?.name} and ${controllers[1]?.kind}/${
        controllers[1]?.name
      }`,
  }];
}

/** What is wrong with the metadata of a document that has its name already. */
export function metadataProblems(resource: Resource, document: Document): readonly FieldProblem[] {
  const { name = "", labels, annotations, finalizers = [] } = document.metadata;
  return [
    ...(name === ""
      ? [requiredValue("metadata.name", "name or generateName is required")]
      : nameProblems(resource, name)),
    ...labelProblems("metadata.labels", labels),
    ...annotationProblems(annotations),
    ...ownerProblems(document),
    ...finalizers.flatMap((name, index) =>
      finalizerProblems(resource, `metadata.finalizers[${index}]`, name)
    ),
  ];
}

/** Those that Kubernetes itself sets; others carry a domain. */
const STANDARD_FINALIZERS = ["kubernetes", "orphan", "foregroundDeletion"];

function finalizerProblems(
  resource: Resource,
  field: string,
  name: string,
): readonly FieldProblem[] {
  const problems = keyProblems(field, name);
  const needsDomain = resource.custom === undefined && !name.includes("/");
  if (problems.length > 0 || !needsDomain || STANDARD_FINALIZERS.includes(name)) return problems;
  const why = "name is neither a standard finalizer name nor is it fully qualified";
  return [invalidValue(field, name, why)];
}

/** What an update may not do to metadata. */
export function metadataUpdateProblems(
  before: Document,
  after: Document,
): readonly FieldProblem[] {
  if (before.metadata.deletionTimestamp === undefined) return [];
  const known = new Set(before.metadata.finalizers ?? []);
  const added = (after.metadata.finalizers ?? []).filter((name) => !known.has(name));
  if (added.length === 0) return [];
  return [{
    field: "metadata.finalizers",
    reason: "FieldValueForbidden",
    message:
      "Forbidden: no new finalizers can be added if the object is being deleted, found new " +
      `finalizers []string{${added.map((name) => JSON.stringify(name)).join(", ")}}`,
  }];
}
