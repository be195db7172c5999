/** What must never happen to numbers and clocks: F35, F36, F37. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { CONTROLLER_METRICS } from "../../controllers/metrics.ts";
import { GITHUB_METRICS } from "../../github/metrics.ts";
import { KUBE_METRICS } from "../../kube/metrics.ts";
import type { KubeObject } from "../../kube/types.ts";
import { declareMetrics, type Metrics } from "../../lib/metrics.ts";
import { chosenMetrics } from "../../listener/metrics.ts";
import { allSucceeded, hasSession } from "../journeys/invariants.ts";
import { aJob, aMessage, completed, started, statistics } from "../listener/jobs.ts";
import { aWorld, startListening } from "../listener/listening.ts";
import { conditionText, openStory, queue, running } from "./stories.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;

Deno.test("F35: 100,000 jobs leave as many series as a few", async () => {
  const world = aWorld();
  const { clock, github } = world;
  const listening = startListening(world);
  await clock.advance(0);
  const seriesAfter: number[] = [];
  for (let n = 0; n < 2_000; n++) {
    const names = Array.from({ length: 50 }, (_, at) => `runner-${n}-${at}`);
    const words = (name: string) => ({
      displayName: `build of ${name}`,
      workflowRunId: n,
      workflowRef: `octo/widgets/.github/workflows/ci-${n}.yml@refs/pull/${n}/merge`,
    });
    github.push(aMessage(n + 1, statistics(0), {
      assigned: names.map((name) => aJob(`job-of-${name}`)),
      started: names.map((name) => started(name, words(name))),
      completed: names.map((name) => completed(name, words(name))),
    }));
    await clock.advance(0);
    if (n === 2 || n === 1_999) {
      const lines = (await listening.metrics.render()).split("\n");
      seriesAfter.push(lines.filter((line) => line !== "" && !line.startsWith("#")).length);
      assert.ok(lines.some((line) => line.endsWith(` ${(n + 1) * 50}`)), "all were counted");
    }
  }
  assert.equal(seriesAfter[1], seriesAfter[0]);
  await listening.stop();
});

function controllerMetrics(): Metrics {
  return declareMetrics([...CONTROLLER_METRICS, ...KUBE_METRICS, ...GITHUB_METRICS]);
}

/** The value of a series of the set `linux`. */
async function gauge(metrics: Metrics | undefined, name: string): Promise<number | undefined> {
  const line = (await metrics?.render() ?? "").split("\n")
    .find((line) => line.startsWith(`${name}{`) && /name="linux/.test(line));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ")));
}

const LISTENER_GAUGES = [
  "gha_assigned_jobs",
  "gha_running_jobs",
  "gha_registered_runners",
  "gha_busy_runners",
  "gha_idle_runners",
  "gha_min_runners",
  "gha_max_runners",
  "gha_desired_runners",
];
const CONTROLLER_GAUGES = [
  "gha_controller_pending_ephemeral_runners",
  "gha_controller_running_ephemeral_runners",
  "gha_controller_failed_ephemeral_runners",
  "gha_controller_running_listeners",
];

Deno.test("F36: before the first job, and after a restart, every gauge is there and tells the truth", async () => {
  const listeners: Metrics[] = [];
  const controllers: Metrics[] = [];
  const controller = () => controllers.at(-1) as Metrics;
  controllers.push(controllerMetrics());
  const story = await openStory({
    set: { min: 2, max: 9 },
    metrics: {
      get controller() {
        return controller();
      },
      listener: () => {
        const metrics = declareMetrics(chosenMetrics(null).rows);
        listeners.push(metrics);
        return metrics;
      },
    },
  });
  await using stage = story.stage;

  async function check(truth: Readonly<Record<string, number>>): Promise<void> {
    for (const name of [...LISTENER_GAUGES, ...CONTROLLER_GAUGES]) {
      const from = LISTENER_GAUGES.includes(name) ? listeners.at(-1) : controller();
      const value = await gauge(from, name);
      assert.ok(value !== undefined, `${name} is not there`);
      if (truth[name] !== undefined) assert.equal(value, truth[name], name);
    }
  }

  await stage.until("two are idle", () => stage.runners().length === 2, MINUTE);
  await stage.pass(MINUTE);
  const idle = {
    gha_assigned_jobs: 0,
    gha_min_runners: 2,
    gha_max_runners: 9,
    gha_desired_runners: 2,
    gha_controller_running_ephemeral_runners: 2,
    gha_controller_pending_ephemeral_runners: 0,
    gha_controller_failed_ephemeral_runners: 0,
    gha_controller_running_listeners: 1,
  };
  await check(idle);
  queue(stage, 3, { durationMs: HOUR * 1000 });
  await stage.until("three run beside two", () => stage.runners().length === 5, MINUTE);
  await stage.pass(MINUTE);

  story.crashController();
  for (const listener of stage.listeners) listener.crash();
  controllers.push(controllerMetrics());
  story.startController();
  await stage.until("a new listener is there", () => {
    return listeners.length === 2 && hasSession(stage);
  }, 2 * MINUTE);
  await stage.pass(5);
  assert.equal(running(stage), 3);
  await check({
    ...idle,
    gha_assigned_jobs: 3,
    gha_running_jobs: 3,
    gha_registered_runners: 5,
    gha_busy_runners: 3,
    gha_idle_runners: 2,
    gha_desired_runners: 5,
    gha_controller_running_ephemeral_runners: 5,
  });
});

for (const minutes of [-5, 5]) {
  Deno.test(`F37: with clocks ${minutes} min apart and tokens of 10 min, everything is refreshed in time`, async () => {
    const story = await openStory({
      skewMs: minutes * MINUTE * 1000,
      github: {
        adminTokenLifetimeMs: 10 * MINUTE * 1000,
        registrationTokenLifetimeMs: 10 * MINUTE * 1000,
        queueTokenLifetimeMs: 5 * MINUTE * 1000,
      },
    });
    await using stage = story.stage;
    const refused: string[] = [];
    const watch = async (request: Request, send: () => Promise<Response>) => {
      const response = await send();
      const { pathname } = new URL(request.url);
      // The queue's token is refreshed when it is refused: its lifetime is not told.
      if (response.status === 401 && !/message/.test(pathname)) refused.push(pathname);
      return response;
    };
    stage.taps.controller = watch;
    stage.taps.listener = watch;
    for (let round = 0; round < 12; round++) {
      queue(stage, 2, { durationMs: 30_000 });
      await stage.pass(5 * MINUTE);
      assert.ok(allSucceeded(stage), `round ${round}`);
    }
    assert.deepEqual(refused, []);
    story.check();
  });
}

for (const minutes of [-5, 5]) {
  Deno.test(`F37: a GitHub App is let in with clocks ${minutes} min apart`, async () => {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const story = await openStory({ skewMs: minutes * MINUTE * 1000 });
    await using stage = story.stage;
    const secret: KubeObject & { readonly stringData: Readonly<Record<string, string>> } = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "app", namespace: "team-b" },
      stringData: {
        github_app_id: "Iv23liExample",
        github_app_installation_id: "4815162",
        github_app_private_key: privateKey,
      },
    };
    await stage.world.apply([secret]);
    const spec = { githubConfigSecret: "app" };
    await stage.addSet({ name: "by-app", namespace: "team-b", spec });
    await stage.until("it is heard", () => {
      return conditionText(stage, "SessionHealthy", "by-app") === "True Polling";
    }, MINUTE);
    stage.world.github.control.queueJobs({ scaleSet: "by-app", count: 2, durationMs: 5_000 });
    await stage.until("its jobs are done", () => allSucceeded(stage), 2 * MINUTE);
    story.check();
  });
}
