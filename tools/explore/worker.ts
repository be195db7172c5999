/** One of those who run plans: takes a task, tells what came of it, asks for no more than that. */
import type { Bug } from "./bugs.ts";
import { drawPlan } from "./draw.ts";
import { type RaceResult, runRaces } from "./race.ts";
import { runPlan, type RunResult } from "./run.ts";

/** What a worker is asked. */
export type Task =
  | { readonly do: "seed"; readonly seed: number; readonly bug?: Bug | undefined }
  | { readonly do: "race"; readonly seed: number; readonly races: number };

/** What it answers. A trace stays where it was made: a seed tells it again. */
export type Answer =
  | { readonly of: "seed"; readonly seed: number; readonly result: Omit<RunResult, "trace"> }
  | { readonly of: "race"; readonly result: RaceResult };

/** The part of a worker's global scope that is used here. */
interface Post {
  onmessage: ((event: MessageEvent<Task>) => void) | null;
  postMessage(answer: Answer): void;
}

async function answerTo(task: Task): Promise<Answer> {
  if (task.do === "race") return { of: "race", result: await runRaces(task) };
  const { trace: _, ...result } = await runPlan(drawPlan(task.seed), { bug: task.bug });
  return { of: "seed", seed: task.seed, result };
}

const post = globalThis as unknown as Post;
post.onmessage = async ({ data }) => post.postMessage(await answerTo(data));
