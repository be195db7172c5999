/**
 * Sets of fields in the form of `fieldsV1`: nested objects whose keys are `f:<member>`, `k:<item key>` or `v:<item>`,
 * with "." for a place that is itself owned. Pure.
 */
import { canonicalText } from "../../lib/json.ts";
import { type Fields, fields, isFields } from "./document.ts";
import { itemKey, type Shape } from "./list_types.ts";

/** A set of fields; an empty object below a step is the place itself. */
export type FieldSet = Fields;

/** The name of a list item among its siblings; `undefined` in lists that are replaced whole. */
export function itemStep(shape: Shape, item: unknown): string | undefined {
  if (shape.list.kind === "set") return `v:${canonicalText(item)}`;
  if (shape.list.kind === "map") return `k:${canonicalText(itemKey(shape.list, item))}`;
  return undefined;
}

/** The steps below a value and what each leads to; `undefined` when the value is owned as one. */
function stepsBelow(
  value: unknown,
  shape: Shape,
):
  | readonly { readonly step: string; readonly value: unknown; readonly shape: Shape }[]
  | undefined {
  if (Array.isArray(value)) {
    if (shape.list.kind === "atomic" || value.length === 0) return undefined;
    return value.map((item) => ({
      step: itemStep(shape, item) ?? "",
      value: item,
      shape: shape.item(),
    }));
  }
  if (!isFields(value) || shape.isAtomicMap || Object.keys(value).length === 0) return undefined;
  return Object.entries(value).map(([key, member]) => ({
    step: `f:${key}`,
    value: member,
    shape: shape.member(key),
  }));
}

/** All fields of a value. */
export function fieldSetOf(value: unknown, shape: Shape): FieldSet {
  const steps = stepsBelow(value, shape);
  if (!steps) return {};
  return Object.fromEntries(steps.map(({ step, value: below, shape: belowShape }) => {
    const set = fieldSetOf(below, belowShape);
    const isItem = !step.startsWith("f:");
    return [step, isItem && Object.keys(set).length > 0 ? { ".": {}, ...set } : set];
  }));
}

function isLeaf(set: Fields): boolean {
  return Object.keys(set).length === 0;
}

/** Fields in `a` or `b`. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  const result: Record<string, unknown> = { ...a };
  for (const [step, below] of Object.entries(b)) {
    const mine = result[step];
    if (!isFields(mine)) {
      result[step] = below;
      continue;
    }
    const other = fields(below);
    const merged = union(mine, other);
    result[step] = isLeaf(mine) !== isLeaf(other) ? { ".": {}, ...merged } : merged;
  }
  return result;
}

/** Fields in `a` but not in `b`. A leaf in `b` takes only the place itself away, not what is below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const result: Record<string, unknown> = {};
  for (const [step, below] of Object.entries(a)) {
    const other = b[step];
    const mine = fields(below);
    if (!isFields(other)) {
      result[step] = mine;
      continue;
    }
    if (isLeaf(mine)) {
      const holdsPlace = isLeaf(other) || other["."] !== undefined;
      if (!holdsPlace) result[step] = mine;
      continue;
    }
    const rest = isLeaf(other) ? difference(mine, { ".": {} }) : difference(mine, other);
    if (!isLeaf(rest)) result[step] = rest;
  }
  return result;
}

/** Fields in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return difference(a, difference(a, b));
}

/** Whether no field is in the set. */
export function isEmptySet(set: FieldSet): boolean {
  return isLeaf(set);
}

function stepText(step: string): string {
  if (step === ".") return "";
  const name = step.slice(2);
  if (step.startsWith("f:")) return `.${name}`;
  if (step.startsWith("v:")) return `[=${name}]`;
  const key = Object.entries(fields(JSON.parse(name)));
  return `[${key.map(([member, value]) => `${member}=${JSON.stringify(value)}`).join(",")}]`;
}

/** The fields as paths such as `.spec.replicas`, as conflicts name them. */
export function pathsOf(set: FieldSet, prefix = ""): readonly string[] {
  return Object.entries(set).flatMap(([step, below]) => {
    const path = prefix + stepText(step);
    return isLeaf(fields(below)) ? [path] : pathsOf(fields(below), path);
  });
}

/**
 * Fields by which two states of a value differ: changed or added ones in `written`, vanished ones in `removed`.
 */
export function changedFields(
  before: unknown,
  after: unknown,
  shape: Shape,
): { readonly written: FieldSet; readonly removed: FieldSet } {
  const old = stepsBelow(before, shape);
  const next = stepsBelow(after, shape);
  const written: Record<string, unknown> = {};
  const removed: Record<string, unknown> = {};
  const oldByStep = new Map((old ?? []).map((one) => [one.step, one]));
  const nextSteps = new Set((next ?? []).map((one) => one.step));
  for (const one of next ?? []) {
    const was = oldByStep.get(one.step);
    if (was === undefined) {
      const added = fieldSetOf(one.value, one.shape);
      written[one.step] = isLeaf(added) ? added : { ".": {}, ...added };
      continue;
    }
    if (canonicalText(was.value) === canonicalText(one.value)) continue;
    const hasParts = stepsBelow(was.value, one.shape) ?? stepsBelow(one.value, one.shape);
    if (!hasParts) {
      written[one.step] = {};
      continue;
    }
    const inner = changedFields(was.value, one.value, one.shape);
    if (!isLeaf(inner.written)) written[one.step] = inner.written;
    if (!isLeaf(inner.removed)) removed[one.step] = inner.removed;
  }
  for (const one of old ?? []) {
    if (!nextSteps.has(one.step)) removed[one.step] = fieldSetOf(one.value, one.shape);
  }
  return { written, removed };
}
