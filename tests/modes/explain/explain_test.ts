/** Each fault is planted in the simulated world; the first line of what `explain` says has to name it. */
import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../../crds/ephemeral_runner_set.ts";
import { createKubeClient } from "../../../kube/client.ts";
import { createTransport } from "../../../kube/transport.ts";
import type { KubeObject, ResourceType } from "../../../kube/types.ts";
import { look } from "../../../modes/explain/look.ts";
import { MODES } from "../../../modes/mode.ts";
import { grant } from "../../../sim/world_objects.ts";
import { queue } from "../../journeys/stories/story.ts";
import { firstLine, Installation, NAMESPACE } from "../installation.ts";
import { EXPLAIN_FAULTS, quota, untilRunners } from "./faults.ts";

for (const row of EXPLAIN_FAULTS) {
  Deno.test(`explain names it first: ${row.fault}`, async () => {
    await using world = await Installation.planted(row);
    const { text, story } = await world.explain("set", "linux");
    assert.match(firstLine(text), row.firstLine, text);
    assert.equal(story.reasons[0]?.code, row.code, text);
    const job = await world.explain("job", "4711");
    assert.ok(firstLine(job.text).includes(story.reasons[0]?.says ?? "?"), job.text);
  });
}

Deno.test("a healthy set is told with its numbers, and nothing holds it back", async () => {
  await using world = await (await Installation.open({ min: 1 })).settled();
  await world.stage.pass(30);
  const { text, story } = await world.explain("set", "linux");
  assert.match(firstLine(text), /^✓ Nothing holds "arc-runners\/linux" back: all 1 runner/);
  assert.deepEqual(story.reasons, []);
  assert.match(text, /the listener wants 1 runner \(decision \d+\); 1 exist: 0 with a job, 1 idle/);
  assert.match(text, /EphemeralRunners: 1 of those that exist created/);
});

Deno.test("a runner with a job is told by its job, and the job by its runner", async () => {
  await using world = await (await Installation.open()).settled();
  const [jobId = ""] = queue(world.stage, 1, 600);
  await world.stage.pass(30);
  const [runner] = world.stage.runners();
  const name = runner?.metadata?.name ?? "";
  const { text } = await world.explain("runner", name);
  assert.match(firstLine(text), new RegExp(`^✓ Runner "${name}": it has job "`));
  const job = await world.explain("job", jobId);
  assert.match(firstLine(job.text), new RegExp(`^✓ Job "${jobId}" is with runner "${name}"`));
});

Deno.test("a runner that waits for a quota says so, and so does its set", async () => {
  await using world = await (await Installation.open()).settled();
  await world.plant(quota("0"));
  await untilRunners(world, 1);
  const name = world.stage.runners()[0]?.metadata?.name ?? "";
  const { text } = await world.explain("runner", name);
  assert.match(firstLine(text), new RegExp(`^✗ Runner "${name}": .*quota`), text);
});

Deno.test("a runner that is gone is remembered by its Events", async () => {
  await using world = await (await Installation.open({ min: 1 }, {
    runnerScript: () => "fail-early",
  })).settled();
  await world.stage.pass(60);
  await world.plant({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e1", namespace: NAMESPACE },
    ...{
      involvedObject: { kind: "EphemeralRunner", name: "linux-runner-gone1", namespace: NAMESPACE },
      reason: "Evicted",
      message: "The node was low on resource: memory",
      type: "Warning",
      lastTimestamp: "2026-01-01T12:00:30Z",
    },
  });
  const { text } = await world.explain("runner", "linux-runner-gone1");
  assert.match(firstLine(text), /is gone; what was told of it: Evicted: The node was low on/);
  assert.match(text, /2026-01-01 12:00:30 {2}EphemeralRunner linux-runner-gone1: Evicted/);
});

/** Takes the finalizers off a set and its runner set and deletes them; nobody lets go of the runners. */
async function halfDeleted(world: Installation): Promise<void> {
  const { admin } = world.stage.world;
  await world.stopController();
  for (const type of [AUTOSCALING_RUNNER_SETS, EPHEMERAL_RUNNER_SETS]) {
    const key = { namespace: NAMESPACE, name: "linux" };
    await admin.patch(type as ResourceType<KubeObject>, key, { metadata: { finalizers: null } });
    await admin.delete(type as ResourceType<KubeObject>, key);
  }
  await world.stage.pass(600);
}

Deno.test("a runner whose set is gone, and that hangs itself, is told by what is left", async () => {
  await using world = await (await Installation.open({ min: 1 })).settled();
  await world.stage.pass(30);
  const name = world.stage.runners()[0]?.metadata?.name ?? "";
  await halfDeleted(world);
  const { text, story } = await world.explain("runner", name);
  assert.match(
    firstLine(text),
    new RegExp(`^✗ Runner "${name}": it hangs in its deletion since 2026-.*, held by \\S`),
  );
  assert.equal(story.reasons[0]?.code, "deleting");
  assert.match(text, /Its runner set is not there any more, or could not be seen/);
});

Deno.test("a runner is told without the right to see its set", async () => {
  await using world = await (await Installation.open({ min: 1 })).settled();
  await world.stage.pass(30);
  const name = world.stage.runners()[0]?.metadata?.name ?? "";
  const token = await world.tokenWith([
    { apiGroups: ["actions.github.com"], resources: ["ephemeralrunners"], verbs: ["list"] },
    { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  ]);
  const { text } = await world.explain("runner", name, world.eyes(token));
  assert.match(
    firstLine(text),
    new RegExp(`^✓ Runner "${name}": it is registered as \\d+ and waits`),
  );
  assert.match(text, /○ not seen: Cannot list autoscalingrunnersets: /);
});

Deno.test("a set that is gone is remembered by its Events, wherever it was", async () => {
  await using world = await Installation.open({ controller: "none" });
  await world.plant({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e1", namespace: "team-b" },
    ...{
      involvedObject: { kind: "AutoscalingRunnerSet", name: "windows", namespace: "team-b" },
      reason: "CredentialsInvalid",
      message: "GitHub refused the token",
      type: "Warning",
      lastTimestamp: "2026-01-01T12:00:30Z",
    },
  });
  for (const name of ["windows", "team-b/windows"]) {
    const { text } = await world.explain("set", name);
    assert.match(
      firstLine(text),
      /^Runner set ".*" is gone; what was told of it: CredentialsInvalid: GitHub refused the token/,
    );
  }
});

Deno.test("a job's name that is a part of another word does not hide why the job waits", async () => {
  await using world = await (await Installation.open()).settled();
  await world.plant({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e1", namespace: NAMESPACE },
    ...{
      involvedObject: { kind: "Pod", name: "other", namespace: NAMESPACE },
      reason: "Failed",
      message: "Failed to pull image registry/test-tools:12345, the test is gone",
      type: "Warning",
      lastTimestamp: "2026-01-01T12:00:30Z",
    },
  });
  await untilRunners(world, 9);
  for (const name of ["test", "1234"]) {
    const { text } = await world.explain("job", name);
    assert.match(
      firstLine(text),
      /^✗ No runner has job ".*": "arc-runners\/linux" is at its limit/,
    );
  }
  const { text } = await world.explain("job", "12345");
  assert.match(firstLine(text), /what was told of it last: Failed: Failed to pull/);
});

Deno.test("a name that nobody has is told with the nearest", async () => {
  await using world = await (await Installation.open()).settled();
  await assert.rejects(world.explain("set", "linus"), {
    message:
      'There is no runner set "linus" here, and no Event remembers one. Did you mean "linux"?',
  });
});

Deno.test("read-only rights suffice, and what they do not cover is told", async () => {
  await using world = await (await Installation.open()).settled();
  const { api } = world.stage.world;
  await world.plant(
    ...grant({ namespace: NAMESPACE, name: "jane" }, {
      name: "jane",
      rules: [{ apiGroups: ["actions.github.com"], resources: ["*"], verbs: ["list"] }],
    }),
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "jane", namespace: NAMESPACE },
    },
  );
  const token = api.tokenFor({ serviceAccount: { namespace: NAMESPACE, name: "jane" } });
  const { text } = await world.explain("set", "linux", world.eyes(token));
  assert.match(firstLine(text), /^✓ Nothing holds "arc-runners\/linux" back/);
  assert.match(text, /○ not seen: Cannot list pods in namespace "arc-runners": pods is forbidden/);
  assert.match(text, /○ not seen: Cannot list events in namespace "arc-\w+": events is forbidden/);
});

Deno.test("without any right the answer says what could not be seen", async () => {
  await using world = await (await Installation.open()).settled();
  const token = world.stage.world.api.tokenFor({ user: "joe", groups: ["system:authenticated"] });
  await assert.rejects(
    world.explain("set", "linux", world.eyes(token)),
    /No runner set "linux" is among what could be seen. Not seen: Cannot list autoscalingrunnersets/,
  );
  const { text } = await world.explain("job", "build", world.eyes(token));
  assert.match(firstLine(text), /^○ No runner has job "build": Cannot list autoscalingrunnersets/);
});

Deno.test("with the rights that explain declares nothing stays unseen", async () => {
  await using world = await (await Installation.open()).settled();
  const token = await world.tokenWith(MODES.explain.rules);
  const { story } = await world.explain("set", "linux", world.eyes(token));
  assert.deepEqual(story.unseen, []);
});

Deno.test("a server that does not answer is said at once", async () => {
  await using world = await (await Installation.open()).settled();
  const { clock } = world.stage;
  const kube = createKubeClient(createTransport({
    connection: {
      server: "https://kube.test",
      headers: () => Promise.resolve({}),
      fetch: () => Promise.reject(new TypeError("connection refused")),
    },
    clock,
  }));
  await assert.rejects(
    look({ kube, clock, namespace: "" }, new AbortController().signal),
    { message: "Cannot list autoscalingrunnersets: connection refused" },
  );
});
