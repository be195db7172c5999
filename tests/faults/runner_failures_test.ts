import assert from "node:assert/strict";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import { LABELS } from "../../crds/group.ts";
import { PODS, SECRETS } from "../../kube/resources.ts";
import {
  type AnyType,
  keyOf,
  type KubeObject,
  type Pod,
  type ResourceType,
} from "../../kube/types.ts";
import { BUILT_INS } from "../../sim/kube/resources.ts";
import type { RunnerScript } from "../../sim/runner.ts";
import { jobsOf } from "../journeys/invariants.ts";
import { openStage } from "../journeys/stage.ts";
import {
  completed,
  message,
  MINUTE,
  online,
  runnerPods,
  says,
  told,
  untilCompleted,
  untilQuiet,
} from "./runner_stories.ts";
import {
  conditionText,
  editSet,
  heal,
  isPolled,
  openStory,
  queue,
  runnerSetOf,
  running,
  spoil,
} from "./stories.ts";

const IMAGE = "ghcr.io/actions/actions-runner:latest";

/** A template with containers beside the runner. */
function template(more: object): object {
  return {
    spec: { restartPolicy: "Never", containers: [{ name: "runner", image: IMAGE }], ...more },
  };
}

Deno.test("F14: no JIT configuration is ever used by two pods", async () => {
  const story = await openStory({ set: { min: 2, max: 4 } });
  await using stage = story.stage;
  const users = new Map<string, Set<string>>();
  const note = () => {
    for (const { metadata, spec } of runnerPods(stage)) {
      const env = spec?.containers[0]?.env ?? [];
      const { name = "" } = env.find(({ valueFrom }) => valueFrom?.secretKeyRef)?.valueFrom
        ?.secretKeyRef ?? {};
      users.set(name, (users.get(name) ?? new Set()).add(metadata?.uid ?? ""));
    }
  };
  for (const blow of ["evict", "delete", "delete"] as const) {
    await stage.until("two runners are online", () => online(stage) === 2, MINUTE);
    note();
    const victim = keyOf(runnerPods(stage)[0] as Pod);
    if (blow === "evict") stage.world.kubelet.evict(victim);
    else await stage.world.admin.delete(PODS, victim);
    await stage.until("it is replaced within 30 s", () => {
      note();
      return online(stage) === 2 &&
        !runnerPods(stage).some((pod) => keyOf(pod).name === victim.name);
    }, 35);
  }
  assert.equal(users.size, 5);
  for (const [name, pods] of users) assert.equal(pods.size, 1, name);
  await untilQuiet(story, 2);
});

for (
  const [words, more, container, during] of [
    ["the runner", {}, "runner", "idle"],
    [
      "an init container",
      { initContainers: [{ name: "init", image: "busybox" }] },
      "init",
      "starting",
    ],
    [
      "the dind sidecar of an idle runner",
      {
        containers: [
          { name: "runner", image: IMAGE },
          { name: "dind", image: "docker:dind" },
        ],
      },
      "dind",
      "idle",
    ],
    [
      "the restartable dind sidecar of a busy runner",
      { initContainers: [{ name: "dind", image: "docker:dind", restartPolicy: "Always" }] },
      "dind",
      "busy",
    ],
  ] as const
) {
  Deno.test(`F15: ${words} is killed for its memory: finished, replaced, and the reason stays`, async () => {
    const story = await openStory({
      set: { min: 1, max: 2, spec: { template: template(more) } },
      programs: (name) =>
        name === "init"
          ? async ({ signal }) => {
            await stage.clock.sleep(20_000, signal);
            return 0;
          }
          : undefined,
    });
    await using stage = story.stage;
    if (during === "busy") queue(stage, 1, { durationMs: 120_000 });
    await stage.until("it is so far", () => {
      if (during === "busy") return running(stage) === 1;
      if (during === "idle") return online(stage) === 1;
      const [pod] = runnerPods(stage);
      return pod?.status?.initContainerStatuses?.[0]?.state?.running !== undefined;
    }, 2 * MINUTE);
    const busy = jobsOf(stage)[0]?.runnerName;
    const victim = runnerPods(stage).find((pod) => busy === undefined || keyOf(pod).name === busy);
    assert.ok(stage.world.kubelet.oomKill(keyOf(victim as Pod), container));
    await stage.until(
      "it is gone and another one is online",
      () =>
        online(stage) >= 1 &&
        !runnerPods(stage).some((pod) => keyOf(pod).name === keyOf(victim as Pod).name),
      5 * MINUTE,
    );
    const reasons = [...told(stage)];
    assert.ok(reasons.some((reason) => reason.includes("OOMKilled")), reasons.join(" "));
    if (during !== "busy") assert.match(message(stage, "Degraded"), /exit code 137/);
    await untilQuiet(story, 1);
  });
}

Deno.test("F19: six failures in a row cost nobody else anything, and end by themselves", async () => {
  let left = 6;
  const story = await openStory({
    set: { min: 2, max: 4 },
    runnerScript: (pod) => script(pod),
  });
  await using stage = story.stage;
  const names = new Map<string, RunnerScript>();
  function script(pod: Pod): RunnerScript {
    const { name } = keyOf(pod);
    names.set(name, names.get(name) ?? (names.size > 0 && left-- > 0 ? "fail-early" : "run"));
    return names.get(name) ?? "run";
  }
  await stage.until("the first one is online", () => online(stage) === 1, MINUTE);
  const survivor = runnerPods(stage).find((pod) => names.get(keyOf(pod).name) === "run");
  await stage.until("the slot is refilled", () => online(stage) === 2, 5 * MINUTE);
  assert.equal(names.size, 8);
  assert.ok(runnerPods(stage).some(({ metadata }) => metadata?.uid === survivor?.metadata?.uid));
  assert.equal(runnerSetOf(stage)?.status?.currentReplicas, 2);
  await stage.pass(20 * MINUTE);
  assert.equal(says(stage, "Degraded"), "False Recovered");
  await untilQuiet(story, 2);
});

Deno.test("F19: pods that are refused while others of their set run jobs cost few registrations", async () => {
  const story = await openStory({ set: { min: 2, max: 10 } });
  await using stage = story.stage;
  const { calls } = stage.world.github;
  await stage.until("two are idle", () => online(stage) === 2, MINUTE);
  const refusal = {
    kind: "Status",
    reason: "Forbidden",
    message: 'admission webhook "policy" denied the request: no',
    code: 403,
  };
  stage.taps.controller = ({ method, url }) =>
    method === "POST" && url.endsWith("/arc-runners/pods")
      ? Response.json(refusal, { status: 403 })
      : undefined;
  const before = calls.generatejitconfig;
  queue(stage, 6, { durationMs: 90_000 });
  await stage.pass(2 * MINUTE);
  const registrations = calls.generatejitconfig - before;
  assert.ok(registrations < 60, `${registrations} registrations in 2 min`);
  assert.match(message(stage, "Degraded"), /denied the request/);
  stage.taps.controller = undefined;
  await untilCompleted(stage, 6, 6 * MINUTE);
  await untilQuiet(story, 2);
});

for (const mended of ["the image is renewed", "GitHub accepts it again"]) {
  Deno.test(`F20: runners exit 7: told, polled on, busy ones finish; well again once ${mended}`, async () => {
    const story = await openStory({ set: { min: 1, max: 3 } });
    await using stage = story.stage;
    await stage.until("one is idle", () => online(stage) === 1, MINUTE);
    queue(stage, 1, { durationMs: 10 * MINUTE * 1_000 });
    await stage.until("it is busy", () => running(stage) === 1, MINUTE);
    const { control } = stage.world.github;
    control.change({ runnerVersion: "refused" });
    const uid = stage.runnerSet()?.metadata?.uid;
    queue(stage, 1);
    await stage.until(
      "the condition is there",
      () => says(stage, "RunnerImageOutdated") === "True VersionRefused",
      2 * MINUTE,
    );
    assert.match(message(stage, "RunnerImageOutdated"), /image in the template has to be renewed/);
    assert.ok(told(stage).has("VersionRefused"));
    const polls = stage.world.github.calls.poll;
    await stage.pass(5 * MINUTE);
    assert.ok(stage.world.github.calls.poll > polls, "the queue is polled");
    assert.ok(stage.runners().length <= 3);
    await stage.pass(6 * MINUTE);
    assert.equal(completed(stage), 1, "the busy one finished");
    if (mended === "the image is renewed") {
      await editSet(stage, {
        template: template({ containers: [{ name: "runner", image: "example.com/runner:new" }] }),
      });
    }
    control.change({ runnerVersion: "accepted" });
    await untilCompleted(stage, 2, 8 * MINUTE);
    await stage.until(
      "the condition is gone",
      () => says(stage, "RunnerImageOutdated") === "False VersionAccepted",
      20 * MINUTE,
    );
    assert.equal(stage.runnerSet()?.metadata?.uid, uid);
    await untilQuiet(story, 1);
  });
}

Deno.test("F21: an image that cannot be pulled is told within 60 s, and the set recovers alone", async () => {
  const story = await openStory({ set: { max: 2 } });
  await using stage = story.stage;
  stage.world.kubelet.failImage(IMAGE, "manifest unknown");
  queue(stage, 1);
  await stage.until(
    "a condition names it",
    () => says(stage, "Degraded") === "True ImagePullFailed",
    60,
  );
  assert.match(
    message(stage, "Degraded"),
    /"ghcr\.io\/actions\/actions-runner:latest".*manifest unknown/,
  );
  assert.equal(says(stage, "Ready"), "False Degraded");
  assert.ok(told(stage).has("ImagePullFailed"));
  const { resourceVersion } = stage.runners()[0]?.metadata ?? {};
  await stage.pass(10 * MINUTE);
  assert.equal(stage.runners()[0]?.metadata?.resourceVersion, resourceVersion, "told once (B9)");
  stage.world.kubelet.healImage(IMAGE);
  await untilCompleted(stage, 1, 10 * MINUTE);
  await stage.until("all is well", () => says(stage, "Ready") === "True AsWanted", MINUTE);
  await untilQuiet(story, 0);
});

Deno.test("B7: GitHub registers no runner for a while: the set says so within 3 min, once, and recovers alone", async () => {
  const story = await openStory({ set: { max: 2 } });
  await using stage = story.stage;
  spoil(stage, ["generatejitconfig"], { do: "answer", status: 403 });
  queue(stage, 1);
  await stage.until(
    "a condition names it",
    () => says(stage, "Degraded") === "True RegistrationFailed",
    3 * MINUTE,
  );
  assert.match(message(stage, "Degraded"), /cannot be registered.*403/);
  assert.equal(conditionText(stage, "Ready"), "False Degraded");
  assert.ok(told(stage).has("RegistrationFailed"));
  const { resourceVersion } = stage.runners()[0]?.metadata ?? {};
  await stage.pass(10 * MINUTE);
  assert.equal(stage.runners()[0]?.metadata?.resourceVersion, resourceVersion, "told once (B9)");
  heal(stage);
  await untilCompleted(stage, 1, 10 * MINUTE);
  await stage.until("all is well", () => conditionText(stage, "Ready") === "True Ready", MINUTE);
  await untilQuiet(story, 0);
});

Deno.test("F21: a pod that cannot start gives its slot away in the end, and tells why", async () => {
  const story = await openStory({ set: { max: 1 } });
  await using stage = story.stage;
  stage.world.kubelet.failImage(IMAGE);
  queue(stage, 1);
  await stage.until("its pod is there", () => runnerPods(stage).length === 1, MINUTE);
  const first = keyOf(runnerPods(stage)[0] as Pod).name;
  await stage.until(
    "another one has its place",
    () => runnerPods(stage).some((pod) => keyOf(pod).name !== first),
    31 * MINUTE,
  );
  assert.equal(runnerSetOf(stage)?.status?.lastFailureReason, "StartDeadlineExceeded");
  assert.match(runnerSetOf(stage)?.status?.lastFailureMessage ?? "", /ImagePullFailed/);
  stage.world.kubelet.healImage(IMAGE);
  await untilCompleted(stage, 1, 10 * MINUTE);
  await untilQuiet(story, 0);
});

Deno.test("B4, B11: a runner whose Secret somebody deletes before it starts is replaced within 1 min, with a registration of its own", async () => {
  const story = await openStory({ set: { max: 1 } });
  await using stage = story.stage;
  stage.world.kubelet.failImage(IMAGE);
  queue(stage, 1);
  await stage.until("it waits for its image", () => runnerPods(stage).length === 1, MINUTE);
  const key = keyOf(runnerPods(stage)[0] as Pod);
  await stage.world.admin.delete(SECRETS, key);
  stage.world.kubelet.healImage(IMAGE);
  const reason = () => runnerSetOf(stage)?.status?.lastFailureReason;
  await stage.until("the kubelet looks for it", () => reason() === "SecretDeleted", 5 * MINUTE);
  await stage.until("another one is online", () => online(stage) === 1, MINUTE);
  assert.notEqual(keyOf(runnerPods(stage)[0] as Pod).name, key.name);
  assert.ok(told(stage).has("SecretDeleted"));
  await untilCompleted(stage, 1, 2 * MINUTE);
  await untilQuiet(story, 0);
});

Deno.test("third parties: the labels of runners, pods and the set are taken off while jobs run: all is well within 30 s of their end", async () => {
  const story = await openStory({ set: { min: 1, max: 5 } });
  await using stage = story.stage;
  queue(stage, 3);
  await stage.until("they run", () => running(stage) === 3, MINUTE);
  const types: readonly AnyType[] = [EPHEMERAL_RUNNER_SETS, EPHEMERAL_RUNNERS, PODS];
  for (const type of types) {
    for (const object of stage.stored(type)) {
      const labels = Object.keys(object.metadata?.labels ?? {}).map((label) => [label, null]);
      const patch = { metadata: { labels: Object.fromEntries(labels) } };
      await stage.world.admin.patch(type, keyOf(object), patch);
    }
  }
  await untilCompleted(stage, 3, MINUTE);
  await stage.until("only the minimum is left", () => {
    const shown = runnerSetOf(stage)?.status?.currentReplicas;
    return stage.runners().length === 1 && runnerPods(stage).length === 1 && shown === 1;
  }, 30);
  const [runner] = stage.runners();
  assert.equal(runner?.metadata?.labels?.[LABELS.scaleSetName], "linux");
  story.check();
});

Deno.test("F21: another template mends what this one cannot start", async () => {
  const story = await openStory({ set: { min: 1, max: 2 } });
  await using stage = story.stage;
  await stage.until("it is online", () => online(stage) === 1, MINUTE);
  const wrong = "example.com/none:1";
  stage.world.kubelet.failImage(wrong);
  await editSet(stage, { template: template({ containers: [{ name: "runner", image: wrong }] }) });
  await stage.until("told", () => says(stage, "Degraded") === "True ImagePullFailed", 2 * MINUTE);
  await editSet(stage, { template: template({}) });
  await stage.until("it is online again", () => online(stage) === 1, 2 * MINUTE);
  await stage.until("told, too", () => says(stage, "Ready") === "True AsWanted", 20 * MINUTE);
  await untilQuiet(story, 1);
});

const QUOTAS = BUILT_INS.find(({ plural }) => plural === "resourcequotas") as ResourceType<
  KubeObject
>;

Deno.test("F22: a full quota: less is advertised, little is tried, and work goes on within 15 s of room", async () => {
  const story = await openStory({ set: { max: 20 } });
  await using stage = story.stage;
  const key = { namespace: "arc-runners", name: "pods" };
  const quota = (pods: string) => ({
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: key,
    spec: { hard: { pods } },
  });
  await stage.world.admin.create(QUOTAS, quota("2") as KubeObject);
  const tries: number[] = [];
  const capacities: string[] = [];
  stage.taps.controller = (request) => {
    const isPod = request.method === "POST" && /\/namespaces\/arc-runners\/pods$/.test(request.url);
    if (isPod) tries.push(stage.clock.now().getTime());
  };
  stage.taps.listener = (request) => {
    const capacity = request.headers.get("x-scalesetmaxcapacity");
    if (capacity !== null) capacities.push(capacity);
  };
  queue(stage, 12, { durationMs: 20 * MINUTE * 1_000 });
  await stage.until("two run", () => running(stage) === 2, MINUTE);
  await stage.until(
    "the condition tells",
    () => says(stage, "ScalingLimited") === "True Quota",
    MINUTE,
  );
  assert.match(message(stage, "ScalingLimited"), /exceeded quota: pods/);
  await stage.pass(MINUTE);
  tries.length = 0;
  await stage.pass(5 * MINUTE);
  assert.ok(tries.length >= 20 && tries.length <= 31, `${tries.length} creates in 5 min`);
  assert.ok(tries.every((ms, at) => at === 0 || ms - (tries[at - 1] ?? 0) >= 9_990));
  assert.equal(capacities.at(-1), "2");
  await stage.world.admin.patch(QUOTAS, key, { spec: { hard: { pods: "30" } } });
  const freedMs = stage.clock.now().getTime();
  await stage.until("all have pods", () => runnerPods(stage).length === 12, 20);
  const tookMs = stage.clock.now().getTime() - freedMs;
  assert.ok(tookMs <= 15_000, `resumed after ${tookMs} ms`);
  await stage.until(
    "nothing limits it",
    () => says(stage, "ScalingLimited") === "False NotLimited",
    MINUTE,
  );
  await untilCompleted(stage, 12, 45 * MINUTE);
  assert.equal(capacities.at(-1), "20");
  await untilQuiet(story, 0);
});

Deno.test("F23: a runner that gets a job at the moment of scaling down keeps it (100 races)", async () => {
  const story = await openStory({ set: { min: 4, max: 12 } });
  await using stage = story.stage;
  await stage.until("four are online", () => online(stage) === 4, MINUTE);
  let asked = 0;
  // At the very moment at which GitHub is asked to let a runner go, jobs come.
  stage.taps.controller = (request) => {
    if (request.method === "DELETE" && /\/agents\/\d+/.test(request.url) && asked < 100) {
      asked++;
      queue(stage, 1, { durationMs: 30_000 });
    }
  };
  for (let round = 0; asked < 100 && round < 60; round++) {
    queue(stage, 4, { durationMs: 15_000 });
    await editSet(stage, { minRunners: round % 2 === 0 ? 0 : 6 });
    await stage.pass(45);
  }
  assert.ok(asked >= 100, `${asked} races`);
  await editSet(stage, { minRunners: 1 });
  await stage.until(
    "all jobs are over",
    () => jobsOf(stage).every(({ state }) => state === "completed"),
    10 * MINUTE,
  );
  assert.deepEqual([...new Set(jobsOf(stage).map(({ result }) => result))], ["succeeded"]);
  await untilQuiet(story, 1);
});

Deno.test("F24: minRunners goes from 10 to 0 while 3 are busy: only idle ones go", async () => {
  const story = await openStory({ set: { min: 10, max: 20 } });
  await using stage = story.stage;
  await stage.until("ten are online", () => online(stage) === 10, MINUTE);
  queue(stage, 3, { durationMs: 10 * MINUTE * 1_000 });
  await stage.until("three are busy", () => running(stage) === 3, MINUTE);
  const busy = jobsOf(stage).map(({ runnerName }) => runnerName).sort();
  await editSet(stage, { minRunners: 0 });
  await stage.until("only the busy ones are left", () => stage.runners().length === 3, 2 * MINUTE);
  assert.deepEqual(stage.runners().map((runner) => keyOf(runner).name).sort(), busy);
  await untilCompleted(stage, 3, 12 * MINUTE);
  await untilQuiet(story, 0);
});

for (const effect of [{ do: "hang" }, { do: "answer", status: 503 }] as const) {
  Deno.test(`F25: GitHub removes no runner (${effect.do}): pods of finished runners go all the same`, async () => {
    const story = await openStory({
      set: {
        max: 4,
        spec: {
          template: template({
            containers: [
              { name: "runner", image: IMAGE },
              { name: "dind", image: "docker:dind" },
            ],
          }),
        },
      },
    });
    await using stage = story.stage;
    spoil(stage, ["removerunner"], effect);
    queue(stage, 4);
    await untilCompleted(stage, 4, 3 * MINUTE);
    await stage.until("their pods are gone", () => runnerPods(stage).length === 0, 45);
    queue(stage, 4);
    await untilCompleted(stage, 8, 4 * MINUTE);
    heal(stage);
    await untilQuiet(story, 0);
  });
}

Deno.test("F33: demand goes from 0 to 1,000 in one message: all pods within 60 s, none twice", async () => {
  const pods = new Set<string>();
  const runners = new Set<string>();
  let done = 0;
  // Counted as it happens: to look at a thousand objects after each event would take minutes.
  await using stage = await openStage({
    onWrite: ({ verb, resource, object }) => {
      if (verb !== "create" || object.metadata.namespace !== "arc-runners") return;
      if (resource === PODS.plural) pods.add(object.metadata.name ?? "");
      if (resource === EPHEMERAL_RUNNERS.plural) runners.add(object.metadata.name ?? "");
    },
  });
  stage.world.github.onJobChange(({ state }) => {
    if (state === "completed") done++;
  });
  stage.startController();
  await stage.addSet({ max: 1_000 });
  await stage.until("a listener polls", () => isPolled(stage), 60);
  queue(stage, 1_000, { durationMs: 10 * MINUTE * 1_000 });
  await stage.until("all pods are there", () => pods.size === 1_000, 60);
  await stage.until("all jobs are done", () => done === 1_000, 20 * MINUTE);
  assert.deepEqual([runners.size, pods.size], [1_000, 1_000]);
  await stage.pass(2 * MINUTE);
  assert.equal(stage.runners().length, 0);
  assert.equal(runnerSetOf(stage)?.status?.currentReplicas, 0);
});
