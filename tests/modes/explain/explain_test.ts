/** Each fault is planted in the simulated world; the first line of what `explain` says has to name it. */
import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import { createKubeClient } from "../../../kube/client.ts";
import { PODS, SECRETS } from "../../../kube/resources.ts";
import { keyOf, type KubeObject } from "../../../kube/types.ts";
import { createTransport } from "../../../kube/transport.ts";
import { look } from "../../../modes/explain/look.ts";
import { MODES } from "../../../modes/mode.ts";
import { CONTROLLER, grant } from "../../../sim/world_objects.ts";
import type { SetWords, StageOptions } from "../../journeys/stage.ts";
import { queue } from "../../journeys/stories/story.ts";
import { firstLine, Installation, NAMESPACE } from "../installation.ts";

const SET = { namespace: NAMESPACE, name: "linux" };
const SECRET = { namespace: NAMESPACE, name: "linux-github" };

interface Row {
  readonly fault: string;
  readonly words?: SetWords & { readonly controller?: "runs" | "none" };
  readonly options?: StageOptions;
  /** Opens no session: there will be none. */
  readonly isStuck?: true;
  readonly plant: (world: Installation) => Promise<unknown> | unknown;
  readonly code: string;
  readonly firstLine: RegExp;
}

const quota = (pods: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "team", namespace: NAMESPACE },
  ...{ spec: { hard: { pods } } },
});

async function untilRunners(world: Installation, jobs: number, seconds = 60): Promise<void> {
  queue(world.stage, jobs, 600);
  await world.stage.pass(seconds);
}

const ROWS: readonly Row[] = [
  {
    fault: "no controller has ever run",
    words: { controller: "none" },
    isStuck: true,
    plant: () => {},
    code: "unserved",
    firstLine: /^✗ "arc-runners\/linux" is held back: No controller has looked at the runner set/,
  },
  {
    fault: "the Secret is missing",
    isStuck: true,
    plant: async ({ stage }) => {
      await stage.world.admin.delete(SECRETS, SECRET);
      await stage.pass(60);
    },
    code: "credential",
    firstLine: /is held back: Secret "arc-runners\/linux-github" does not exist/,
  },
  {
    fault: "GitHub refuses the token",
    isStuck: true,
    plant: async ({ stage }) => {
      stage.world.github.control.setFaults([{
        operation: "registrationtoken",
        effect: { do: "answer", status: 401 },
      }]);
      await stage.pass(60);
    },
    code: "credential",
    firstLine: /is held back: .*github_token is not valid/,
  },
  {
    fault: "the config URL is none",
    words: { url: "ftp://github.com/acme" },
    isStuck: true,
    plant: ({ stage }) => stage.pass(30),
    code: "spec",
    firstLine: /is held back: .*githubConfigUrl "ftp:\/\/github\.com\/acme" is not accepted/,
  },
  {
    fault: "the listener's image cannot be pulled",
    isStuck: true,
    plant: async ({ stage }) => {
      stage.world.kubelet.failImage("longshore:test");
      await stage.pass(60);
    },
    code: "listener",
    firstLine: /is held back: The listener's pod .* does not run: .*image "longshore:test"/,
  },
  {
    fault: "the session is another's",
    plant: async ({ stage }) => {
      stage.world.github.control.setFaults([
        { operation: "createsession", effect: { do: "answer", status: 409 } },
        { operation: "poll", effect: { do: "lose-session" } },
      ]);
      await stage.pass(300);
    },
    code: "session",
    firstLine: /is held back: .*session/i,
  },
  {
    fault: "maxRunners is 0",
    plant: async ({ stage }) => {
      await stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, SET, { spec: { maxRunners: 0 } });
      queue(stage, 2, 60);
      await stage.pass(30);
    },
    code: "paused",
    firstLine: /is held back: .*maxRunners is 0/,
  },
  {
    fault: "more jobs than the maximum",
    plant: (world) => untilRunners(world, 9),
    code: "max",
    firstLine: /^✗ "arc-runners\/linux" is at its limit: .*maxRunners is 3/,
  },
  {
    fault: "a quota is full",
    plant: async (world) => {
      await world.plant(quota("1"));
      await untilRunners(world, 3);
    },
    code: "quota",
    firstLine: /is held back: .*quota/,
  },
  {
    fault: "the runner's image cannot be pulled",
    plant: async (world) => {
      world.stage.world.kubelet.failImage("ghcr.io/actions/actions-runner:latest");
      await untilRunners(world, 2);
    },
    code: "failing",
    firstLine: /does not start: .*image "ghcr\.io\/actions\/actions-runner:latest"/,
  },
  {
    fault: "no node takes the listener",
    plant: async ({ stage }) => {
      const { admin, kubelet } = stage.world;
      for (const node of ["node-1", "node-2", "node-3"]) await kubelet.removeNode(node);
      await stage.pass(30);
      for (const pod of stage.pods()) {
        await admin.patch(PODS, keyOf(pod), {
          status: {
            conditions: [{
              type: "PodScheduled",
              status: "False",
              reason: "Unschedulable",
              message: "0/3 nodes are available: 3 Insufficient cpu",
              lastTransitionTime: "2026-01-01T12:00:00Z",
            }],
          },
        }, { subresource: "status" });
      }
      await stage.pass(5);
    },
    code: "listener",
    firstLine: /The listener's pod .* does not run: 0\/3 nodes are available: 3 Insufficient cpu/,
  },
  {
    fault: "GitHub refuses the runner's version",
    words: { min: 1 },
    options: { runnerScript: () => "outdated" },
    plant: ({ stage }) => stage.pass(60),
    code: "image",
    firstLine: /is held back: GitHub refuses the version of the runner/,
  },
  {
    fault: "runners fail one after the other",
    words: { min: 1 },
    options: { runnerScript: () => "fail-early" },
    plant: ({ stage }) => stage.pass(120),
    code: "failing",
    firstLine: /is held back: Runners? failed .*exit code 1/,
  },
  {
    fault: "the controller has gone, and its listener's pod with it",
    plant: async (world) => {
      await world.stopController();
      const [pod] = world.stage.pods();
      await world.stage.world.admin.delete(PODS, {
        namespace: CONTROLLER.namespace,
        name: pod?.metadata?.name ?? "",
      }, { gracePeriodSeconds: 0 });
      await world.stage.pass(5);
    },
    code: "listener",
    firstLine: /is held back: The listener ".*" has no pod/,
  },
  {
    fault: "it hangs in its deletion",
    plant: async (world) => {
      await world.stopController();
      await world.stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, SET);
      await world.stage.pass(60);
    },
    code: "deleting",
    firstLine: /is held back: It is being deleted since .*, held by autoscalingrunnerset/,
  },
];

for (const { fault, words, options, isStuck, plant, code, firstLine: wanted } of ROWS) {
  Deno.test(`explain names it first: ${fault}`, async () => {
    await using world = await Installation.open(words, options);
    if (isStuck === undefined) await world.settled();
    await plant(world);
    const { text, story } = await world.explain("set", "linux");
    assert.match(firstLine(text), wanted, text);
    assert.equal(story.reasons[0]?.code, code, text);
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
