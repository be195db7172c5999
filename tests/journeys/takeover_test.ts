/** Clusters that ARC's releases left, taken over on virtual time. */
import { openWatchedStage } from "./invariants.ts";
import { ARC_RELEASES } from "./takeover/arc_release.ts";
import { smallState, tellTakeover } from "./takeover/takeovers.ts";

for (const release of ARC_RELEASES) {
  Deno.test(
    `[sim] F26: a set of ARC ${release.version} is taken over in place: no runner touched, jobs go on`,
    () => tellTakeover(openWatchedStage, smallState(release)),
  );
}
