/**
 * The entry of a mode's worker: loads the program of the mode that it is told, runs it, stops it, says how it ended.
 * Knows nothing of what modes do. Imports of programs are spelled out, so that they need no permission at run time.
 */
/// <reference lib="deno.worker" />
import { systemClock } from "../lib/clock.ts";
import { HouseError, InvalidInput } from "../lib/errors.ts";
import { createLogger } from "../lib/logger.ts";
import { redacted } from "../lib/redaction.ts";
import { createPluginRelay } from "./plugin_relay.ts";
import type { ModeProgram, ModeRun, WorkerPrograms } from "./run.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

const PROGRAMS: WorkerPrograms = {
  "controller-manager": async () =>
    (await import("./controller_manager/program.ts")).runControllerManager,
  listener: async () => (await import("./listener/program.ts")).runListener,
  doctor: async () => (await import("./doctor/program.ts")).runDoctor,
  explain: async () => (await import("./explain/program.ts")).runExplain,
};

const stopping = new AbortController();
const relay = createPluginRelay(say);

self.onmessage = (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  switch (message.type) {
    case "start":
      return void start(message);
    case "plugin-answer":
      return relay.answered(message);
    case "stop":
      return stopping.abort(new DOMException("The process was asked to stop", "AbortError"));
    default:
      message satisfies never;
  }
};
say({ type: "up" });

async function start(message: Extract<ToWorker, { type: "start" }>): Promise<void> {
  const write = message.log === "messages"
    ? { write: (line: string) => say({ type: "log", line }) }
    : {};
  const program = await PROGRAMS[message.mode as keyof WorkerPrograms]() as ModeProgram<unknown>;
  const print = (text: string) => say({ type: "print", text });
  const { granted, added, growth } = message.net;
  const ask = (words: readonly string[]) => say({ type: "ask-net", words });
  const net = { granted, added, ...(growth === "asked" && { ask }) };
  const run = { signal: stopping.signal, askPlugin: relay.ask, net, print, ...write };
  say({ type: "stopped", ...await ended(program, message.config, run) });
}

interface End {
  readonly code: number;
  readonly because?: string;
}

async function ended(
  program: ModeProgram<unknown>,
  config: unknown,
  run: ModeRun,
): Promise<End> {
  try {
    return { code: await program(config, run) };
  } catch (thrown) {
    if (run.signal.aborted && thrown === run.signal.reason) return { code: 0 };
    const { write } = run;
    const log = createLogger({
      level: "error",
      format: "text",
      clock: systemClock,
      ...(write === undefined ? {} : { write }),
    });
    log.error("The program ends", { error: thrown });
    const code = thrown instanceof InvalidInput ? 2 : 1;
    return thrown instanceof HouseError ? { code, because: redacted(thrown.message) } : { code };
  }
}

function say(message: FromWorker): void {
  self.postMessage(message);
}
