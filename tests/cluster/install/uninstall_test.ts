/** `helm uninstall` in every order on a real control plane: in the cluster nothing stays, whoever went first. */
import assert from "node:assert/strict";
import { AUTOSCALING_LISTENERS } from "../../../crds/autoscaling_listener.ts";
import { githubLeft, hasSession } from "../../journeys/invariants.ts";
import { idle, queue, running, untilOver } from "../../journeys/stories/story.ts";
import { kubectl } from "../command_line.ts";
import type { Facts } from "../facts.ts";
import { stopwatch } from "../stopwatch.ts";
import { type Installed, installTest, openInstalled } from "./installed_stage.ts";

const LIMIT_S = 60;
const NAMESPACE = "runners-that-go";

/** Two idle runners and a busy one. */
async function openBusy(
  facts: Facts,
  { namespace = "arc-runners", seconds = 100_000 } = {},
): Promise<Installed> {
  const installed = await openInstalled(facts, { max: 4, namespaces: { [namespace]: {} } });
  const { stage } = installed;
  await installed.upgrade(installed.controller());
  await installed.upgrade(
    installed.runnerSet({ namespace, values: { minRunners: 2, maxRunners: 4 } }),
  );
  await stage.until("a session is open", () => hasSession(stage));
  const release = stage.holdJobs();
  queue(stage, 1, seconds);
  await stage.until("one is busy, two are idle", () => running(stage) === 1 && idle(stage) === 2);
  release();
  return installed;
}

installTest(
  "[real] helm: F29: the controller goes first, then its set: within 60 s nothing is left in the cluster, and GitHub keeps what nobody could remove",
  async (facts) => {
    await using installed = await openBusy(facts);
    const { stage } = installed;
    await installed.uninstall(installed.controller(), "--wait");
    await stage.until(
      "no listener is left",
      () => stage.stored(AUTOSCALING_LISTENERS).length === 0,
    );
    assert.equal(running(stage), 1, "a busy runner goes on");
    await using watch = stopwatch();
    await installed.uninstall(installed.runnerSet(), "--wait");
    await installed.untilNothingInstalled();
    assert.ok(watch.seconds < LIMIT_S, `${watch.seconds} s`);
    assert.equal(githubLeft(stage).scaleSets.length, 1, "nobody could have removed it");
  },
);

installTest(
  "[real] helm: F29: the controller goes first, then the namespace of its runners, within 60 s",
  async (facts) => {
    await using installed = await openBusy(facts, { namespace: NAMESPACE });
    await installed.uninstall(installed.controller(), "--wait");
    await using watch = stopwatch();
    await kubectl(facts, "delete", "namespace", NAMESPACE);
    await installed.untilNothingInstalled();
    assert.ok(watch.seconds < LIMIT_S, `${watch.seconds} s`);
  },
);

installTest(
  "[real] helm: controller and set go at the same time: nothing is left in the cluster",
  async (facts) => {
    await using installed = await openBusy(facts);
    await Promise.all([
      installed.uninstall(installed.controller()),
      installed.uninstall(installed.runnerSet()),
    ]);
    await installed.untilNothingInstalled();
  },
);

installTest(
  "[real] helm: a controller that is uninstalled and installed again finds its set, and a busy runner finishes",
  async (facts) => {
    await using installed = await openBusy(facts, { seconds: 600 });
    const { stage } = installed;
    await installed.uninstall(installed.controller(), "--wait");
    await installed.upgrade(installed.controller());
    await stage.until("a session is open", () => hasSession(stage));
    queue(stage, 3, 20);
    await untilOver(stage);
    await installed.check();
    await installed.uninstall(installed.runnerSet(), "--wait");
    await installed.uninstall(installed.controller(), "--wait");
    await installed.untilNothingLeft();
  },
);
