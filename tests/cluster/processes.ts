/** A program that runs beside the tests, with its output in a file. Knows signals and exits, not what the program does. */
import { systemClock } from "../../lib/clock.ts";

export interface ProcessPlan {
  readonly path: string;
  readonly args: readonly string[];
  /** Standard output and error are appended here. */
  readonly logFile: string;
}

export interface Process {
  readonly pid: number;
  /** Whether it has ended, by itself or not. */
  readonly hasEnded: boolean;
  readonly ended: Promise<void>;
  signal(name: Deno.Signal): void;
}

/** How long a program that was asked to end may take, in ms. */
const PATIENCE_MS = 5_000;
/** Lines of the log that go with a failure. */
const TAIL_LINES = 15;

export function startProcess({ path, args, logFile }: ProcessPlan): Process {
  const child = new Deno.Command("sh", {
    args: ["-c", 'log=$1; shift; exec "$@" >>"$log" 2>&1', "sh", logFile, path, ...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let hasEnded = false;
  const ended = child.status.then(() => {
    hasEnded = true;
  });
  return {
    pid: child.pid,
    get hasEnded() {
      return hasEnded;
    },
    ended,
    signal(name) {
      if (!hasEnded) child.kill(name);
    },
  };
}

/** Asks to end, insists after 5 s, and waits for the end. */
export async function endProcess(process: Process): Promise<void> {
  const patience = new AbortController();
  process.signal("SIGTERM");
  const insisted = systemClock.sleep(PATIENCE_MS, patience.signal)
    .then(() => process.signal("SIGKILL"), () => {});
  await process.ended;
  patience.abort();
  await insisted;
}

/** The last lines that a program wrote, for whoever has to say why it failed. */
export async function tailOf(logFile: string): Promise<string> {
  const text = await Deno.readTextFile(logFile).catch(() => "");
  return text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}

/** A port of this machine that nobody listens on just now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
