/** A page of what is done otherwise than ARC, with the tests that hold it: the titles that bear a difference's id. */
import { type Generator, page } from "./generator.ts";
import { type Title, titleList, titlesBearing, titlesNaming } from "./test_titles.ts";

/** One thing that is better on purpose: the id that its tests bear, what ARC does, what Longshore does. */
export interface OnPurpose {
  readonly id: string;
  readonly arc: string;
  readonly ours: string;
}

export const ON_PURPOSE: readonly OnPurpose[] = [
  {
    id: "B1",
    arc: "deletes an AutoscalingRunnerSet whose chart is of another minor version",
    ours:
      "never deletes an object of the user; serves it, and says in condition `VersionSkew` that the versions differ",
  },
  {
    id: "B2",
    arc: "acknowledges a message, then acts on it, so that a crash in between loses it",
    ours: "acts first, in a way that may be repeated, then acknowledges",
  },
  {
    id: "B3",
    arc:
      "makes the listener pod anew when a limit changes, and goes without one while a changed template drains the set",
    ours:
      "the listener follows its limits live and never stops polling; idle runners are rolled at a bounded pace, busy ones finish",
  },
  {
    id: "B4",
    arc: "leaves the slot of a failed runner taken",
    ours:
      "a failed runner is no capacity and is replaced, with back-off per set; its reason stays in a condition and an Event",
  },
  {
    id: "B5",
    arc: "puts finalizers on runners, roles, bindings and accounts, which get stuck on uninstall",
    ours:
      "a finalizer only where something exists at GitHub, with a time limit; everything may be deleted in any order",
  },
  {
    id: "B6",
    arc: "ships definitions of 0.6 to 1.2 MB, which want server-side apply",
    ours:
      "every definition is below 100 kB; pod templates are checked by a dry run and reported as `PodTemplateValid`",
  },
  {
    id: "B7",
    arc: "has neither conditions nor Events",
    ours: "both, on every kind, in words that one can act on",
  },
  {
    id: "B8",
    arc: "labels job metrics by job, so that series grow without bound",
    ours: "bounded labels by default; what `listenerMetrics` asks for is given to the letter",
  },
  {
    id: "B9",
    arc: "patches at every empty poll and spends about 31 calls per runner, one at a time",
    ours:
      "writes nothing that changes nothing; at most 10 writes and no live GET per runner; works in parallel",
  },
  {
    id: "B10",
    arc:
      "exits 1 on SIGTERM, restarts a failing listener at once, and stays dark when GitHub forgot the scale set",
    ours:
      "closes the session and exits 0; restarts back off; a forgotten scale set is registered again",
  },
  {
    id: "B11",
    arc: "lets a runner live for hours that GitHub no longer knows, or whose job has ended",
    ours:
      "deadlines to register, to start and to stop after the job; idle runners that GitHub does not know are replaced",
  },
];

/** One difference's part of the page. A difference without a test has no part in it: the page would claim too much. */
export function differenceSection(
  { id, arc, ours }: OnPurpose,
  titles: readonly Title[],
): readonly string[] {
  const held = titlesBearing(id, titles);
  return held.length === 0
    ? []
    : [`## ${id}`, `ARC ${arc}.`, `Longshore: ${ours}.`, titleList(held)];
}

export const differencesPage: Generator = {
  what: "what is done otherwise than ARC, and the tests that hold it",
  async files(root) {
    const titles = await titlesNaming(/\bB(?:1[01]|[1-9])\b/, root);
    const sections = ON_PURPOSE.flatMap((row) => differenceSection(row, titles));
    const opening =
      "Where ARC's behaviour is what its users complain about, Longshore differs. Each difference " +
      "below is held by the tests that bear its id; their sentences say what is claimed.";
    return [{
      path: "docs/differences-from-arc.md",
      text: page("Differences from ARC", [opening, ...sections]),
    }];
  },
};
