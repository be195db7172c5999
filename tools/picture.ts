/**
 * `deno task picture`: runs `dev` for real and draws what a terminal would have shown, for the README. Each run is another,
 * so it is no part of `deno task gen`.
 */
import { systemClock } from "../lib/clock.ts";
import { parseFlags } from "../lib/flags.ts";
import type { Display } from "../modes/dev/display.ts";
import { runDev } from "../modes/dev/run.ts";
import { sceneLines } from "../modes/dev/view.ts";
import { MODES } from "../modes/mode.ts";
import { filmSvg, type Frame } from "./picture/svg.ts";

const OUT = "docs/dev.svg";
const ARGS = ["--jobs=40", "--job-duration=1s..3s", "--fail-rate=0.1", "--seed=7", "--until-idle"];
const WIDTH = 90;
const EVENTS = 6;
/** Frames closer to each other are one. */
const FRAME_MS = 200;
const HOLD_MS = 6_000;
/** Of the summary: the rest is for those who run it. */
const SUMMARY_LINES = 5;

/** A display that keeps what it is shown. */
function film(): { readonly display: Display; readonly frames: Frame[] } {
  const frames: Frame[] = [];
  const events: string[] = [];
  const startMs = systemClock.now().getTime();
  const add = (lines: readonly string[]) => {
    const atMs = systemClock.now().getTime() - startMs;
    const before = frames.at(-1);
    if (before !== undefined && atMs - before.atMs < FRAME_MS) return;
    frames.push({ atMs, lines });
  };
  return {
    frames,
    display: {
      show: (scene) => add(sceneLines(scene, { events, width: WIDTH })),
      event: (text) => {
        events.push(text);
        if (events.length > EVENTS) events.shift();
      },
      print: () => {},
      end: () => {},
    },
  };
}

if (import.meta.main) {
  const { display, frames } = film();
  const said: string[] = [];
  const sink = {
    writeSync(bytes: Uint8Array) {
      said.push(new TextDecoder().decode(bytes));
      return bytes.length;
    },
  };
  const { config } = parseFlags(MODES.dev.flags, { args: ARGS });
  const never = new AbortController().signal;
  const code = await runDev(config, {
    signal: never,
    killed: never,
    out: sink,
    err: sink,
    display,
  });
  const last = frames.at(-1);
  if (code !== 0 || last === undefined) throw new Error(`dev ended with ${code}: ${said.join("")}`);
  const summary = said.join("").split("\n").slice(0, SUMMARY_LINES);
  frames.push({ atMs: last.atMs + FRAME_MS, lines: [...last.lines.slice(0, 6), "", ...summary] });
  await Deno.writeTextFile(
    OUT,
    filmSvg({
      frames,
      holdMs: HOLD_MS,
      command: `longshore dev ${ARGS.filter((arg) => !/seed/.test(arg)).join(" ")}`,
      title:
        "longshore dev at work: jobs are queued, runners are hired, jobs run, runners are gone",
    }),
  );
  Deno.exit(0);
}
