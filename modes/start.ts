/**
 * Starts a mode where it belongs: in a worker with its sandbox, or in this thread when it has none. Knows what its config
 * allows, not what it does.
 */
import { runInSandbox } from "./sandbox.ts";
import type { ModeName } from "./invocation.ts";
import { type TextSink, writeLine } from "./output.ts";
import { type ClusterFlags, type Mode, MODES } from "./mode.ts";
import type { NamedCluster } from "./named_cluster.ts";
import { givenUpOnceUp, NEVER_NEEDED, type Power } from "./powers.ts";
import { withDocument } from "./start_document.ts";
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
  /** For the rest of this thread's life. */
  readonly giveUp: (powers: readonly Power[]) => void;
}

/** Resolves with the exit code. Throws `InvalidInput` only when nothing has been started. */
export async function startMode(start: ModeStart): Promise<number> {
  const { mode } = start;
  const row = MODES[mode] as Mode<unknown>;
  const flags = row.cluster?.(start.config);
  if (isSandboxed(row, start.config)) {
    start.giveUp(flags === undefined ? [...NEVER_NEEDED, "run"] : NEVER_NEEDED);
  }
  const cluster = flags && await lookedAt(flags);
  const config = cluster === undefined
    ? start.config
    : { ...start.config as object, ...cluster.flags };
  const sandbox = row.sandbox(config, cluster?.places);
  if (sandbox !== undefined) {
    const plugin = cluster?.askPlugin === undefined ? "none" : "runs";
    return await runInSandbox({
      ...start,
      config,
      sandbox: await withDocument(sandbox, { document: row.document, config }),
      askPlugin: cluster?.askPlugin,
      onUp: () => start.giveUp(givenUpOnceUp({ growth: sandbox.growth ?? "never", plugin })),
      ...(row.logs === "nothing" && { onLog: () => {} }),
      onPrint: (text) => writeLine(start.out, text),
      onEnd: (because) => writeLine(start.err, because),
      onBug: (message) => writeLine(start.err, message),
    });
  }
  if (cluster !== undefined) {
    const { runDevOnCluster } = await import("./dev/on_cluster.ts");
    return await runDevOnCluster(config as DevConfig, { ...start, cluster });
  }
  const { runDev } = await import("./dev/run.ts");
  return await runDev(config as DevConfig, start);
}

/** Loaded only when a kubeconfig is named. */
async function lookedAt(flags: ClusterFlags): Promise<NamedCluster> {
  const { namedCluster } = await import("./named_cluster.ts");
  return await namedCluster(flags);
}

function isSandboxed(row: Mode<unknown>, config: unknown): boolean {
  return row.sandbox(config) !== undefined;
}
