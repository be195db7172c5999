/** The mode `explain` at work: connects, looks once, tells the story. Reads only, and what it may not read it does without. */
import { createKubeClient } from "../../kube/client.ts";
import { createTransport } from "../../kube/transport.ts";
import { keyOf } from "../../kube/types.ts";
import { BUILD } from "../../lib/build.ts";
import { systemClock } from "../../lib/clock.ts";
import { HouseError, InvalidInput } from "../../lib/errors.ts";
import { nearest } from "../../lib/nearest.ts";
import { linkToCluster } from "../cluster_link.ts";
import type { ExplainConfig } from "../explain.ts";
import { writeLine } from "../output.ts";
import type { ModeRun } from "../run.ts";
import { jobStory } from "./job_story.ts";
import { isCalled, look } from "./look.ts";
import { remembered } from "./remembered.ts";
import { runnerStory } from "./runner_story.ts";
import { setStory } from "./set_story.ts";
import { runnersOf, type Snapshot } from "./snapshot.ts";
import { type Story, storyJson, storyText } from "./story.ts";

/** Nobody at three in the morning waits longer, in ms. */
const TIMEOUT_MS = 10_000;

/** What was asked for is not there, nor does anybody remember it. */
class NotFound extends HouseError {
  override readonly name = "NotFound";
  override readonly code = "not_found";
  override readonly disposition = { kind: "stop" } as const;
}

/** Exit code 0 when there was something to tell. Throws as {@link storyOf} does. */
export async function runExplain(config: ExplainConfig, run: ModeRun): Promise<number> {
  const print = run.print ?? ((text: string) => writeLine(Deno.stdout, text));
  using link = await linkToCluster(config, run);
  const transport = createTransport({
    connection: link.connection,
    clock: systemClock,
    userAgent: `longshore-explain/${BUILD.version}`,
    timeoutMs: TIMEOUT_MS,
  });
  const kube = createKubeClient(transport);
  const { namespace = "", output, kind } = config;
  const name = kind === "job" ? undefined : config.name;
  const snapshot = await look({ kube, clock: systemClock, namespace, name }, run.signal);
  const story = storyOf(config, snapshot);
  print(output === "json" ? storyJson(story) : storyText(story));
  return 0;
}

/** Throws {@link InvalidInput} for a name that several have, and a `HouseError` for one that nobody has. */
export function storyOf(
  { kind = "set", name = "" }: Pick<ExplainConfig, "kind" | "name">,
  snapshot: Snapshot,
): Story {
  switch (kind) {
    case "set":
      return theSetStory(name, snapshot);
    case "runner": {
      const names = runnersOf(snapshot).map((one) => keyOf(one).name);
      return runnerStory(name, snapshot) ??
        notFound(`runner "${name}"`, nearest(name, names), snapshot);
    }
    case "job":
      return jobStory(name, snapshot);
    default:
      return kind satisfies never;
  }
}

function theSetStory(name: string, snapshot: Snapshot): Story {
  const [first, ...more] = snapshot.sets.filter(({ set }) => isCalled(set, name));
  if (first === undefined) {
    const names = snapshot.sets.map(({ set }) => keyOf(set).name);
    return goneSet(name, snapshot) ??
      notFound(`runner set "${name}"`, nearest(name, names), snapshot);
  }
  if (more.length === 0) return setStory(first, snapshot);
  const places = [first, ...more].map(({ set }) => keyOf(set).namespace).join(", ");
  throw new InvalidInput(
    `Runner set "${name}" is in several namespaces: expected --namespace with one of ${places}`,
  );
}

/** Its listener and its runners have other names. */
function goneSet(name: string, snapshot: Snapshot): Story | undefined {
  return remembered(`runner set "${name}"`, {
    snapshot,
    isAbout: ({ involvedObject: { kind = "", ...metadata } }) =>
      /RunnerSet$/.test(kind) && isCalled({ metadata }, name),
  });
}

function notFound(
  what: string,
  meant: string | undefined,
  { unseen }: Pick<Snapshot, "unseen">,
): never {
  if (unseen.length > 0) {
    throw new NotFound(`No ${what} is among what could be seen. Not seen: ${unseen.join("; ")}`);
  }
  const hint = meant === undefined ? "Is it in another namespace?" : `Did you mean "${meant}"?`;
  throw new NotFound(`There is no ${what} here, and no Event remembers one. ${hint}`);
}
