/** What `kubectl get` and `kubectl wait` show of a set's state, and that it follows what happens (B7). */
import assert from "node:assert/strict";
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import { conditionOf } from "../../kube/meta.ts";
import { EVENTS } from "../../kube/resources.ts";
import type { Condition, Event } from "../../kube/types.ts";
import { conditionText, editSet, openStory, queue, running } from "../faults/stories.ts";
import type { Stage } from "./stage.ts";

/** As `kubectl wait --for=condition=TYPE=STATUS` judges: only a word about the present generation counts. */
function isMet(stage: Stage, type: string, status = "True"): boolean {
  const set = stage.runnerSet();
  const condition = conditionOf(set?.status?.conditions, type);
  const { observedGeneration = Infinity } = condition ?? {};
  return condition?.status === status && observedGeneration >= (set?.metadata?.generation ?? 0);
}

/** The columns of `kubectl get -o wide`, by name. */
async function columns(
  stage: Stage,
  plural: string,
  namespace: string,
): Promise<Record<string, unknown>> {
  const { fetch, server } = stage.world.connection(stage.world.api.tokenFor("admin"));
  const path = `/apis/actions.github.com/v1alpha1/namespaces/${namespace}/${plural}`;
  const response = await fetch(
    new Request(new URL(path, server), {
      headers: {
        accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
        authorization: `Bearer ${stage.world.api.tokenFor("admin")}`,
      },
    }),
  );
  const table = await response.json();
  const names: readonly string[] = table.columnDefinitions.map((one: { name: string }) => one.name);
  return Object.fromEntries(names.map((name, at) => [name, table.rows[0]?.cells[at]]));
}

Deno.test("B7: kubectl wait for Ready is met when jobs can be served, and kubectl get shows the counts", async () => {
  const { stage, check } = await openStory({ set: { min: 2, max: 5 } });
  await using _ = stage;
  await stage.until("Ready is met", () => isMet(stage, "Ready"), 60);
  queue(stage, 1, { durationMs: 300_000 });
  await stage.until("a job runs", () => running(stage) === 1, 60);
  await stage.until(
    "three runners run",
    () => stage.runnerSet()?.status?.runningEphemeralRunners === 3,
    60,
  );
  const shown = await columns(stage, "autoscalingrunnersets", "arc-runners");
  assert.deepEqual(
    {
      ...shown,
      "Pending Runners": 0,
    },
    {
      "Name": "linux",
      "Minimum Runners": 2,
      "Maximum Runners": 5,
      "Current Runners": 3,
      "Phase": "Running",
      "Pending Runners": 0,
      "Running Runners": 3,
      "Finished Runners": 0,
      "Deleting Runners": 0,
      "Ready": "True",
      "Reason": "Ready",
    },
  );
  const listener = await columns(stage, "autoscalinglisteners", "arc-systems");
  assert.deepEqual([listener["AutoscalingRunnerSet Name"], listener["Ready"]], ["linux", "True"]);
  check();
});

Deno.test("B7: every condition of a set and its listener is about the generation it was judged by", async () => {
  const { stage } = await openStory({ set: { min: 1, max: 5 } });
  await using _ = stage;
  await stage.until("Ready is met", () => isMet(stage, "Ready"), 60);
  await editSet(stage, { maxRunners: 7 });
  await stage.until("Ready is met again", () => isMet(stage, "Ready"), 30);
  await stage.pass(5);
  for (const object of [stage.runnerSet(), ...stage.stored(AUTOSCALING_LISTENERS)]) {
    const conditions: readonly Condition[] = object?.status?.conditions ?? [];
    assert.ok(conditions.length >= 4);
    for (const { type, observedGeneration } of conditions) {
      assert.equal(observedGeneration, object?.metadata?.generation, type);
    }
  }
});

for (const min of [0, 1]) {
  Deno.test(`B7: kubectl wait for Ready ends on all four kinds (minRunners ${min})`, async () => {
    const { stage } = await openStory({ set: { min, max: 5 } });
    await using _ = stage;
    await stage.until("Ready is met", () => isMet(stage, "Ready"), 60);
    await stage.until("the runners are there", () => stage.runners().length === min, 60);
    await stage.pass(10);
    stage.world.github.control.loseSession(1); // the next one's id is a new generation
    await stage.pass(60);
    const objects = [
      stage.runnerSet(),
      ...stage.stored(AUTOSCALING_LISTENERS),
      ...stage.stored(EPHEMERAL_RUNNER_SETS),
      ...stage.stored(EPHEMERAL_RUNNERS),
    ];
    assert.equal(objects.length, 3 + min);
    for (const object of objects) {
      const ready = conditionOf(object?.status?.conditions, "Ready");
      assert.deepEqual(
        [object?.kind, ready?.status, ready?.observedGeneration],
        [object?.kind, "True", object?.metadata?.generation],
      );
    }
  });
}

Deno.test("B6: a template that the cluster refuses is a condition with the cluster's words, and its repair is seen at once", async () => {
  const { stage } = await openStory({ set: { min: 1, max: 5 } });
  await using _ = stage;
  await stage.until("the template is valid", () => isMet(stage, "PodTemplateValid"), 60);
  const template = (image: string) => ({
    template: {
      spec: {
        restartPolicy: "Never",
        containers: [{ name: "runner", image, resources: { requests: { cpu: "many" } } }],
      },
    },
  });
  await editSet(stage, template("runner:v2"));
  await stage.until("it is refused", () => isMet(stage, "PodTemplateValid", "False"), 30);
  const { message = "" } = conditionOf(stage.runnerSet()?.status?.conditions, "PodTemplateValid") ??
    {};
  assert.match(message, /^spec.template: .*(cpu|quantit)/);
  assert.equal(conditionText(stage, "Ready"), "False PodTemplateInvalid");
  await stage.pass(1);
  const events = stage.world.api.store.list(EVENTS) as unknown as readonly Event[];
  const told = events.filter(({ involvedObject }) => involvedObject.name === "linux");
  assert.deepEqual(told.map(({ type, reason }) => `${type} ${reason}`), ["Warning Invalid"]);
  await editSet(stage, {
    template: {
      spec: { restartPolicy: "Never", containers: [{ name: "runner", image: "runner:v3" }] },
    },
  });
  await stage.until("it is valid again", () => isMet(stage, "PodTemplateValid"), 30);
  await stage.until("the set is ready", () => isMet(stage, "Ready"), 60);
});

Deno.test("B6: a template is asked about once, however often its set is looked at", async () => {
  const { stage } = await openStory({ set: { min: 1, max: 5 } });
  await using _ = stage;
  await stage.pass(60);
  stage.world.api.requests.reset();
  queue(stage, 3, { durationMs: 5_000 });
  await stage.pass(3_600);
  const started = stage.world.github.calls.generatejitconfig;
  assert.ok((stage.calls()["create pods"] ?? 0) < started, "no pod was only asked about");
});

Deno.test("B7: a set is paused by maxRunners 0 and says so, and goes on when it is raised", async () => {
  const { stage, check } = await openStory({ set: { max: 5 } });
  await using _ = stage;
  await editSet(stage, { maxRunners: 0 });
  await stage.until(
    "it says so",
    () => conditionText(stage, "ScalingLimited") === "True Paused",
    30,
  );
  queue(stage, 2, { durationMs: 5_000 });
  await stage.pass(60);
  assert.equal(stage.runners().length, 0);
  await editSet(stage, { maxRunners: 5 });
  await stage.until("jobs run", () => running(stage) === 2, 60);
  await stage.until(
    "nothing limits",
    () => conditionText(stage, "ScalingLimited").startsWith("False"),
    60,
  );
  check();
});

Deno.test("X20, B7: a template that says Always is served by runners that never restart, and says so", async () => {
  const { stage, check } = await openStory({
    set: {
      max: 5,
      spec: {
        template: {
          spec: { restartPolicy: "Always", containers: [{ name: "runner", image: "i" }] },
        },
      },
    },
  });
  await using _ = stage;
  await stage.until(
    "it is told",
    () => conditionText(stage, "PodTemplateValid") === "True RestartPolicyOverridden",
    30,
  );
  queue(stage, 2, { durationMs: 5_000 });
  await stage.until("jobs run", () => running(stage) === 2, 60);
  const pods = stage.pods().filter(({ metadata }) => metadata?.namespace === "arc-runners");
  assert.deepEqual([...new Set(pods.map(({ spec }) => spec?.restartPolicy))], ["Never"]);
  await stage.until("the runners are gone", () => stage.runners().length === 0, 120);
  check();
});
