/**
 * What happens in one explored run, as data: the world it begins with, and every fault and wish with its moment. A plan
 * travels as JSON and can be shortened; knows nothing of how it is drawn or played.
 */
import type { RunnerScript } from "../../sim/runner.ts";
import type { MishapName } from "./mishaps.ts";

/** Who calls: the controllers, or the listeners. */
export type Who = "controller" | "listener";

/** A runner set as it begins. */
export interface PlannedSet {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** The world at the beginning. */
export interface Setting {
  readonly sets: readonly PlannedSet[];
  /** Controllers; more than one elect a leader. */
  readonly replicas: number;
  readonly backend: "broker" | "pipelines";
  readonly serviceTenant: "stable" | "changing";
  readonly statisticsMessages: "never" | "when-runners-change";
  /** Each call to GitHub takes up to so long, in ms. */
  readonly latencyMs: number;
  /** How far the clocks of our processes are ahead, in ms. */
  readonly skewMs: number;
  /** How long things go wrong, in seconds. */
  readonly stormS: number;
}

/**
 * One thing that happens. `nth` chooses among what is there at that moment, modulo its number; `set` names a set by its
 * place. Everything that lasts ends by itself after `forS` seconds.
 */
export type Deed =
  /** Users want jobs. */
  | {
    readonly do: "jobs";
    readonly set: number;
    readonly count: number;
    readonly shortestMs: number;
    readonly longestMs: number;
  }
  | { readonly do: "cancel-job"; readonly nth: number }
  | {
    readonly do: "edit";
    readonly set: number;
    readonly min?: number;
    readonly max?: number;
    /** Another template: a number that its pods carry. */
    readonly round?: number;
  }
  | { readonly do: "recreate-set"; readonly set: number; readonly forS: number }
  /** The process dies at its `call`th call that may change something. */
  | {
    readonly do: "crash";
    readonly who: Who;
    readonly call: number;
    readonly when: "before" | "after";
    readonly downS: number;
  }
  /** A controller ends as on SIGTERM and starts again. */
  | { readonly do: "restart"; readonly nth: number; readonly downS: number }
  /** A controller does not reach the API server. With several, another one takes the lead. */
  | { readonly do: "isolate"; readonly nth: number; readonly forS: number }
  /** The next `times` calls after `skip` others go wrong. */
  | {
    readonly do: "spoil";
    readonly who: Who;
    readonly side: "kubernetes" | "github";
    readonly how: MishapName;
    readonly skip: number;
    readonly times: number;
  }
  /** Watches tell nothing new. */
  | { readonly do: "stale-watches"; readonly who: Who; readonly forS: number }
  | { readonly do: "end-watches"; readonly how: "close" | "break" | "expire" | "compact" }
  | {
    readonly do: "lose-node";
    readonly how: "silent" | "removed";
    readonly nth: number;
    readonly forS: number;
  }
  | {
    readonly do: "harm-pod";
    readonly how: "delete" | "force-delete" | "evict" | "kill-for-memory";
    readonly nth: number;
  }
  /** Somebody deletes what is ours. */
  | { readonly do: "delete"; readonly what: Deletable; readonly nth: number }
  /** The Secret with the credential is deleted, and made again. */
  | { readonly do: "lose-credential"; readonly set: number; readonly forS: number }
  /** One of the faults of groups A and B, by its name. */
  | { readonly do: "github"; readonly what: string; readonly forS: number }
  /** GitHub forgets a runner that has no job. */
  | { readonly do: "forget-runner"; readonly nth: number }
  | { readonly do: "quota"; readonly pods: number; readonly forS: number }
  /** The image of the runners cannot be pulled. */
  | { readonly do: "bad-image"; readonly forS: number }
  /** The next runners that start do not do their work. */
  | { readonly do: "bad-runners"; readonly script: RunnerScript; readonly times: number };

/** What others may delete; all of it is to come back. */
export const DELETABLE = [
  "runner",
  "ephemeral runner set",
  "listener",
  "listener pod",
  "listener config",
  "runner secret",
] as const;

export type Deletable = typeof DELETABLE[number];

/** A deed and its moment, in seconds after the storm begins. */
export type Timed = Deed & { readonly atS: number };

export interface Plan {
  /** Draws what is not planned: names, back-off, how long a pod takes to start. */
  readonly seed: number;
  readonly setting: Setting;
  readonly deeds: readonly Timed[];
}

/** What users do; everything else is a fault. */
export function isUsers(deed: Deed): boolean {
  return deed.do === "jobs" || deed.do === "cancel-job";
}

/** The kind of a deed, under which its times are counted. */
export function labelOf(deed: Deed): string {
  switch (deed.do) {
    case "crash":
      return `crash of a ${deed.who} ${deed.when} a write`;
    case "spoil":
      return `${deed.side}, asked by a ${deed.who}: ${deed.how}`;
    case "stale-watches":
      return `stale watches of a ${deed.who}`;
    case "end-watches":
      return `watches: ${deed.how}`;
    case "lose-node":
      return `node ${deed.how}`;
    case "harm-pod":
      return `runner pod: ${deed.how}`;
    case "delete":
      return `deleted by somebody: ${deed.what}`;
    case "github":
      return `github: ${deed.what}`;
    case "bad-runners":
      return `runners: ${deed.script}`;
    case "edit":
      return `edit of ${editedFields(deed).join(" and ")}`;
    case "jobs":
    case "cancel-job":
    case "recreate-set":
    case "restart":
    case "isolate":
    case "lose-credential":
    case "forget-runner":
    case "quota":
    case "bad-image":
      return deed.do;
    default:
      return deed satisfies never;
  }
}

function editedFields(deed: Extract<Deed, { do: "edit" }>): readonly string[] {
  return [
    ...(deed.min === undefined ? [] : ["min"]),
    ...(deed.max === undefined ? [] : ["max"]),
    ...(deed.round === undefined ? [] : ["template"]),
  ];
}

/** One line for a person: when, and what exactly. */
export function lineOf({ atS, ...deed }: Timed): string {
  const { do: what, ...rest } = deed;
  const words = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return `${String(atS).padStart(6)} s  ${[what, ...words].join(", ")}`;
}
