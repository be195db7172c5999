/**
 * Runs a mode in a worker that may touch only what it was granted. Knows the worker's life, not what modes do: starts,
 * stops, kills, and passes on what the worker says.
 */
import type { AskPlugin } from "../kube/credential_plugin.ts";
import type { ModeName } from "./invocation.ts";
import type { Sandbox } from "./mode.ts";
import { answerTo } from "./plugin_relay.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

/** Exit code of a program that broke in a way nobody foresaw (`EX_SOFTWARE` of sysexits). */
export const EXIT_BROKEN = 70;
/** Exit code of a program that was ended by force, after Ctrl-C was asked for twice. */
export const EXIT_FORCED = 130;

export interface SandboxedRun {
  readonly mode: ModeName;
  /** Plain data. */
  readonly config: unknown;
  readonly sandbox: Sandbox;
  /** Ends the mode as SIGTERM would. */
  readonly signal: AbortSignal;
  /** Ends the worker at once. */
  readonly killed: AbortSignal;
  /** Takes the log lines, which otherwise go to standard output. */
  readonly onLog?: (line: string) => void;
  /** Answers for the plugin of the kubeconfig that the config names. */
  readonly askPlugin?: AskPlugin | undefined;
  /** Takes the sentence with which a worker ended that was not asked to; its log has it too. */
  readonly onEnd?: (because: string) => void;
  /** Takes what a bug in the worker said; the run then ends with {@link EXIT_BROKEN}. */
  readonly onBug: (message: string) => void;
}

/** Resolves with the exit code of the mode, with {@link EXIT_BROKEN} or with {@link EXIT_FORCED}. */
export function runInSandbox(run: SandboxedRun): Promise<number> {
  const options: WorkerOptions = {
    type: "module",
    name: run.mode,
    deno: { permissions: permissionsOf(run.sandbox) },
  };
  const worker = new Worker(new URL("./worker.ts", import.meta.url), options);
  const say = (message: ToWorker) => worker.postMessage(message);
  const stop = () => say({ type: "stop" });
  const forced = Promise.withResolvers<number>();
  const kill = () => forced.resolve(EXIT_FORCED);
  const ended = new Promise<number>((resolve) => {
    worker.onmessage = (event: MessageEvent<FromWorker>) => {
      const message = event.data;
      switch (message.type) {
        case "up":
          say({
            type: "start",
            mode: run.mode,
            config: run.config,
            log: run.onLog === undefined ? "stdout" : "messages",
          });
          if (run.signal.aborted) stop();
          else run.signal.addEventListener("abort", stop, { once: true });
          return;
        case "log":
          return run.onLog?.(message.line);
        case "ask-plugin":
          return void answerTo(message, run.askPlugin).then(say);
        case "stopped":
          if (message.because !== undefined) run.onEnd?.(message.because);
          return resolve(message.code);
        default:
          message satisfies never;
      }
    };
    worker.onerror = (event) => {
      event.preventDefault();
      run.onBug(event.message);
      resolve(EXIT_BROKEN);
    };
  });
  if (run.killed.aborted) kill();
  else run.killed.addEventListener("abort", kill, { once: true });
  return Promise.race([ended, forced.promise]).finally(() => {
    run.signal.removeEventListener("abort", stop);
    run.killed.removeEventListener("abort", kill);
    worker.terminate();
  });
}

function permissionsOf({ net, read }: Sandbox): Deno.PermissionOptionsObject {
  return {
    net: net === "any" ? true : [...net],
    read: [...read],
    env: false,
    ffi: false,
    import: false,
    run: false,
    sys: false,
    write: false,
  };
}
