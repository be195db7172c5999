/** What the program of a mode is given besides its config, and the programs' type. Types only. */
import type { AskPlugin } from "../kube/credential_plugin.ts";
import type { ModeConfigs } from "./mode.ts";
import type { ModeName } from "./invocation.ts";
import type { NetGrant } from "./net_guard.ts";

export interface ModeRun {
  /** Asks the credential plugin of the kubeconfig that the config names. */
  readonly askPlugin?: AskPlugin;
  /** Aborts when the mode is to end cleanly. */
  readonly signal: AbortSignal;
  /** What the sandbox allows of the network. Absent: nobody restricts it. */
  readonly net?: NetGrant;
  /** Takes a log line without its line break. Absent: standard output. */
  readonly write?: (line: string) => void;
  /** Takes what a person asked for, as whole lines without the last line break. Absent: standard output. */
  readonly print?: (text: string) => void;
}

/** Resolves with the exit code. A throw is exit code 1, or 2 for `InvalidInput`. */
export type ModeProgram<Config> = (config: Config, run: ModeRun) => Promise<number>;

/** The modes whose work is done in a worker. */
export type WorkerMode = Exclude<ModeName, "dev">;

/** How the program of each is loaded, or it does not compile. */
export type WorkerPrograms = {
  readonly [Name in WorkerMode]: () => Promise<ModeProgram<ModeConfigs[Name]>>;
};
