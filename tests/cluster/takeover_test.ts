/** A cluster that ARC 0.14.2 left, taken over on the real control plane. */
import { ARC_RELEASES } from "../journeys/takeover/arc_release.ts";
import { tellTakeover } from "../journeys/takeover/takeovers.ts";
import { clusterTest } from "./cluster_test_case.ts";
import { openWatchedRealStage } from "./watched.ts";

for (const release of ARC_RELEASES.filter(({ version }) => version === "0.14.2")) {
  clusterTest(
    `[real] F26: ARC ${release.version} with 20 busy and 10 idle runners is taken over, 0 touched`,
    ({ facts }) =>
      tellTakeover((bounds) => openWatchedRealStage(facts, bounds), {
        release,
        min: 10,
        max: 40,
        busy: 20,
        idle: 10,
        outdated: 1,
        jobSeconds: 600,
      }),
  );
}
