/**
 * The table of modes: what each does, is told, may touch and may ask of a cluster. Pure; their programs are started
 * elsewhere (`start.ts`, `worker.ts`).
 */
import type { PolicyRule } from "../kube/types.ts";
import type { Example } from "../lib/flag_help.ts";
import type { FlagParser, FlagTable } from "../lib/flags.ts";
import { controllerManagerMode, type ControllerModeConfig } from "./controller_manager.ts";
import { devMode } from "./dev.ts";
import type { DevConfig } from "./dev/options.ts";
import { type DoctorConfig, doctorMode } from "./doctor.ts";
import { type ExplainConfig, explainMode } from "./explain.ts";
import type { ModeName } from "./invocation.ts";
import { listenerMode, type ListenerModeConfig } from "./listener.ts";

/** What a worker may touch. Everything that is not named is denied: `env`, `ffi`, `import`, `run`, `sys` and `write` always. */
export interface Sandbox {
  /** `host:port` words; `"any"` only for a mode that answers a person. */
  readonly net: readonly string[] | "any";
  readonly read: readonly string[];
  /** Whether a host that a runner set names may be added, by starting the worker anew. Absent: never. */
  readonly growth?: "asked";
}

/** A document whose content says what a sandbox must allow besides. */
export interface SandboxDocument<Config> {
  path(config: Config): string;
  /** Throws for a text that makes no sense: the worker then says so. */
  allows(text: string, config: Config): Pick<Sandbox, "read"> & { readonly net: readonly string[] };
}

/** A cluster that flags name, outside of a pod. */
export interface ClusterFlags {
  /** As `KUBECONFIG`: a path, or several. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Where kubectl's own kubeconfig is found when none is named. */
  readonly home?: string | undefined;
}

/** What a kubeconfig says about places. */
export interface ClusterPlaces {
  /** URLs of the API server and of the proxy on the way to it. */
  readonly server: string;
  readonly proxy: string | undefined;
  /** The kubeconfig and the files that it names. */
  readonly paths: readonly string[];
}

/** What follows the mode word besides flags. */
export interface WordsRow<Config> {
  /** For the usage line: `set|runner|job NAME`. */
  readonly usage: string;
  /** What may be the first of them, for completion. */
  readonly first: readonly string[];
  /** Throws `InvalidInput` for words that mean nothing. */
  read(words: readonly string[]): Partial<Config>;
}

export interface Mode<Config> {
  /** One sentence for the help. */
  readonly summary: string;
  /** Command lines that a person may want, for the help. */
  readonly examples: readonly Example[];
  /** Flags and environment, with defaults. Main parses them; a worker sees no environment. */
  readonly flags: FlagTable<Config>;
  /** Flags of another program that are accepted and have no effect. */
  readonly ignored?: Readonly<Record<string, FlagParser<unknown>>>;
  /** Present on modes that answer a person: what ends them is said once, on standard error. */
  readonly logs?: "nothing";
  /** Arguments that are no flags; without it there may be none. */
  readonly words?: WordsRow<Config>;
  /** Throws `InvalidInput` for values that do not go together. */
  check?(config: Config): void;
  /** The cluster that the config names by a kubeconfig; `undefined` when it names none. */
  cluster?(config: Config): ClusterFlags | undefined;
  /** `undefined`: the mode runs in no worker of its own. `cluster`: what became of {@link Mode.cluster}. */
  sandbox(config: Config, cluster?: ClusterPlaces): Sandbox | undefined;
  /** Read by the starter before the worker has its sandbox. */
  readonly document?: SandboxDocument<Config>;
  /** What the mode may ask of the cluster. */
  readonly rules: readonly PolicyRule[];
}

/** The config of each mode. */
export interface ModeConfigs {
  readonly "controller-manager": ControllerModeConfig;
  readonly listener: ListenerModeConfig;
  readonly dev: DevConfig;
  readonly doctor: DoctorConfig;
  readonly explain: ExplainConfig;
}

/** One row per mode, or it does not compile. */
export const MODES: { readonly [Name in ModeName]: Mode<ModeConfigs[Name]> } = {
  "controller-manager": controllerManagerMode,
  listener: listenerMode,
  dev: devMode,
  doctor: doctorMode,
  explain: explainMode,
};
