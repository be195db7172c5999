/** The stories that both worlds tell, on the real control plane. */
import { STORIES } from "../journeys/stories/all.ts";
import { clusterTest } from "./cluster_test_case.ts";
import { openWatchedRealStage } from "./watched.ts";

for (const { says, tell } of STORIES) {
  clusterTest(
    `[real] ${says}`,
    ({ facts }) => tell((bounds) => openWatchedRealStage(facts, bounds)),
  );
}
