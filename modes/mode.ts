/**
 * The table of modes: what each does, is told, may touch and may ask of a cluster. Pure; their programs are started
 * elsewhere (`start.ts`, `worker.ts`).
 */
import type { PolicyRule } from "../kube/types.ts";
import type { FlagParser, FlagTable } from "../lib/flags.ts";
import { controllerManagerMode, type ControllerModeConfig } from "./controller_manager.ts";
import { devMode } from "./dev.ts";
import type { DevConfig } from "./dev/options.ts";
import type { ModeName } from "./invocation.ts";
import { listenerMode, type ListenerModeConfig } from "./listener.ts";

/** What a worker may touch. Everything that is not named is denied: `env`, `ffi`, `import`, `run`, `sys` and `write` always. */
export interface Sandbox {
  /** `host:port` words; `"any"` where hosts become known only at run time. */
  readonly net: readonly string[] | "any";
  readonly read: readonly string[];
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

export interface Mode<Config> {
  /** One sentence for the help. */
  readonly summary: string;
  /** Flags and environment, with defaults. Main parses them; a worker sees no environment. */
  readonly flags: FlagTable<Config>;
  /** Flags of another program that are accepted and have no effect. */
  readonly ignored?: Readonly<Record<string, FlagParser<unknown>>>;
  /** Throws `InvalidInput` for values that do not go together. */
  check?(config: Config): void;
  /** The cluster that the config names by a kubeconfig; `undefined` when it names none. */
  cluster?(config: Config): ClusterFlags | undefined;
  /** `undefined`: the mode runs in no worker of its own. `cluster`: what became of {@link Mode.cluster}. */
  sandbox(config: Config, cluster?: ClusterPlaces): Sandbox | undefined;
  /** What the mode may ask of the cluster. */
  readonly rules: readonly PolicyRule[];
}

/** The config of each mode. */
export interface ModeConfigs {
  readonly "controller-manager": ControllerModeConfig;
  readonly listener: ListenerModeConfig;
  readonly dev: DevConfig;
}

/** One row per mode, or it does not compile. */
export const MODES: { readonly [Name in ModeName]: Mode<ModeConfigs[Name]> } = {
  "controller-manager": controllerManagerMode,
  listener: listenerMode,
  dev: devMode,
};
