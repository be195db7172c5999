/**
 * What a container of the simulated cluster runs. The kubelet knows no program: whoever builds the world hands in
 * programs by the name of the container. A program knows its own container and nothing of the world around it.
 */
import type { Pod } from "../kube/types.ts";

/** All that a program is given: what its pod's spec says, and nothing else. */
export interface ProgramRun {
  /** As it was when the container started. */
  readonly pod: Pod;
  /** Name of the container. */
  readonly container: string;
  /** Resolved, as the process would see it. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder that stands for `/` of the container and holds its mounted files; "" in a world in memory. */
  readonly root: string;
  /** The mounted files by their path in the container. Their content follows changes of what they were made from. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Aborts when the pod is asked to end (SIGTERM). */
  readonly signal: AbortSignal;
  /** Aborts when nobody waits any longer (SIGKILL): what still runs must end at once. Aborts after, or with, `signal`. */
  readonly killed: AbortSignal;
}

/** Resolves with the exit code; a rejection counts as exit code 1. */
export type Program = (run: ProgramRun) => Promise<number>;

/** The program of a container; `undefined`: what such containers do by default ({@link idleProgram}, exit 0 for init containers). */
export type Programs = (container: string, pod: Pod) => Program | undefined;

/** Exit code of a process that ended by SIGTERM without handling it. */
export const EXIT_SIGTERM = 143;
/** Exit code of a process that was killed. */
export const EXIT_SIGKILL = 137;

/** Does nothing until it is asked to end: a side-car. */
export function idleProgram(run: ProgramRun): Promise<number> {
  return new Promise((resolve) => {
    if (run.signal.aborted) return resolve(EXIT_SIGTERM);
    run.signal.addEventListener("abort", () => resolve(EXIT_SIGTERM), { once: true });
  });
}
