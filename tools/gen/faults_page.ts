/** A page of what must never harm a job, with the tests that show it: the titles that bear a fault's id. */
import { type Generator, page } from "./generator.ts";
import { type Title, titleList, titlesBearing, titlesNaming } from "./test_titles.ts";

/** What users of ARC reported, by the id that its tests bear. An id is never given twice. */
export const FAULTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "Session and listener": {
    F01: "The listener is killed with a message in hand.",
    F02: "The node of the listener loses power; its pod stays Terminating.",
    F03: "The old session is still held when another one is opened.",
    F04: "GitHub does not know the session any more.",
    F05: "GitHub opens a session without the address of a queue.",
    F06: "GitHub's queue fails for an hour.",
    F07: "GitHub answers 401, 403 or 429, with and without Retry-After.",
    F08: "The controller is killed again and again under load.",
    F09: "A restart finds 50 jobs in the queue.",
  },
  "Truth of demand": {
    F10: "GitHub counts jobs that it gives to no runner.",
    F11: "GitHub's numbers are half an hour late.",
    F12: "A message comes twice, or out of order.",
    F13: "A job is cancelled before its runner starts.",
  },
  "Life of a runner": {
    F14: "A pod goes after its registration was used.",
    F15: "A container is killed for memory: the runner, an init container, a sidecar.",
    F16: "Init containers are slow, and the runner never registers.",
    F17: "GitHub does not know an idle runner, or sees it offline.",
    F18: "The job is over, and its container lives on.",
    F19: "Runners fail one after the other.",
    F20: "GitHub refuses the version of the runner.",
    F21: "The image cannot be pulled.",
    F22: "A quota is full.",
    F23: "A runner gets a job at the moment when it should go.",
    F24: "The minimum is lowered while runners are busy.",
    F25: "GitHub hangs when it is asked to remove a runner.",
  },
  "Change, upgrade, removal": {
    F26: "The controller is upgraded, and goes back, over sets at work.",
    F27: "The template changes under warm and busy runners.",
    F28: "The Secret is deleted, was never there, or is wrong.",
    F29: "Things are deleted in the wrong order: controller, namespace, everything at once.",
    F30: "The Secret is rotated each minute, in the end to something invalid.",
    F31: "The scale set is deleted at GitHub.",
    F32: "Two sets have one name.",
  },
  "Scale and platform": {
    F33: "Demand goes from 0 to 1,000 in one message.",
    F34: "The API server throttles, fails, is slow or drops watches.",
    F35: "100,000 jobs are run.",
    F36: "Metrics are read before the first job, and after a restart.",
    F37: "Clocks are five minutes apart, and tokens about to expire.",
  },
};

/** One fault's part of the page. One that no test shows says so. */
export function faultSection(
  [id, what]: readonly [id: string, what: string],
  titles: readonly Title[],
): readonly string[] {
  const held = titlesBearing(id, titles);
  return [`### ${id}`, what, held.length === 0 ? "No test yet." : titleList(held)];
}

export const faultsPage: Generator = {
  what: "faults that must harm no job, and the tests that show it",
  async files(root) {
    const titles = await titlesNaming(/\bF\d\d\b/, root);
    const groups = Object.entries(FAULTS).flatMap(([group, faults]) => [
      `## ${group}`,
      ...Object.entries(faults).flatMap((fault) => faultSection(fault, titles)),
    ]);
    const opening =
      "What goes wrong around runners, as users of ARC told of it. Below each fault are the tests that " +
      "make it happen; their sentences say what is claimed.";
    return [{ path: "docs/generated/faults.md", text: page("Faults", [opening, ...groups]) }];
  },
};
