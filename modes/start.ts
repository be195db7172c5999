/**
 * Starts a mode where it belongs: in a worker with its sandbox, or in this thread when it has none. Knows what its config
 * allows, not what it does.
 */
import { runInSandbox } from "./sandbox.ts";
import type { ModeName } from "./invocation.ts";
import { type TextSink, writeLine } from "./output.ts";
import { type ClusterFlags, type Mode, MODES } from "./mode.ts";
import type { NamedCluster } from "./named_cluster.ts";
import type { DevConfig } from "./dev/options.ts";

export interface ModeStart {
  readonly mode: ModeName;
  /** As the mode's flags describe it. */
  readonly config: unknown;
  /** Ends the mode cleanly. */
  readonly signal: AbortSignal;
  /** Ends it at once. */
  readonly killed: AbortSignal;
  readonly out: TextSink;
  readonly err: TextSink;
}

/** Resolves with the exit code. Throws `InvalidInput` only when nothing has been started. */
export async function startMode(start: ModeStart): Promise<number> {
  const { mode } = start;
  const row = MODES[mode] as Mode<unknown>;
  const flags = row.cluster?.(start.config);
  const cluster = flags && await lookedAt(flags);
  const config = cluster === undefined
    ? start.config
    : { ...start.config as object, ...cluster.flags };
  const sandbox = row.sandbox(config, cluster?.places);
  if (sandbox !== undefined) {
    return await runInSandbox({
      ...start,
      config,
      sandbox,
      askPlugin: cluster?.askPlugin,
      onEnd: (because) => writeLine(start.err, because),
      onBug: (message) => writeLine(start.err, message),
    });
  }
  const { runDev } = await import("./dev/run.ts");
  return await runDev(config as DevConfig, start);
}

/** Loaded only when a kubeconfig is named. */
async function lookedAt(flags: ClusterFlags): Promise<NamedCluster> {
  const { namedCluster } = await import("./named_cluster.ts");
  return await namedCluster(flags);
}
