/** The stories that both worlds tell, on the real control plane; with listeners in their own sandboxes where nobody taps them. */
import { STORIES } from "../journeys/stories/all.ts";
import { CRASH_STORIES } from "../journeys/stories/crashes.ts";
import { SET_STORIES } from "../journeys/stories/sets.ts";
import { clusterTest } from "./cluster_test_case.ts";
import { openWatchedRealStage } from "./watched.ts";

const TAPPED = [...CRASH_STORIES, ...SET_STORIES];

for (const story of STORIES) {
  const listenersAre = TAPPED.includes(story) ? "tapped" : "isolated";
  clusterTest(
    `[real] ${story.says}`,
    ({ facts }) => story.tell((bounds) => openWatchedRealStage(facts, { ...bounds, listenersAre })),
  );
}
