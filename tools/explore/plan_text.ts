/** A plan as it was printed, read again. Pure. Knows what a plan cannot be played without, not whether it makes sense. */
import { InvalidInput } from "../../lib/errors.ts";
import { type Deed, labelOf, type Plan, type Setting, type Timed } from "./plan.ts";

const NUMBERS = ["replicas", "latencyMs", "skewMs", "stormS"] as const satisfies readonly (
  keyof Setting
)[];

/** Takes the line of JSON, with or without the words before it. Throws {@link InvalidInput} for anything else. */
export function planOf(text: string): Plan {
  const json = text.slice(Math.max(0, text.indexOf("{"))).trim();
  const plan = parsed(json) as Partial<Plan> | undefined;
  if (typeof plan?.seed !== "number") throw no("its seed is not a number");
  const { setting, deeds } = plan;
  if (!Array.isArray(setting?.sets) || setting.sets.length === 0) throw no("it has no sets");
  const absent = NUMBERS.find((name) => typeof setting[name] !== "number");
  if (absent !== undefined) throw no(`its setting's ${absent} is not a number`);
  if (!Array.isArray(deeds)) throw no("its deeds are not a list");
  for (const [at, deed] of (deeds as readonly Timed[]).entries()) {
    if (typeof deed?.atS !== "number" || !isDeed(deed)) {
      throw no(`deed ${at + 1} is none: ${JSON.stringify(deed)}`);
    }
  }
  return plan as Plan;
}

function isDeed(deed: Deed): boolean {
  return typeof labelOf(deed) === "string";
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw no("it is not JSON");
  }
}

function no(why: string): InvalidInput {
  return new InvalidInput(`This is not a plan as exploring prints it: ${why}`);
}
