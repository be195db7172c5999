/** The stories that both worlds tell, on virtual time; `tests/cluster/journeys_test.ts` tells them on a real control plane. */
import { openWatchedStage } from "./invariants.ts";
import { STORIES } from "./stories/all.ts";

for (const { says, tell } of STORIES) {
  Deno.test(`[sim] ${says}`, () => tell(openWatchedStage));
}
