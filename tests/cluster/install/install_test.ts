/** Both charts on a real control plane, from `helm install` to `helm uninstall`: jobs run all the while, nothing stays. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Pod } from "../../../kube/types.ts";
import { hasSession, jobsOf } from "../../journeys/invariants.ts";
import {
  idle,
  queue,
  results,
  running,
  untilAtRest,
  untilOver,
} from "../../journeys/stories/story.ts";
import { helm } from "./helm.ts";
import { type Installed, installTest, openInstalled, RUNNERS } from "./installed_stage.ts";

const JOBS = 50;
const MAX = 10;

/** Values whose runners bear a mark. */
function marked(mark: string) {
  return {
    minRunners: 2,
    maxRunners: MAX,
    template: {
      spec: {
        containers: [{
          name: "runner",
          image: "ghcr.io/actions/actions-runner:latest",
          command: ["/home/runner/run.sh"],
          env: [{ name: "MARK", value: mark }],
        }],
      },
    },
  };
}

function markOf(pod: Pod): string | undefined {
  const runner = pod.spec?.containers.find(({ name }) => name === "runner");
  return runner?.env?.find(({ name }) => name === "MARK")?.value;
}

/** How many runner pods bear each mark. */
function marks({ stage }: Installed): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const pod of stage.pods()) {
    const mark = markOf(pod);
    if (mark !== undefined) counts[mark] = (counts[mark] ?? 0) + 1;
  }
  return counts;
}

/** Waits until these are the marks of all runner pods: what has gone may be seen a moment longer. */
async function untilMarked(
  installed: Installed,
  wanted: Readonly<Record<string, number>>,
): Promise<void> {
  await installed.stage.until(
    `the marks are ${JSON.stringify(wanted)}`,
    () => isDeepStrictEqual(marks(installed), wanted),
  );
}

installTest(
  `[real] helm: both charts are installed, ${JOBS} jobs run, the template changes in the middle, and an uninstall leaves nothing`,
  async (facts) => {
    await using installed = await openInstalled(facts, { max: MAX, listenersAre: "isolated" });
    const { stage } = installed;
    const controller = installed.controller();
    await installed.upgrade(controller);
    await installed.upgrade(installed.runnerSet({ values: marked("first") }));
    await stage.until("a session is open", () => hasSession(stage));
    await stage.until("the minimum is there", () => idle(stage) === 2);

    const release = stage.holdJobs();
    queue(stage, JOBS / 2, 60);
    await stage.until("as many jobs run as may", () => running(stage) === MAX);
    await installed.upgrade(installed.runnerSet({ values: marked("second") }));
    queue(stage, JOBS / 2, 20);
    release();
    await untilOver(stage);
    assert.deepEqual(results(stage), { succeeded: JOBS });
    await untilAtRest(installed, 2);
    await untilMarked(installed, { second: 2 });

    await installed.uninstall(installed.runnerSet(), "--wait");
    await installed.uninstall(controller, "--wait");
    await installed.untilNothingLeft();
  },
);

installTest(
  "[real] helm: a rollback brings the former template back, and busy runners finish",
  async (facts) => {
    await using installed = await openInstalled(facts, { max: MAX });
    const { stage } = installed;
    await installed.upgrade(installed.controller());
    await installed.upgrade(installed.runnerSet({ values: marked("first") }));
    await stage.until("a session is open", () => hasSession(stage));
    await installed.upgrade(installed.runnerSet({ values: marked("second") }));
    await stage.until("runners are of the second", () => marks(installed)["second"] === 2);
    await stage.until("no other is left", () => idle(stage) === 2);
    const release = stage.holdJobs();
    queue(stage, 1, 20);
    await stage.until("a job runs", () => running(stage) === 1);

    await helm(facts, ["rollback", "linux", `--namespace=${RUNNERS}`]);
    await helm(facts, ["rollback", "arc", "1", "--namespace=arc-systems"]);
    await stage.until("idle ones are of the first", () => marks(installed)["first"] === 2);
    assert.equal(running(stage), 1, "the busy one is still at its job");
    release();
    await untilOver(stage);
    await untilAtRest(installed, 2);
    await untilMarked(installed, { first: 2 });
    assert.ok(jobsOf(stage).every(({ result }) => result === "succeeded"));
  },
);
