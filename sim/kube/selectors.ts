/** Label and field selectors: text to predicate. Pure. */
import { type Document, type Fields, valueAt } from "./document.ts";
import { badRequest } from "./status.ts";

/** Whether an object is selected. */
export type Matches = (object: Document) => boolean;

type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

const SET_TERM = /^([^\s!=,()]+)\s+(in|notin)\s*\(([^)]*)\)$/;
const EQUALITY_TERM = /^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/;
const KEY_TERM = /^(!?)\s*([^\s!=,()<>]+)$/;
const ORDER_TERM = /^([^\s!=,()<>]+)\s*([<>])\s*(-?\d+)$/;

function labelTest(term: string, whole: string): LabelTest {
  const set = SET_TERM.exec(term);
  if (set) {
    const [, key = "", operator, list = ""] = set;
    const values = new Set(list.split(",").map((value) => value.trim()));
    if (operator === "in") return (labels) => values.has(labels[key] as string);
    return (labels) => !values.has(labels[key] as string);
  }
  const equality = EQUALITY_TERM.exec(term);
  if (equality) {
    const [, key = "", operator, value] = equality;
    if (operator === "!=") return (labels) => labels[key] !== value;
    return (labels) => labels[key] === value;
  }
  const order = ORDER_TERM.exec(term);
  if (order) {
    const [, key = "", operator, bound] = order;
    return (labels) => {
      if (labels[key] === undefined) return false;
      return operator === "<"
        ? Number(labels[key]) < Number(bound)
        : Number(labels[key]) > Number(bound);
    };
  }
  const presence = KEY_TERM.exec(term);
  if (!presence) {
    throw badRequest(
      `unable to parse requirement: found '${term}', expected: in, notin, =, ==, !=, gt, lt in "${whole}"`,
    );
  }
  const [, not, key = ""] = presence;
  if (not) return (labels) => labels[key] === undefined;
  return (labels) => labels[key] !== undefined;
}

/** Splits at commas outside parentheses. */
function terms(selector: string): readonly string[] {
  return selector.split(/,(?![^(]*\))/).map((term) => term.trim()).filter((term) => term !== "");
}

/** A label selector as in `?labelSelector=`; "" matches everything. Throws 400 on a text it cannot read. */
export function labelSelector(selector: string): Matches {
  const tests = terms(selector).map((term) => labelTest(term, selector));
  if (tests.length === 0) return () => true;
  return (object) => {
    const labels = object.metadata.labels ?? {};
    return tests.every((test) => test(labels));
  };
}

/** A `LabelSelector` object (`matchLabels`, `matchExpressions`); an empty one matches everything. */
export function objectSelector(selector: Fields): Matches {
  const parts = [
    ...Object.entries((selector.matchLabels ?? {}) as Fields).map(([key, value]) =>
      `${key}=${value}`
    ),
    ...((selector.matchExpressions ?? []) as readonly Fields[]).map((term) => {
      const values = ((term.values ?? []) as readonly string[]).join(",");
      if (term.operator === "In") return `${term.key} in (${values})`;
      if (term.operator === "NotIn") return `${term.key} notin (${values})`;
      return term.operator === "Exists" ? `${term.key}` : `!${term.key}`;
    }),
  ];
  return labelSelector(parts.join(","));
}

const ANY_KIND: readonly string[] = ["metadata.name", "metadata.namespace"];

const BY_PLURAL: Readonly<Record<string, readonly string[]>> = {
  pods: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  events: [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  secrets: ["type"],
  namespaces: ["status.phase"],
  nodes: ["spec.unschedulable"],
  jobs: ["status.successful"],
  replicasets: ["status.replicas"],
};

function fieldText(object: Document, path: string): string {
  if (path === "source") {
    return String(valueAt(object, ["source", "component"]) ?? object.reportingComponent ?? "");
  }
  const value = valueAt(object, path.split("."));
  return value === undefined || value === null ? "" : String(value);
}

/** What a field selector asks of `metadata.name`, where it asks for one: permissions by name need it. */
export function selectedName(selector: string): string | undefined {
  for (const term of terms(selector)) {
    const match = /^metadata\.name\s*==?\s*([^\s=!]+)$/.exec(term);
    if (match) return match[1];
  }
  return undefined;
}

/**
 * A field selector as in `?fieldSelector=`; "" matches everything. `extra` names the paths that a CRD declares
 * selectable. Throws 400 on a field that the resource cannot be selected by.
 */
export function fieldSelector(
  selector: string,
  resource: { readonly plural: string; readonly extra: readonly string[] },
): Matches {
  const allowed = [...ANY_KIND, ...(BY_PLURAL[resource.plural] ?? []), ...resource.extra];
  const tests = terms(selector).map((term): Matches => {
    const match = /^([^\s!=]+)\s*(==|=|!=)\s*(.*)$/.exec(term);
    if (!match) {
      throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
    }
    const [, path = "", operator, wanted] = match;
    if (!allowed.includes(path)) throw badRequest(`field label not supported: ${path}`);
    if (operator === "!=") return (object) => fieldText(object, path) !== wanted;
    return (object) => fieldText(object, path) === wanted;
  });
  return (object) => tests.every((test) => test(object));
}
