import assert from "node:assert/strict";
import { runnerContainer, runningSinceMs } from "../../controllers/runner_container.ts";
import { aPod } from "../builders.ts";
import { after } from "../times.ts";
import { pure } from "./situations.ts";

pure("a runner runs from the start of its container to its end", () => {
  assert.equal(runningSinceMs(aPod().running()), after(5).getTime());
  for (const pod of [aPod(), aPod().waitingFor("PodInitializing"), aPod().exitedWith(0)]) {
    assert.equal(runningSinceMs(pod), undefined);
  }
});

pure("a pod of which the kubelet has said nothing has no container yet", () => {
  assert.equal(runnerContainer(aPod()), undefined);
  assert.equal(runnerContainer(aPod().running())?.name, "runner");
});
