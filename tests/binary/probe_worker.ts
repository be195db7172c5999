/**
 * Takes the place of `modes/worker.ts` in a binary that tests alone build: the main thread is the product's, and starts this
 * with the very permissions that it computed for the mode. It tries what it finds in `probe.json`, and prints what came of it.
 */
/// <reference lib="deno.worker" />
import { BUILD } from "../../lib/build.ts";
import type { FromWorker, ToWorker } from "../../modes/worker_messages.ts";
import {
  ALLOWED,
  ALLOWED_SERVING,
  FORBIDDEN,
  FORBIDDEN_HOSTS,
  GAPS,
  NO_GAPS,
  outcomes,
  type Places,
} from "./attempts.ts";

/** What a probe prints. */
export interface ProbeReport {
  readonly commit: string;
  readonly granted: readonly string[] | "any";
  readonly outcomes: readonly {
    readonly name: string;
    readonly outcome: string;
    readonly said: string;
  }[];
}

const ALL = [...FORBIDDEN, ...GAPS, ...NO_GAPS, ...FORBIDDEN_HOSTS, ...ALLOWED, ...ALLOWED_SERVING];

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "start") void probe(data);
  else say({ type: "stopped", code: 0 });
};
say({ type: "up" });

async function probe(start: Extract<ToWorker, { type: "start" }>): Promise<void> {
  const { serviceAccountDir } = start.config as { readonly serviceAccountDir: string };
  const plan = JSON.parse(await Deno.readTextFile(`${serviceAccountDir}/probe.json`)) as {
    readonly places: Places;
    readonly wait?: "never";
    readonly ask?: readonly string[];
  };
  const { granted, added } = start.net;
  if (plan.ask !== undefined && added.length === 0) {
    say({ type: "ask-net", words: plan.ask });
    if (plan.wait !== "never") return;
  }
  const found = await outcomes(ALL, plan.places);
  const report: ProbeReport = { commit: BUILD.commit, granted, outcomes: found };
  print(report);
  say({ type: "stopped", code: 0 });
}

function print(value: unknown): void {
  let rest = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}

function say(message: FromWorker): void {
  self.postMessage(message);
}
