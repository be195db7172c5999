/** Objects as tables, the form that kubectl prints. Pure; the columns of built-in kinds are in `columns.ts`. */
import { builtInColumns, type Column } from "./columns.ts";
import type { PrinterColumn } from "./custom_resources.ts";
import type { Document, Fields } from "./document.ts";
import { ageText } from "./durations.ts";
import { jsonPathValues } from "./json_path.ts";
import { partialObject } from "./partial.ts";
import type { Resource } from "./resources.ts";

/** How a table is made. */
export interface TableOptions {
  readonly resource: Resource;
  /** "Metadata" (the default of the API), "Object" or "None". */
  readonly includeObject: string;
  /** Ages are told from here. */
  readonly now: Date;
  readonly metadata: Fields;
}

const NAME: Column = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Name must be unique within a namespace.",
  priority: 0,
  value: (object) => object.metadata.name ?? "",
};

const AGE: Column = {
  name: "Age",
  type: "date",
  description: "Time since the object was created.",
  priority: 0,
  value: (object, now) => ageText(object.metadata.creationTimestamp, now),
};

function customValue(column: PrinterColumn, object: Document, now: Date): unknown {
  const [value] = jsonPathValues(column.jsonPath, object);
  if (value === undefined || value === null) return null;
  if (column.type === "date") return ageText(String(value), now);
  if (column.type === "string") {
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  }
  return value;
}

function customColumn(column: PrinterColumn): Column {
  return {
    name: column.name,
    type: column.type,
    ...(column.format ? { format: column.format } : {}),
    description: column.description ??
      `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
    priority: column.priority ?? 0,
    value: (object, now) => customValue(column, object, now),
  };
}

/** The columns of a resource; a definition without columns shows name and age. */
export function columnsOf(resource: Resource): readonly Column[] {
  if (!resource.custom) return builtInColumns(resource, { name: NAME, age: AGE });
  const own = resource.custom.columns.map(customColumn);
  return own.length > 0 ? [NAME, ...own] : [NAME, AGE];
}

function rowOf(object: Document, columns: readonly Column[], options: TableOptions): Fields {
  const shown = options.includeObject === "None"
    ? undefined
    : options.includeObject === "Object"
    ? object
    : partialObject(object);
  return {
    cells: columns.map((column) => column.value(object, options.now)),
    ...(shown ? { object: shown } : {}),
  };
}

/** A table without column definitions: further events of a watch. */
export function tableRows(objects: readonly Document[], options: TableOptions): Fields {
  const columns = columnsOf(options.resource);
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: options.metadata,
    columnDefinitions: null,
    rows: objects.map((object) => rowOf(object, columns, options)),
  };
}

/** A whole table. */
export function tableOf(objects: readonly Document[], options: TableOptions): Fields {
  return {
    ...tableRows(objects, options),
    columnDefinitions: columnsOf(options.resource).map((column) => ({
      name: column.name,
      type: column.type,
      format: column.format ?? "",
      description: column.description,
      priority: column.priority,
    })),
  };
}
