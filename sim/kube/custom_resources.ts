/** From a stored CustomResourceDefinition to the resources it defines. Pure; knows nothing of their objects. */
import { type Document, type Fields, fields, isFields, items, text } from "./document.ts";
import type { Resource } from "./resources.ts";
import type { FieldProblem } from "./status.ts";

/** A column as a definition declares it. */
export interface PrinterColumn {
  readonly name: string;
  /** "string", "integer", "number", "boolean" or "date". */
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  /** Columns above 0 are shown by `-o wide` only. */
  readonly priority?: number;
  readonly jsonPath: string;
}

/** What a definition says of one version beyond names. */
export interface CustomVersion {
  /** The structural OpenAPI schema of the whole object. */
  readonly schema: Fields;
  readonly columns: readonly PrinterColumn[];
  /** Field selectors beyond name and namespace, without the leading dot. */
  readonly selectable: readonly string[];
  readonly listKind: string;
  /** The version in which objects are stored. */
  readonly storageVersion: string;
}

function names(definition: Document): Fields {
  return fields(fields(definition.spec).names);
}

function texts(value: unknown): readonly string[] {
  return items(value).filter((item) => typeof item === "string");
}

/** The versions that the definition serves, as resources. */
export function definedResources(definition: Document): readonly Resource[] {
  const spec = fields(definition.spec);
  const { kind, plural, singular, listKind, shortNames, categories } = names(definition);
  const versions = items(spec.versions).map(fields);
  const storageVersion = text(versions.find((version) => version.storage === true)?.name);
  return versions.filter((version) => version.served === true).map((version) => ({
    group: text(spec.group),
    version: text(version.name),
    kind: text(kind),
    plural: text(plural),
    singular: text(singular) || text(kind).toLowerCase(),
    shortNames: texts(shortNames),
    categories: texts(categories),
    namespaced: spec.scope === "Namespaced",
    hasStatus: isFields(fields(version.subresources).status),
    subresources: [],
    hasGeneration: true,
    unconditionalUpdate: false,
    returnsDeleted: false,
    review: false,
    custom: {
      schema: fields(fields(version.schema).openAPIV3Schema),
      columns: items(version.additionalPrinterColumns) as readonly PrinterColumn[],
      selectable: items(version.selectableFields).map((field) =>
        text(fields(field).jsonPath).replace(/^\./, "")
      ),
      listKind: text(listKind) || `${text(kind)}List`,
      storageVersion,
    },
  }));
}

/** What is wrong with a definition, as far as it matters here. */
export function definitionProblems(definition: Document): readonly FieldProblem[] {
  const spec = fields(definition.spec);
  const { kind, plural } = names(definition);
  const versions = items(spec.versions).map(fields);
  const problems: FieldProblem[] = [];
  const required = (field: string, value: unknown) => {
    if (text(value) !== "") return;
    problems.push({ field, reason: "FieldValueRequired", message: "Required value" });
  };
  required("spec.group", spec.group);
  required("spec.scope", spec.scope);
  required("spec.names.plural", plural);
  required("spec.names.kind", kind);
  const expected = `${text(plural)}.${text(spec.group)}`;
  if (definition.metadata.name !== expected) {
    problems.push({
      field: "metadata.name",
      reason: "FieldValueInvalid",
      message: `Invalid value: "${definition.metadata.name}": must be spec.names.plural+"."+` +
        `spec.group`,
    });
  }
  if (versions.filter((version) => version.storage === true).length !== 1) {
    problems.push({
      field: "spec.versions",
      reason: "FieldValueInvalid",
      message: "Invalid value: must have exactly one version marked as storage version",
    });
  }
  versions.forEach((version, index) => {
    if (isFields(fields(version.schema).openAPIV3Schema)) return;
    problems.push({
      field: `spec.versions[${index}].schema.openAPIV3Schema`,
      reason: "FieldValueRequired",
      message: "Required value: schemas are required",
    });
  });
  return problems;
}

/** The definition with the defaults and the status that the API server gives it. */
export function establishedDefinition(definition: Document, now: string): Document {
  const { kind, plural, singular, listKind, ...others } = names(definition);
  const accepted = {
    plural,
    singular: text(singular) || text(kind).toLowerCase(),
    ...others,
    kind,
    listKind: text(listKind) || `${text(kind)}List`,
  };
  const spec = fields(definition.spec);
  const before = fields(definition.status);
  const storage = items(spec.versions).map(fields).find((version) => version.storage === true);
  const stored = new Set([...texts(before.storedVersions), text(storage?.name)]);
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: "True",
    lastTransitionTime: now,
    reason,
    message,
  });
  return {
    ...definition,
    spec: { ...spec, names: accepted, conversion: spec.conversion ?? { strategy: "None" } },
    status: {
      conditions: before.conditions ?? [
        condition("NamesAccepted", "NoConflicts", "no conflicts found"),
        condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
      ],
      acceptedNames: accepted,
      storedVersions: [...stored],
    },
  };
}
