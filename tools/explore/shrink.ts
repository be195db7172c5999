/**
 * From a plan that fails to a short one that fails in the same way: deeds are dropped as long as it does, then the world
 * is made plainer. Knows nothing of what a deed does.
 */
import type { Plan, Setting, Timed } from "./plan.ts";

export interface ShrinkOptions {
  /** Whether this plan fails as the first one did. */
  readonly fails: (plan: Plan) => Promise<boolean>;
  /** Most plans that may be tried. */
  readonly budget: number;
}

export interface Shrunk {
  readonly plan: Plan;
  /** How many plans were tried. */
  readonly tried: number;
}

/** Plainer worlds, each with one thing less that may matter. */
const PLAINER: readonly ((setting: Setting) => Setting)[] = [
  (setting) => ({ ...setting, sets: setting.sets.slice(0, 1) }),
  (setting) => ({ ...setting, replicas: 1 }),
  (setting) => ({ ...setting, skewMs: 0 }),
  (setting) => ({ ...setting, latencyMs: 0 }),
  (setting) => ({ ...setting, serviceTenant: "stable" }),
  (setting) => ({ ...setting, statisticsMessages: "never" }),
];

/** The plan from which nothing more can be dropped, or what the budget allowed. `plan` itself must fail. */
export async function shortened(plan: Plan, options: ShrinkOptions): Promise<Shrunk> {
  let best = plan;
  let tried = 0;
  const isStill = async (candidate: Plan): Promise<boolean> => {
    if (tried >= options.budget) return false;
    tried++;
    return await options.fails(candidate);
  };
  for (let size = Math.ceil(plan.deeds.length / 2); size >= 1; size = nextSize(size)) {
    for (let at = 0; at < best.deeds.length;) {
      const candidate = { ...best, deeds: without(best.deeds, { at, size }) };
      if (await isStill(candidate)) best = candidate;
      else at += size;
    }
  }
  for (const plainer of PLAINER) {
    const setting = plainer(best.setting);
    if (JSON.stringify(setting) === JSON.stringify(best.setting)) continue;
    const candidate = { ...best, setting };
    if (await isStill(candidate)) best = candidate;
  }
  return { plan: best, tried };
}

function nextSize(size: number): number {
  return size === 1 ? 0 : Math.ceil(size / 2);
}

function without(
  deeds: readonly Timed[],
  part: { readonly at: number; readonly size: number },
): readonly Timed[] {
  return [...deeds.slice(0, part.at), ...deeds.slice(part.at + part.size)];
}
