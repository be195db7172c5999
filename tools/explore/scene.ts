/** What a run has at hand while it goes on, and what its users want by now. Types only, and how things there are found. */
import type { KubeObject } from "../../kube/types.ts";
import type { RunnerScript } from "../../sim/runner.ts";
import type { Stage } from "../../tests/journeys/stage.ts";
import type { CallFaults } from "./calls.ts";
import type { Plan } from "./plan.ts";
import type { Replicas } from "./replicas.ts";
import type { Trace } from "./trace.ts";

/** Where runner sets live. */
export const HOME = "arc-runners";
/** Where the controllers and the listeners live. */
export const SYSTEM = "arc-systems";

/** What users want of a set, as they last said. */
export interface WantedSet {
  readonly name: string;
  min: number;
  max: number;
  /** The highest maximum that it ever had. */
  highest: number;
  /** What its template says; 0: nothing yet. */
  round: number;
}

export interface Scene {
  readonly plan: Plan;
  readonly stage: Stage;
  readonly replicas: Replicas;
  readonly calls: CallFaults;
  readonly trace: Trace;
  readonly wanted: readonly WantedSet[];
  /** Runners that somebody else brought down, by name: their jobs are not our fault. */
  readonly lost: Set<string>;
  /** Jobs that their users canceled. */
  readonly canceled: Set<string>;
  /** What the next runners do instead of their work. */
  readonly scripts: RunnerScript[];
  /** Nodes that live. */
  readonly nodes: string[];
  /** A fault has come to pass: counts it, and tells the trace. */
  readonly happened: (label: string, details: string) => void;
}

/** One of them, whatever `nth` is; `undefined` when there is none. */
export function chosen<T>(from: readonly T[], nth: number): T | undefined {
  return from[nth % Math.max(from.length, 1)];
}

export function nameOf(object: KubeObject): string {
  return object.metadata?.name ?? "";
}

export function isIn(namespace: string): (object: KubeObject) => boolean {
  return ({ metadata }) => metadata?.namespace === namespace;
}
