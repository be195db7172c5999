import assert from "node:assert/strict";
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { ANNOTATIONS } from "../../crds/group.ts";
import { EVENTS, SECRETS } from "../../kube/resources.ts";
import { conditionOf } from "../../kube/meta.ts";
import type { Event } from "../../kube/types.ts";
import { allSucceeded, githubLeft, jobsOf } from "../journeys/invariants.ts";
import type { Stage } from "../journeys/stage.ts";
import { editSet, idleRunners, openStory, queue, runnerSetOf, running } from "./stories.ts";

const NAMESPACE = "arc-runners";

function template(image: string): object {
  return {
    template: { spec: { restartPolicy: "Never", containers: [{ name: "runner", image }] } },
  };
}

function names(stage: Stage): readonly string[] {
  return stage.runners().map(({ metadata }) => metadata?.name ?? "");
}

function imagesOfPods(stage: Stage): readonly string[] {
  return stage.pods().filter(({ metadata }) => metadata?.namespace === NAMESPACE)
    .map(({ spec }) => spec?.containers[0]?.image ?? "").sort();
}

function told(stage: Stage): string {
  const events = stage.world.api.store.list(EVENTS) as unknown as readonly Event[];
  return events.map(({ reason, message }) => `${reason}: ${message}`).join("\n");
}

/** Scale sets as "id name scope". */
function scaleSets(stage: Stage): readonly string[] {
  return githubLeft(stage).scaleSets.map(({ id, name, scope }) => `${id} ${name} ${scope}`);
}

/** Three runners busy for `durationMs`, two idle. */
async function busyAndWarm(stage: Stage, durationMs: number): Promise<readonly string[]> {
  queue(stage, 3, { durationMs });
  await stage.until(
    "three are busy and two idle",
    () => running(stage) === 3 && idleRunners(stage) === 2,
    120,
  );
  await stage.pass(10);
  return stage.runners().filter(({ status }) => status?.jobId).map(({ metadata }) =>
    metadata?.name ?? ""
  );
}

Deno.test("F27, B3: a template change under load: the poll goes on, busy ones finish on the old template, idle ones are replaced one by one", async () => {
  const { stage, check } = await openStory({ set: { min: 2, max: 10 } });
  await using _ = stage;
  const busy = await busyAndWarm(stage, 200_000);
  const pod = stage.pods().find(({ metadata }) => metadata?.namespace === "arc-systems");
  const session = () => githubLeft(stage).scaleSets[0]?.session?.id;
  const held = session();
  let fewest = Infinity;
  await editSet(stage, template("runner:v2"));
  const renewed = () => {
    fewest = Math.min(
      fewest,
      stage.runners().filter(({ status }) => status?.phase === "Running").length,
    );
    return imagesOfPods(stage).filter((image) => image === "runner:v2").length === 2;
  };
  await stage.until("both idle runners are of the new template", renewed, 120);
  await stage.pass(30);
  assert.ok(fewest >= 4, `${fewest} runners were left at one time`);
  assert.ok(busy.every((name) => names(stage).includes(name)), "a busy runner went");
  assert.equal(running(stage), 3);
  const after = stage.pods().find(({ metadata }) => metadata?.namespace === "arc-systems");
  assert.equal(after?.metadata?.uid, pod?.metadata?.uid, "the listener was restarted");
  assert.equal(session(), held, "the session was opened again");
  await stage.until("the jobs end", () => allSucceeded(stage), 300);
  check();
});

Deno.test("B3: a change of the counts alone touches no pod", async () => {
  const { stage, check } = await openStory({ set: { min: 2, max: 10 } });
  await using _ = stage;
  await busyAndWarm(stage, 300_000);
  const uids = () => stage.pods().map(({ metadata }) => metadata?.uid).sort();
  const before = uids();
  await editSet(stage, { minRunners: 2, maxRunners: 20 });
  await stage.pass(90);
  assert.deepEqual(uids(), before);
  check();
});

for (const running of ["by a controller that saw it", "while no controller ran"] as const) {
  Deno.test(`X7: another config URL, ${running}: busy ones finish at the old one, nothing is left there`, async () => {
    const story = await openStory({ set: { min: 2, max: 10 } });
    const { stage, check } = story;
    await using _ = stage;
    const busy = await busyAndWarm(stage, 120_000);
    if (running === "while no controller ran") story.crashController();
    await editSet(stage, { githubConfigUrl: "https://github.com/globex" });
    if (running === "while no controller ran") story.startController();
    await stage.until(
      "the set is registered at the new place",
      () => scaleSets(stage).some((text) => text.endsWith("orgs/globex")),
      60,
    );
    assert.ok(busy.every((name) => names(stage).includes(name)), "a busy runner went");
    stage.world.github.control.queueJobs({
      labels: ["linux"],
      scope: "globex",
      count: 2,
      durationMs: 5_000,
    });
    await stage.until("all jobs are done, old and new", () => allSucceeded(stage), 300);
    await stage.until(
      "nothing is left at the old place",
      () => scaleSets(stage).every((text) => text.endsWith("orgs/globex")),
      180,
    );
    await stage.until("two runners are idle", () => idleRunners(stage) === 2, 120);
    const ids = new Set(githubLeft(stage).runners.map(({ scaleSetId }) => scaleSetId));
    assert.deepEqual([...ids], [githubLeft(stage).scaleSets[0]?.id]);
    const set = stage.runnerSet();
    assert.equal(set?.metadata?.annotations?.[ANNOTATIONS.formerScaleSets], undefined);
    assert.equal(set?.metadata?.labels?.["actions.github.com/organization"], "globex");
    assert.equal(stage.stored(AUTOSCALING_LISTENERS).length, 1);
    check();
  });
}

Deno.test("X7: a scale set at a former URL that cannot be removed is told of, and removed when it can be", async () => {
  const { stage, check } = await openStory({ set: { min: 1, max: 10 } });
  await using _ = stage;
  await stage.until("one runner is idle", () => idleRunners(stage) === 1, 60);
  stage.world.github.control.setFaults([
    { operation: "deletescaleset", effect: { do: "answer", status: 503 } },
  ]);
  await editSet(stage, { githubConfigUrl: "https://github.com/globex" });
  await stage.until("it is told", () => told(stage).includes("ScaleSetLeftBehind"), 180);
  assert.match(
    told(stage),
    /ScaleSetLeftBehind: Scale set 1 may still exist at https:\/\/github.com\/acme: /,
  );
  await stage.pass(60);
  const registered = () =>
    conditionOf(stage.runnerSet()?.status?.conditions, "Registered")?.message ?? "";
  assert.match(registered(), /still to be removed: scale set 1 at https:\/\/github.com\/acme/);
  assert.equal(conditionOf(stage.runnerSet()?.status?.conditions, "Ready")?.status, "True");
  stage.world.github.control.setFaults([]);
  await stage.until("it is removed", () => scaleSets(stage).length === 1, 180);
  await stage.until("and no longer told", () => !registered().includes("removed"), 30);
  check();
});

Deno.test("X7: a set that moved and came back has its old scale set again", async () => {
  const { stage, check } = await openStory({ set: { min: 1, max: 10 } });
  await using _ = stage;
  queue(stage, 1, { durationMs: 200_000 });
  await stage.until("a job runs", () => running(stage) === 1, 60);
  await editSet(stage, { githubConfigUrl: "https://github.com/globex" });
  await stage.until("it is there", () => scaleSets(stage).length === 2, 60);
  await editSet(stage, { githubConfigUrl: "https://github.com/acme" });
  await stage.until("all jobs are done", () => allSucceeded(stage), 300);
  await stage.until("one scale set is left", () => scaleSets(stage).length === 1, 240);
  assert.deepEqual(scaleSets(stage), ["1 linux orgs/acme"]);
  queue(stage, 2, { durationMs: 5_000 });
  await stage.until("jobs flow", () => allSucceeded(stage), 120);
  check();
});

Deno.test("X7: a set that is deleted on the move leaves nothing at either place", async () => {
  const { stage, check } = await openStory({ set: { min: 2, max: 10 } });
  await using _ = stage;
  await stage.until("two are idle", () => idleRunners(stage) === 2, 60);
  await editSet(stage, { githubConfigUrl: "https://github.com/globex" });
  await stage.until("it is there", () => scaleSets(stage).length === 2, 60);
  await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, { namespace: NAMESPACE, name: "linux" });
  await stage.until("the set is gone", () => stage.runnerSet() === undefined, 60);
  assert.deepEqual(githubLeft(stage), { scaleSets: [], runners: [] });
  check();
});

Deno.test("X6: another name and another runner group keep the scale set, its busy runners and one listener", async () => {
  const { stage, check } = await openStory({ set: { min: 1, max: 10 } });
  await using _ = stage;
  stage.world.github.control.addRunnerGroup("acme", "gpu");
  queue(stage, 2, { durationMs: 90_000 });
  await stage.until("two jobs run", () => running(stage) === 2, 60);
  await editSet(stage, { runnerScaleSetName: "big", runnerGroup: "gpu" });
  const moved = () => {
    const [set] = githubLeft(stage).scaleSets;
    return set?.name === "big" && set.runnerGroupId !== 1;
  };
  await stage.until("GitHub has the new name and group", moved, 60);
  stage.world.github.control.queueJobs({ scaleSet: "big", count: 2, durationMs: 5_000 });
  await stage.until("all jobs are done", () => allSucceeded(stage), 300);
  assert.deepEqual(githubLeft(stage).scaleSets.map(({ id }) => id), [1]);
  assert.equal(stage.stored(AUTOSCALING_LISTENERS).length, 1);
  assert.equal(stage.listeners.size, 1);
  check();
});

Deno.test("a Secret of another name: the scale set stays, busy ones finish, and the old Secret may go", async () => {
  const { stage, check } = await openStory({ set: { min: 1, max: 10 } });
  await using _ = stage;
  queue(stage, 2, { durationMs: 90_000 });
  await stage.until("two jobs run", () => running(stage) === 2, 60);
  const key = { namespace: NAMESPACE, name: "linux-github" };
  await stage.world.apply([{
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "renewed", namespace: NAMESPACE },
    data: { github_token: btoa("ghp_another") },
  } as never]);
  await editSet(stage, { githubConfigSecret: "renewed" });
  await stage.pass(5);
  await stage.world.admin.delete(SECRETS, key);
  queue(stage, 2, { durationMs: 5_000 });
  await stage.until("all jobs are done", () => allSucceeded(stage), 300);
  assert.equal(jobsOf(stage).length, 4);
  assert.deepEqual(scaleSets(stage), ["1 linux orgs/acme"]);
  await stage.until("one runner is idle", () => idleRunners(stage) === 1, 120);
  assert.equal(runnerSetOf(stage)?.spec?.ephemeralRunnerSpec?.githubConfigSecret, "renewed");
  await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, { namespace: NAMESPACE, name: "linux" });
  await stage.until("the set is gone", () => stage.runnerSet() === undefined, 60);
  assert.deepEqual(githubLeft(stage), { scaleSets: [], runners: [] });
  check();
});
