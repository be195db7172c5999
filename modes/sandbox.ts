/**
 * Runs a mode in a worker that may touch only what it was granted. Knows the worker's life, not what modes do: starts,
 * stops, kills, starts anew with more hosts, and passes on what the worker says.
 */
import { systemClock } from "../lib/clock.ts";
import type { AskPlugin } from "../kube/credential_plugin.ts";
import type { ModeName } from "./invocation.ts";
import type { Sandbox } from "./mode.ts";
import { answerTo } from "./plugin_relay.ts";
import { addedHosts } from "./sandbox_growth.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

/** Exit code of a program that broke in a way nobody foresaw (`EX_SOFTWARE` of sysexits). */
export const EXIT_BROKEN = 70;
/** Exit code of a program that was ended by force, after Ctrl-C was asked for twice. */
export const EXIT_FORCED = 130;

/** How long others may ask for hosts too before the worker is started anew, in ms: each time costs its connections. */
const GATHER_MS = 500;

export interface SandboxedRun {
  readonly mode: ModeName;
  /** Plain data. */
  readonly config: unknown;
  readonly sandbox: Sandbox;
  /** Ends the mode as SIGTERM would. */
  readonly signal: AbortSignal;
  /** Ends the worker at once. */
  readonly killed: AbortSignal;
  /** Called once, when the first worker is up: what only its start needed may be given up. */
  readonly onUp?: () => void;
  /** Takes the log lines, which otherwise go to standard output. */
  readonly onLog?: (line: string) => void;
  /** Takes the answer of a mode that answers a person. */
  readonly onPrint?: (text: string) => void;
  /** Answers for the plugin of the kubeconfig that the config names. */
  readonly askPlugin?: AskPlugin | undefined;
  /** Takes the sentence with which a worker ended that was not asked to; its log has it too. */
  readonly onEnd?: (because: string) => void;
  /** Takes what a bug in the worker said; the run then ends with {@link EXIT_BROKEN}. */
  readonly onBug: (message: string) => void;
}

/** Resolves with the exit code of the mode, with {@link EXIT_BROKEN} or with {@link EXIT_FORCED}. */
export async function runInSandbox(run: SandboxedRun): Promise<number> {
  const added: string[] = [];
  for (let isFirst = true;; isFirst = false) {
    const end = await liveOnce(isFirst ? run : { ...run, onUp: undefined }, added);
    if (end.asked.length === 0 || end.code !== 0 || run.signal.aborted) return end.code;
    added.push(...end.asked);
  }
}

interface End {
  readonly code: number;
  /** Hosts that the worker may have when it is started anew; it was stopped for their sake. */
  readonly asked: readonly string[];
}

/** `added`: hosts that earlier workers asked for. */
async function liveOnce(
  run: Omit<SandboxedRun, "onUp"> & { readonly onUp?: (() => void) | undefined },
  added: readonly string[],
): Promise<End> {
  const { growth = "never" } = run.sandbox;
  const granted = run.sandbox.net === "any" ? "any" : [...run.sandbox.net, ...added];
  const asked: string[] = [];
  const ended = new AbortController();
  const options: WorkerOptions = {
    type: "module",
    name: run.mode,
    deno: { permissions: permissionsOf({ ...run.sandbox, net: granted }) },
  };
  const worker = new Worker(new URL("./worker.ts", import.meta.url), options);
  const say = (message: ToWorker) => worker.postMessage(message);
  const stop = () => say({ type: "stop" });
  const forced = Promise.withResolvers<number>();
  const kill = () => forced.resolve(EXIT_FORCED);
  const work = new Promise<number>((resolve) => {
    worker.onmessage = (event: MessageEvent<FromWorker>) => {
      const message = event.data;
      switch (message.type) {
        case "up":
          say({
            type: "start",
            mode: run.mode,
            config: run.config,
            net: { granted, added, growth },
            log: run.onLog === undefined ? "stdout" : "messages",
          });
          if (run.signal.aborted) stop();
          else run.signal.addEventListener("abort", stop, { once: true });
          return run.onUp?.();
        case "log":
          return run.onLog?.(message.line);
        case "print":
          return run.onPrint?.(message.text);
        case "ask-net": {
          if (growth === "never") return;
          const news = addedHosts(message.words, [...added, ...asked]);
          if (news.length > 0 && asked.length === 0) void stopSoon(stop, ended.signal);
          asked.push(...news);
          return;
        }
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
  try {
    return { code: await Promise.race([work, forced.promise]), asked };
  } finally {
    ended.abort();
    run.signal.removeEventListener("abort", stop);
    run.killed.removeEventListener("abort", kill);
    worker.terminate();
  }
}

/** Stops the worker when all who are about to ask for hosts have done so. */
async function stopSoon(stop: () => void, signal: AbortSignal): Promise<void> {
  try {
    await systemClock.sleep(GATHER_MS, signal);
    stop();
  } catch {
    // It has ended by itself.
  }
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
