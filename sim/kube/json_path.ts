/** The JSONPath of printer columns: members, quoted members, indexes, wildcards and equality filters. Pure. */
import { fields, isFields } from "./document.ts";

type Step = (values: readonly unknown[]) => readonly unknown[];

const paths = new Map<string, readonly Step[]>();

const TOKEN =
  /\.([^.[\]]+)|\['([^']*)'\]|\["([^"]*)"\]|\[(-?\d+)\]|\[\*\]|\[\?\(@\.([^=!\s]+)\s*==\s*["']?([^"')]*)["']?\)\]/g;

function memberStep(name: string): Step {
  return (values) =>
    values.flatMap((value) => {
      if (name === "*") {
        return isFields(value) ? Object.values(value) : Array.isArray(value) ? value : [];
      }
      const member = fields(value)[name];
      return member === undefined ? [] : [member];
    });
}

function indexStep(index: number): Step {
  return (values) =>
    values.flatMap((value) => {
      const item = Array.isArray(value) ? value.at(index) : undefined;
      return item === undefined ? [] : [item];
    });
}

function filterStep(path: string, wanted: string): Step {
  return (values) =>
    values.flatMap((value) =>
      Array.isArray(value)
        ? value.filter((item) =>
          jsonPathValues(`.${path}`, item).some((one) => `${one}` === wanted)
        )
        : []
    );
}

function stepsOf(path: string): readonly Step[] {
  const known = paths.get(path);
  if (known) return known;
  const escaped = path.replaceAll("\\.", "\u0000");
  const steps = [...escaped.matchAll(TOKEN)].map((match): Step => {
    const [whole, member, single, double, index, filterPath, filterValue] = match;
    if (filterPath !== undefined) return filterStep(filterPath, filterValue ?? "");
    if (index !== undefined) return indexStep(Number(index));
    if (whole === "[*]") return memberStep("*");
    return memberStep((member ?? single ?? double ?? "").replaceAll("\u0000", "."));
  });
  paths.set(path, steps);
  return steps;
}

/** All values that the path leads to, in order. */
export function jsonPathValues(path: string, value: unknown): readonly unknown[] {
  return stepsOf(path).reduce<readonly unknown[]>((values, step) => step(values), [value]);
}
