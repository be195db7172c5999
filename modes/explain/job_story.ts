/** Where a job is, or why no runner has it. Pure. Jobs that wait are known to GitHub alone: the sets tell why. */
import { keyOf, keyText } from "../../kube/types.ts";
import { reasonsOf } from "./reasons.ts";
import { runnerStory } from "./runner_story.ts";
import { demandsMore, headlineOf } from "./set_story.ts";
import { runnersOf, type Snapshot } from "./snapshot.ts";
import type { Story } from "./story.ts";
import { timeline } from "./timeline.ts";

/** `name`: the job's id, the id of its workflow run, or the name that GitHub shows. */
export function jobStory(name: string, snapshot: Snapshot): Story {
  const holders = runnersOf(snapshot).filter(({ status }) =>
    [status?.jobId, status?.jobDisplayName, String(status?.workflowRunId ?? "")].includes(name)
  );
  const [holder] = holders;
  if (holder !== undefined) {
    const runner = holder.metadata?.name ?? "";
    const story = runnerStory(runner, snapshot);
    const others = holders.slice(1).map(({ metadata }) => metadata?.name).join(", ");
    if (story !== undefined) {
      const told = story.reasons[0]?.says ??
        (holder.status?.ready ? "which is ready" : "which is there");
      const mark = story.reasons.length === 0 ? "✓" : "✗";
      return {
        ...story,
        about: `job "${name}"`,
        headline: `${mark} Job "${name}" is with runner "${runner}": ${told}`,
        sentences: [...story.sentences, ...(others ? [`Runners with it too: ${others}`] : [])],
      };
    }
  }
  return pastStory(name, snapshot) ?? waitingStory(name, snapshot);
}

function pastStory(name: string, snapshot: Snapshot): Story | undefined {
  const events = snapshot.events.filter(({ message = "" }) => speaksOf(message, name));
  const moments = timeline({ objects: [], pods: [], events });
  const last = moments.at(-1);
  if (last === undefined) return undefined;
  return {
    about: `job "${name}"`,
    headline: `No runner has job "${name}" now; what was told of it last: ${last.what}`,
    sentences: [`It is remembered by ${events.length} Events only`],
    reasons: [],
    moments,
    unseen: snapshot.unseen,
  };
}

/** Whether a sentence speaks of a job. Ids are told as they are, names in quotation marks: they may be any word. */
function speaksOf(sentence: string, name: string): boolean {
  return sentence.includes(`"${name}"`) ||
    (/\d/.test(name) && sentence.split(/[^\w-]+/).includes(name));
}

function waitingStory(name: string, snapshot: Snapshot): Story {
  const held = snapshot.sets.map((view) => ({ view, reasons: reasonsOf(view, snapshot) }));
  // Sets that should have more runners come first: that is where a job waits.
  const first = held.toSorted((a, b) => Number(demandsMore(b.view)) - Number(demandsMore(a.view)))
    .find(({ reasons }) => reasons.length > 0);
  const [reason] = first?.reasons ?? [];
  const why = first === undefined || reason === undefined
    ? held.length === 0
      ? snapshot.unseen[0] ?? "there is no runner set here"
      : "nothing holds the runner sets back; it is over, or it asks for labels that no set has"
    : headlineOf(keyText(keyOf(first.view.set)), reason);
  return {
    about: `job "${name}"`,
    headline: `${reason === undefined ? "○" : "✗"} No runner has job "${name}": ${why}`,
    sentences: [
      "A job that waits is known to GitHub alone; this is how the runner sets are that might take it",
      ...held.map(({ view, reasons }) => {
        const [first] = reasons;
        const set = keyText(keyOf(view.set));
        return first === undefined ? `"${set}": nothing holds it back` : headlineOf(set, first);
      }),
    ],
    reasons: first?.reasons ?? [],
    moments: [],
    unseen: snapshot.unseen,
  };
}
