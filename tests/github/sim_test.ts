import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { SessionConflict, SessionLost } from "../../github/errors.ts";
import { overrideHosts, parseHostOverrides } from "../../github/hosts.ts";
import type { JobMessage } from "../../github/messages.ts";
import type { ActionsService } from "../../github/service.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { type GitHubSim, startGitHubSim } from "../../sim/github/server.ts";
import type { GitHubSimSettings } from "../../sim/github/settings.ts";
import { inMemory } from "../../sim/memory.ts";
import { runRunner } from "../../sim/runner.ts";
import { aService, finished } from "./scripted.ts";

const HOST = "127.0.0.1:4000";
const DRAFT = { name: "linux", runnerGroupId: 1, labels: ["linux"] };

interface Bench {
  readonly clock: VirtualClock;
  readonly sim: GitHubSim;
  readonly service: ActionsService;
}

/** The simulated GitHub stands in for github.com, as in `dev`. */
function bench(settings: Partial<GitHubSimSettings>): Bench {
  const clock = new VirtualClock();
  const sim = startGitHubSim({
    clock,
    random: seededRandom(2),
    baseUrl: `http://${HOST}`,
    settings,
  });
  const network = inMemory({ [HOST]: sim.handle });
  const fetch = overrideHosts(network, parseHostOverrides(`github.com=http://${HOST}`));
  return { clock, sim, service: aService({ clock, fetch }) };
}

/** What happened in a message, e.g. "available 1". */
function happenings(message: JobMessage): readonly string[] {
  const { available, assigned, started, completed } = message;
  return Object.entries({ available, assigned, started, completed })
    .filter(([, jobs]) => jobs.length > 0).map(([kind, jobs]) => `${kind} ${jobs.length}`);
}

async function wholeStory({ clock, sim, service }: Bench): Promise<readonly string[]> {
  equal(await service.findScaleSet("linux", 1), undefined);
  const set = await service.createScaleSet(DRAFT);
  deepEqual(await service.findScaleSet("linux", 1), set);
  deepEqual(await service.getScaleSet(set.id), set);
  const story: string[] = [];
  let lastMessageId = 0;
  const running: Promise<number>[] = [];
  {
    await using session = await opened(service, set.id);
    await rejects(service.openSession(set.id, "other"), SessionConflict);
    sim.control.queueJobs({ scaleSet: set.id, count: 1, durationMs: 120_000 });
    while (!story.includes("completed 1")) {
      const message = await session.poll({ messageId: lastMessageId, capacity: 5 });
      if (message === undefined) continue;
      lastMessageId = message.messageId;
      story.push(...happenings(message));
      await session.acquire(message.available.map(({ requestId }) => requestId));
      if (message.assigned.length > 0) running.push(startRunner({ clock, sim, service }, set.id));
      if (message.started.length > 0) {
        equal(message.started[0]?.runnerName, "linux-1");
        const runner = await service.findRunner("linux-1");
        equal(runner && await service.removeRunner(runner.id), "busy");
        equal(await service.deleteScaleSet(set.id), "busy");
      }
      await session.acknowledge(message.messageId);
      await session.acknowledge(message.messageId);
    }
  }
  story.push(`exit ${await Promise.all(running)}`);
  equal(await service.findRunner("linux-1"), undefined);
  equal(await service.removeRunner(1), "removed");
  const moved = await service.updateScaleSet(set.id, { name: "new" });
  deepEqual(moved, { ...set, name: "new" });
  equal(await service.deleteScaleSet(set.id), "deleted");
  equal(await service.deleteScaleSet(set.id), "deleted");
  equal(await service.getScaleSet(set.id), undefined);
  equal(await service.openSession(set.id, "me"), "no-scale-set");
  return story;
}

async function startRunner({ clock, sim, service }: Bench, scaleSetId: number): Promise<number> {
  const request = { scaleSetId, runnerName: "linux-1", workFolder: "" };
  const jit = await service.issueJitConfig(request);
  ok(typeof jit !== "string");
  equal(await service.issueJitConfig(request), "name-taken");
  return await runRunner({
    env: { ACTIONS_RUNNER_INPUT_JITCONFIG: jit.encoded.reveal() },
    fetch: sim.handle,
    clock,
    random: seededRandom(3),
    signal: new AbortController().signal,
  });
}

async function opened(service: ActionsService, scaleSetId: number) {
  const session = await service.openSession(scaleSetId, "me");
  ok(session !== "no-scale-set");
  return session;
}

for (const backend of ["broker", "pipelines"] as const) {
  Deno.test(`§19 a job's whole story on the simulated GitHub, ${backend} backend, tokens short`, async () => {
    const setup = bench({ backend, queueTokenLifetimeMs: 30_000, adminTokenLifetimeMs: 90_000 });
    const story = await finished(setup.clock, wholeStory(setup));
    const acquired = backend === "pipelines" ? ["available 1"] : [];
    deepEqual(story, [...acquired, "assigned 1", "started 1", "completed 1", "exit 0"]);
    ok(setup.sim.calls.refreshsession > 0);
    ok(setup.sim.calls.runnerregistration > 1);
    equal(setup.sim.calls.deletesession, 1);
    await setup.sim.stop();
  });
}

Deno.test("F04 a session that the simulated GitHub loses is SessionLost, and another one opens", async () => {
  const { clock, sim, service } = bench({});
  const work = async () => {
    const set = await service.createScaleSet(DRAFT);
    const session = await opened(service, set.id);
    sim.control.loseSession(set.id);
    await rejects(session.poll({ messageId: 0, capacity: 1 }), SessionLost);
    await session[Symbol.asyncDispose]();
    await using next = await opened(service, set.id);
    equal(await next.poll({ messageId: 0, capacity: 1 }), undefined);
  };
  await finished(clock, work());
  equal(sim.calls.deletesession, 1);
  await sim.stop();
});
