/**
 * Where the scene is shown: redrawn in place on a terminal, else as plain lines. The door of log-update, which is loaded
 * on a terminal only.
 */
import { type TextSink, writeLine } from "../output.ts";
import { type Scene, sceneLine, sceneLines } from "./view.ts";

export interface Display {
  /** Shows the scene as it is now; may be called often. */
  show(scene: Scene): void;
  /** Something happened that is worth a line. */
  event(text: string): void;
  /** Something that stays readable: how to get in, the summary. */
  print(text: string): void;
  /** Leaves the terminal as it was, with the last scene on it. */
  end(): void;
}

export interface DisplayOptions {
  /** The time by which counts are shown now and then only. */
  readonly now: () => Date;
}

const EVENTS = 8;
const PLAIN_EVERY_MS = 2_000;
const DEFAULT_WIDTH = 100;

/** On a terminal. */
export async function liveDisplay(): Promise<Display> {
  const { default: update } = await import("log-update");
  const events: string[] = [];
  return {
    show: (scene) => {
      const width = Deno.consoleSize().columns || DEFAULT_WIDTH;
      update(sceneLines(scene, { events, width }).join("\n"));
    },
    event: (text) => {
      events.push(text);
      if (events.length > EVENTS) events.shift();
    },
    print: (text) => {
      update.clear();
      writeLine(Deno.stdout, text);
    },
    end: () => update.done(),
  };
}

/** Elsewhere: each event once, and now and then the counts when they changed, on `to`. */
export function plainDisplay(
  to: TextSink,
  options: DisplayOptions,
): Display {
  let lastLine = "";
  let lastMs = -Infinity;
  return {
    show: (scene) => {
      const nowMs = options.now().getTime();
      const line = sceneLine(scene);
      if (line === lastLine || nowMs - lastMs < PLAIN_EVERY_MS) return;
      [lastLine, lastMs] = [line, nowMs];
      writeLine(to, line);
    },
    event: (text) => writeLine(to, text),
    print: (text) => writeLine(to, text),
    end: () => {},
  };
}
