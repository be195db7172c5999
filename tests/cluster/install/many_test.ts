/** Several releases side by side on a real control plane: many sets of one controller, several controllers. */
import assert from "node:assert/strict";
import { jobsOf } from "../../journeys/invariants.ts";
import { untilOver } from "../../journeys/stories/story.ts";
import { installTest, openInstalled } from "./installed_stage.ts";

const SETS = Array.from({ length: 20 }, (_, index) => `set-${String(index + 1).padStart(2, "0")}`);
const AT_A_TIME = 4;
const TEAMS = ["blue", "green"] as const;

installTest(
  `[real] helm: ${SETS.length} sets from one values loop each run a job, and go`,
  async (facts) => {
    await using installed = await openInstalled(facts, { max: 2 });
    const { stage } = installed;
    await installed.upgrade(installed.controller());
    const releases = SETS.map((name) => installed.runnerSet({ name, values: { maxRunners: 2 } }));
    await inTurns(releases, (release) => installed.upgrade(release));
    await stage.until("all sets listen", () => {
      const { scaleSets } = stage.world.github.control.state();
      return scaleSets.filter(({ session }) => session !== undefined).length === SETS.length;
    });
    for (const scaleSet of SETS) {
      stage.world.github.control.queueJobs({ scaleSet, count: 1, durationMs: 200 });
    }
    await untilOver(stage);
    assert.ok(jobsOf(stage).every(({ result }) => result === "succeeded"));
    await inTurns(releases, (release) => installed.uninstall(release, "--wait"));
    await installed.uninstall(installed.controller(), "--wait");
    await installed.untilNothingLeft();
  },
);

installTest(
  "[real] helm: two controllers for one namespace each live side by side without any right in the whole cluster",
  async (facts) => {
    const namespaces = Object.fromEntries(
      TEAMS.flatMap((team) => [[`${team}-systems`, {}], [`${team}-runners`, {}]]),
    );
    await using installed = await openInstalled(facts, { max: 2, namespaces });
    const { stage } = installed;
    for (const team of TEAMS) {
      await installed.upgrade(installed.controller({
        namespace: `${team}-systems`,
        values: { flags: { watchSingleNamespace: `${team}-runners` } },
      }));
      await installed.upgrade(installed.runnerSet({
        name: team,
        namespace: `${team}-runners`,
        values: { maxRunners: 2 },
      }));
    }
    await stage.until("both listen", () => {
      const { scaleSets } = stage.world.github.control.state();
      return scaleSets.filter(({ session }) => session !== undefined).length === TEAMS.length;
    });
    for (const scaleSet of TEAMS) {
      stage.world.github.control.queueJobs({ scaleSet, count: 3, durationMs: 200 });
    }
    await untilOver(stage);
    assert.ok(jobsOf(stage).every(({ result }) => result === "succeeded"));

    const wide = await installed.added();
    assert.deepEqual(wide.filter((row) => row.startsWith("ClusterRole")), []);
    const requests = (await stage.audit.requests()).filter(({ user, resource }) =>
      TEAMS.some((team) => user.startsWith(`system:serviceaccount:${team}-systems:`)) &&
      !resource.startsWith("/")
    );
    const strangers = requests.filter(({ user, namespace, code }) =>
      code < 300 &&
      !TEAMS.some((team) => user.includes(`:${team}-systems:`) && namespace.startsWith(`${team}-`))
    );
    assert.deepEqual(
      strangers.map(({ verb, resource, namespace }) =>
        `${verb} ${resource} in ${namespace || "the cluster"}`
      ).filter((words) => !words.startsWith("create selfsubject")),
      [],
    );

    for (const team of TEAMS) {
      await installed.uninstall({ name: team, namespace: `${team}-runners`, chart: "" }, "--wait");
      await installed.uninstall(
        installed.controller({ namespace: `${team}-systems` }),
        "--wait",
      );
    }
    await installed.untilNothingLeft();
  },
);

async function inTurns<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_A_TIME) {
    await Promise.all(items.slice(at, at + AT_A_TIME).map(act));
  }
}
