/** An explanation, and how people and scripts read it. Pure. The first line answers the question. */
import { redacted } from "../../lib/redaction.ts";
import type { Reason } from "./reason.ts";
import { clockText, type Moment } from "./timeline.ts";

export interface Story {
  /** `set "arc-runners/linux"`. */
  readonly about: string;
  /** The answer in one sentence, without a full stop. */
  readonly headline: string;
  /** How things are, sentence by sentence. */
  readonly sentences: readonly string[];
  /** What stands in the way, the first cause first. */
  readonly reasons: readonly Reason[];
  readonly moments: readonly Moment[];
  /** What could not be seen, and why. */
  readonly unseen: readonly string[];
}

/** For a terminal: the headline first. Without secrets. */
export function storyText(story: Story): string {
  const { headline, sentences, reasons, moments, unseen } = story;
  const parts = [
    [headline],
    sentences.map((sentence) => `${sentence}.`),
    reasons.length === 0 ? [] : [
      "What stands in the way, and what would change it:",
      ...reasons.flatMap(({ says, remedy }) => [`  ✗ ${says}`, `    → ${remedy}`]),
    ],
    moments.length === 0 ? [] : [
      "What happened (UTC):",
      ...moments.map(({ at, about, what }) => `  ${clockText(at)}  ${about}: ${what}`),
    ],
    unseen.map((why) => `○ not seen: ${why}`),
  ];
  return redacted(
    parts.filter((lines) => lines.length > 0).map((lines) => lines.join("\n")).join("\n\n"),
  );
}

/** For scripts: the same story. Without secrets. */
export function storyJson(story: Story): string {
  return redacted(JSON.stringify(story, undefined, 2));
}

/** "1 runner", "2 runners". */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
