import assert from "node:assert/strict";
import { GitHubError } from "../../github/errors.ts";
import type { JobMessage } from "../../github/messages.ts";
import { KubeError } from "../../kube/errors.ts";
import { firstSequence } from "../../listener/first_sequence.ts";
import { settle } from "../../sim/clock.ts";
import { type FakeGitHub, Mortal, POLL_MS } from "./fakes.ts";
import { aJob, aMessage, completed, started, statistics } from "./jobs.ts";
import { aDocument, aWorld, ourDocument, startListening, type World } from "./listening.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The number of a listener's first order after the exact one. */
function firstNumber({ clock }: World): number {
  return firstSequence(clock.now()) + 1;
}

function targets({ cluster }: World): readonly number[] {
  return cluster.orders.map(([target]) => target);
}

/** One job that started on runner-a, one that runner-b ended. */
function startAndEnd(messageId: number): JobMessage {
  return aMessage(messageId, statistics(3, { running: 1 }), {
    available: [aJob("x", { requestId: 9 })],
    started: [started("runner-a")],
    completed: [completed("runner-b")],
  });
}

Deno.test("B2: a message is acknowledged last, after the cluster holds what it says", async () => {
  const world = aWorld();
  const { clock, github, cluster } = world;
  cluster.addRunner("runner-a");
  let atAcknowledge: unknown;
  github.onAcknowledge = () => {
    const { jobId } = cluster.runners.get("runner-a")?.status ?? {};
    atAcknowledge = [jobId, cluster.runnerSet.spec?.replicas, github.count("acquire")];
  };
  const listening = startListening(world);
  await clock.advance(0);
  github.push(startAndEnd(5));
  await clock.advance(0);
  assert.deepEqual(atAcknowledge, ["job-of-runner-a", 3, 1]);
  assert.deepEqual(github.acknowledged, [5]);
  await listening.stop();
});

Deno.test("B9: empty polls write nothing", async () => {
  const world = aWorld();
  const listening = startListening(world, { document: aDocument({ min_runners: 2 }) });
  await world.clock.advance(10 * HOUR);
  assert.deepEqual(world.cluster.orders, [[2, 0]]);
  assert.equal(world.github.count("poll"), 10 * HOUR / POLL_MS + 1);
  await listening.stop();
});

Deno.test("F01: dropped at any point between poll and acknowledge, nothing is lost and nothing doubled", async () => {
  const rehearsal = await crashedAt(Infinity);
  const first = rehearsal.points.indexOf("before open");
  const last = rehearsal.points.indexOf("after acknowledge");
  assert.ok(first >= 0 && last > first + 8, rehearsal.points.join(", "));
  for (let point = first; point <= last; point++) await crashedAt(point);
});

/** Runs a listener that dies at the nth point, then another one; checks that together they did the work of one. */
async function crashedAt(point: number): Promise<Mortal> {
  const world = aWorld();
  const { clock, github, cluster } = world;
  cluster.addRunner("runner-a");
  github.onAcknowledge = () => {
    assert.equal(cluster.runners.get("runner-a")?.status?.jobId, "job-of-runner-a");
    assert.equal(cluster.runnerSet.spec?.replicas, 3);
  };
  const mortal = new Mortal(point);
  github.push(startAndEnd(5));
  github.statistics = statistics(3, { running: 1 });
  const doomed = startListening(world, { gate: mortal.gate });
  await clock.advance(MINUTE);
  assert.equal(mortal.isDead, point !== Infinity);
  if (!mortal.isDead) {
    await doomed.stop();
    return mortal;
  }
  const heir = startListening(world, { owner: "listener-1" });
  await clock.advance(2 * MINUTE); // GitHub has not noticed yet
  github.sessions.clear();
  await clock.advance(MINUTE);
  const at = `dropped ${mortal.points.at(-1)}`;
  assert.deepEqual(github.acknowledged, [5], at);
  assert.deepEqual(github.undelivered, [], at);
  assert.equal(cluster.runners.get("runner-a")?.status?.jobId, "job-of-runner-a", at);
  assert.equal(cluster.runnerSet.spec?.replicas, 3, at);
  await heir.stop();
  return mortal;
}

Deno.test("F03: a session held by another is waited for, taken within 30 s, and never held twice", async () => {
  const world = aWorld();
  const { clock, github } = world;
  const first = startListening(world, { owner: "a" });
  await clock.advance(MINUTE);
  const second = startListening(world, { owner: "b", seed: 2 });
  await clock.advance(10 * MINUTE);
  assert.ok(!second.hasEnded);
  assert.match(String(second.readiness.at(-1)), /active/);
  const attempts = github.count("open b");
  assert.ok(attempts >= 20 && attempts <= 60, `${attempts} attempts in 10 min`);
  await first.stop();
  const isTaken = await clock.runUntil(() => github.sessions.size === 1, { limitMs: 30_000 });
  assert.ok(isTaken);
  assert.equal(github.mostSessions, 1);
  await settle();
  assert.equal(second.readiness.at(-1), undefined);
  await second.stop();
});

Deno.test("F04: a lost session is replaced at once and an unacknowledged message scales once", async () => {
  const world = aWorld();
  const { clock, github, cluster } = world;
  cluster.addRunner("runner-a");
  const listening = startListening(world);
  await clock.advance(0);
  const base = firstNumber(world);
  // Lost at the very moment of the acknowledgement: everything is done but that.
  let isLost = false;
  github.faults = (call) => {
    if (call.startsWith("acknowledge") && !isLost) {
      isLost = true;
      github.sessions.clear();
    }
  };
  github.push(startAndEnd(5));
  await clock.advance(5_000);
  assert.equal(github.count("open"), 2);
  assert.equal(github.count("acquire"), 1);
  assert.deepEqual(github.acknowledged, [5]);
  assert.deepEqual(cluster.orders, [[0, 0], [3, base], [3, base + 1]]);
  assert.equal(cluster.patches.filter(({ path }) => path === "ephemeralrunners/status").length, 1);
  assert.match(await listening.metrics.render(), /gha_started_jobs_total\{[^}]*\} 1\n/);
  // A message that came before the new session is not lost either.
  github.push(aMessage(6, statistics(4)));
  await clock.advance(1_000);
  assert.deepEqual(github.acknowledged, [5, 6]);
  assert.equal(cluster.runnerSet.spec?.replicas, 4);
  await listening.stop();
});

Deno.test("F06: an hour of failures costs few requests, and scaling resumes within 60 s", async () => {
  const world = aWorld();
  const { clock, github } = world;
  const listening = startListening(world);
  await clock.advance(MINUTE);
  const before = github.calls.length;
  let isDown = true;
  github.faults = () => {
    if (isDown) throw new GitHubError("github_unavailable", "HTTP 503", { status: 503 });
  };
  await clock.advance(HOUR);
  const requests = github.calls.length - before;
  assert.ok(requests <= 200, `${requests} requests in an hour`);
  assert.ok(!listening.hasEnded);
  assert.match(String(listening.readiness.at(-1)), /503/);
  isDown = false;
  github.push(aMessage(1, statistics(2)));
  const isScaled = () => targets(world).at(-1) === 2;
  assert.ok(await clock.runUntil(isScaled, { limitMs: 60_000 }));
  await listening.stop();
});

const REFUSALS = [
  ["429 with Retry-After", { code: "github_rate_limited", status: 429, waitMs: 77_000 }],
  ["403 with Retry-After", { code: "github_rate_limited", status: 403, waitMs: 45_000 }],
  ["429", { code: "github_rate_limited", status: 429 }],
  ["401", { code: "github_unauthorized", status: 401 }],
  ["403", { code: "github_forbidden", status: 403 }],
] as const;

for (const [words, refusal] of REFUSALS) {
  Deno.test(`F07: ${words} is waited out with patience`, async () => {
    const world = aWorld();
    const { clock, github } = world;
    const waitMs = "waitMs" in refusal ? refusal.waitMs : undefined;
    const atMs: number[] = [];
    github.faults = (call) => {
      if (!call.startsWith("open")) return;
      atMs.push(clock.now().getTime());
      throw new GitHubError(refusal.code, words, {
        status: refusal.status,
        ...(waitMs === undefined ? {} : { disposition: { kind: "retry-after", ms: waitMs } }),
      });
    };
    const listening = startListening(world);
    await clock.advance(2 * HOUR);
    const gaps = atMs.slice(1).map((at, i) => at - (atMs[i] as number));
    if (waitMs === undefined) {
      assert.ok(gaps.every((gap) => gap >= 1_000 && gap <= 300_000), gaps.join(" "));
      assert.ok((gaps[4] as number) > 2 * (gaps[0] as number), "grows");
    } else assert.ok(gaps.every((gap) => gap >= waitMs && gap <= waitMs + 1_000), gaps.join(" "));
    assert.ok(!listening.hasEnded);
    await listening.stop();
  });
}

Deno.test("§20.49, F09: 50 queued jobs are 50 runners from the opening statistics, before any message", async () => {
  const world = aWorld();
  world.github.statistics = statistics(50);
  const listening = startListening(world);
  await world.clock.advance(0);
  assert.deepEqual(world.cluster.orders, [[50, 0]]);
  assert.equal(world.github.acknowledged.length, 0);
  await listening.stop();
});

Deno.test("F12: a message that is delivered again changes nothing", async () => {
  const world = aWorld();
  const { clock, github, cluster } = world;
  cluster.addRunner("runner-a");
  const listening = startListening(world);
  await clock.advance(0);
  const news = { assigned: [aJob("a"), aJob("a")], started: [started("runner-a")] };
  github.push(aMessage(1, statistics(1, { running: 1 }), news));
  await clock.advance(1_000);
  github.push(aMessage(2, statistics(1, { running: 1 }), news));
  await clock.advance(1_000);
  assert.deepEqual(targets(world), [0, 1]);
  assert.equal(cluster.patches.filter(({ path }) => path === "ephemeralrunners/status").length, 1);
  assert.deepEqual(github.acknowledged, [1, 2]);
  await listening.stop();
});

Deno.test("F05: a session that cannot be opened is tried again, and nothing is polled meanwhile", async () => {
  const world = aWorld();
  const { clock, github } = world;
  let isBroken = true;
  github.faults = (call) => {
    if (isBroken && call.startsWith("open")) {
      throw new GitHubError("github_bad_answer", "the session has no queue URL");
    }
  };
  const listening = startListening(world);
  await clock.advance(10 * MINUTE);
  assert.equal(github.count("poll"), 0);
  assert.match(String(listening.readiness.at(-1)), /queue URL/);
  isBroken = false;
  assert.ok(await clock.runUntil(() => github.count("poll") > 0, { limitMs: 60_000 }));
  await listening.stop();
});

Deno.test("B10: a scale set that GitHub forgot is reported and waited for, without exit or spinning", async () => {
  const world = aWorld();
  const { clock, github, cluster } = world;
  github.isScaleSetKnown = false;
  const listening = startListening(world, { document: ourDocument() });
  await clock.advance(HOUR);
  assert.ok(!listening.hasEnded);
  assert.ok(github.count("open") < 150, `${github.count("open")} attempts in an hour`);
  assert.match(String(listening.readiness.at(-1)), /scale set 7/);
  assert.deepEqual(cluster.patches.map(({ body }) => body), [
    { spec: { listenerReport: "no-scale-set:7" } },
  ]);
  github.isScaleSetKnown = true;
  await clock.advance(MINUTE);
  assert.equal(listening.readiness.at(-1), undefined);
  assert.equal(cluster.runnerSet.spec?.listenerReport, undefined);
  await listening.stop();
});

Deno.test("another controller is told nothing that ARC's listener would not tell it", async () => {
  const world = aWorld();
  const { clock, github, cluster } = world;
  cluster.addRunner("runner-a");
  github.isScaleSetKnown = false;
  const listening = startListening(world);
  await clock.advance(10 * MINUTE);
  github.isScaleSetKnown = true;
  await clock.advance(MINUTE);
  github.push(startAndEnd(5));
  await clock.advance(MINUTE);
  github.sessions.clear();
  github.sessions.add("somebody-else");
  await clock.advance(10 * MINUTE);
  assert.match(String(listening.readiness.at(-1)), /active/);
  const words = cluster.patches.map(({ path, body }) => {
    const { spec = {} } = body as { readonly spec?: object };
    return path === "ephemeralrunnersets" ? Object.keys(spec).join() : path;
  }).filter((text) => text !== ""); // a look changes nothing
  assert.deepEqual([...new Set(words)], ["patchID,replicas", "ephemeralrunners/status"]);
  await listening.stop();
});

Deno.test("§20.54: under another controller, a number that somebody changed is put right within minutes", async () => {
  const world = aWorld();
  const { clock, github, cluster } = world;
  const base = firstNumber(world);
  const listening = startListening(world, { document: aDocument({ min_runners: 2 }) });
  await clock.advance(HOUR);
  assert.deepEqual(cluster.orders, [[2, 0]]);
  assert.ok(cluster.patches.length <= 13, `${cluster.patches.length} calls in an idle hour`);
  // Deleted, and made anew by its controller.
  cluster.runnerSet = { ...cluster.runnerSet, spec: { patchID: 0 } };
  await clock.advance(6 * MINUTE);
  assert.deepEqual(cluster.orders.slice(1), [[2, 0]]);
  github.push(aMessage(1, statistics(3)));
  await clock.advance(1_000);
  assert.equal(cluster.orders.at(-1)?.[0], 5);
  // Edited by hand.
  cluster.runnerSet = { ...cluster.runnerSet, spec: { patchID: base, replicas: 9 } };
  await clock.advance(6 * MINUTE);
  assert.equal(cluster.runnerSet.spec?.replicas, 5);
  assert.ok((cluster.runnerSet.spec?.patchID ?? 0) > base, "a new number");
  await listening.stop();
});

Deno.test("B10: told to stop while polling, it closes the session and ends without an error", async () => {
  const world = aWorld();
  const { clock, github } = world;
  let openSessions = -1;
  const listening = startListening(world, {
    onClosed: () => {
      openSessions = github.sessions.size;
    },
  });
  await clock.advance(10_000);
  await listening.stop();
  assert.equal(openSessions, 0, "the metrics go after the session");
  assert.equal(github.calls.at(-1), "close");
});

Deno.test("B10: a message in hand is finished before the session is closed", async () => {
  const world = aWorld();
  const { clock, github, cluster } = world;
  let isDown = true;
  cluster.faults = (call) => {
    if (isDown && call === "patch ephemeralrunnersets" && targets(world).length > 0) {
      throw new KubeError("Cannot patch: HTTP 503", { code: "kube_unavailable", httpStatus: 503 });
    }
  };
  const listening = startListening(world);
  await clock.advance(0);
  github.push(startAndEnd(5));
  await clock.advance(500);
  const stopped = listening.stop();
  isDown = false;
  await clock.advance(10_000);
  await stopped;
  assert.deepEqual(targets(world), [0, 3]);
  assert.deepEqual(github.calls.slice(-2), ["acknowledge 5", "close"]);
});

Deno.test("B10: a message that cannot be finished within 20 s is left for the next life", async () => {
  const world = aWorld();
  const { clock, github, cluster } = world;
  const listening = startListening(world);
  await clock.advance(0);
  cluster.faults = () => {
    throw new KubeError("Cannot patch: HTTP 503", { code: "kube_unavailable", httpStatus: 503 });
  };
  github.push(startAndEnd(5));
  await clock.advance(MINUTE);
  const stopped = listening.stop();
  await clock.advance(19_000);
  assert.ok(!listening.hasEnded);
  await clock.advance(1_000);
  await stopped;
  assert.deepEqual(github.undelivered, [5]);
  assert.equal(github.sessions.size, 0);
});

Deno.test("B3: a changed limit is an order and a new capacity at once, without a restart", async () => {
  const world = aWorld();
  const { clock, github, cluster } = world;
  github.statistics = statistics(8);
  cluster.setListener({ minRunners: 0, maxRunners: 5 });
  const listening = startListening(world, { document: ourDocument({ max_runners: 5 }) });
  await clock.advance(10_000);
  assert.deepEqual(cluster.orders, [[5, 0]]);
  assert.equal(github.calls.at(-1), "poll 0 5");
  cluster.setListener({ minRunners: 1, maxRunners: 20 });
  await clock.advance(0);
  assert.deepEqual(cluster.orders, [[5, 0], [9, 0]]);
  assert.equal(github.calls.at(-1), "poll 0 20");
  assert.equal(github.count("open"), 1);
  assert.match(await listening.metrics.render(), /gha_max_runners\{[^}]*\} 20\n/);
  await listening.stop();
});

Deno.test("a poll that is silent for 90 s is cut off and repeated", async () => {
  const world = aWorld();
  const { clock, github } = world;
  github.faults = (call) => call.startsWith("poll") ? "hang" : undefined;
  const listening = startListening(world);
  await clock.advance(15 * MINUTE);
  assert.equal(github.count("poll"), 11);
  github.faults = () => {};
  github.push(aMessage(1, statistics(1)));
  assert.ok(await clock.runUntil(() => targets(world).at(-1) === 1, { limitMs: 91_000 }));
  await listening.stop();
});

Deno.test("a poll that answers at once with nothing is not repeated at once", async () => {
  const world = aWorld();
  const { clock, github } = world;
  const listening = startListening({
    ...world,
    github: impatient(github),
  });
  await clock.advance(MINUTE);
  assert.ok(github.count("poll") <= 61, `${github.count("poll")} polls in a minute`);
  await listening.stop();
});

/** The same GitHub, whose empty polls take no time. */
function impatient(github: FakeGitHub): FakeGitHub {
  return new Proxy(github, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== "service") return typeof value === "function" ? value.bind(target) : value;
      return () => ({
        openSession: async (
          ...args: Parameters<ReturnType<FakeGitHub["service"]>["openSession"]>
        ) => {
          const session = await target.service().openSession(...args);
          return session === "no-scale-set" ? session : {
            ...session,
            poll: () => {
              target.calls.push("poll");
              return Promise.resolve(undefined);
            },
            [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
          };
        },
      });
    },
  });
}

Deno.test("jobs that cannot be acquired for the moment do not hold up the runners", async () => {
  const world = aWorld();
  const { clock, github, cluster } = world;
  cluster.addRunner("runner-a");
  let isDown = true;
  github.faults = (call) => {
    if (isDown && call.startsWith("acquire")) {
      throw new GitHubError("github_unavailable", "HTTP 503", { status: 503 });
    }
  };
  const listening = startListening(world);
  await clock.advance(0);
  github.push(startAndEnd(5));
  await clock.advance(MINUTE);
  assert.deepEqual(targets(world), [0, 3]);
  assert.deepEqual(github.acknowledged, [], "not before everything is done");
  isDown = false;
  await clock.advance(MINUTE);
  assert.deepEqual(github.acknowledged, [5]);
  assert.match(await listening.metrics.render(), /gha_started_jobs_total\{[^}]*\} 1\n/);
  await listening.stop();
});

Deno.test("jobs that GitHub refuses to hand out do not block the queue", async () => {
  const world = aWorld();
  const { clock, github } = world;
  github.faults = (call) => {
    if (call.startsWith("acquire")) throw new GitHubError("github_refused", "HTTP 400");
  };
  const listening = startListening(world);
  await clock.advance(0);
  github.push(startAndEnd(5));
  await clock.advance(1_000);
  assert.deepEqual(github.acknowledged, [5]);
  await listening.stop();
});

Deno.test("a poll that is refused for good is tried on another session", async () => {
  const world = aWorld();
  const { clock, github } = world;
  let refused = 0;
  github.faults = (call) => {
    if (call.startsWith("poll") && refused++ < 3) throw new GitHubError("github_forbidden", "403");
  };
  const listening = startListening(world);
  await clock.advance(MINUTE);
  assert.equal(github.count("open"), 4);
  assert.equal(listening.readiness.at(-1), undefined);
  await listening.stop();
});

Deno.test("F30: a listener that was refused tries other credentials as soon as it has them", async () => {
  const world = aWorld();
  const { clock, github } = world;
  let token = "token";
  github.faults = (call) => {
    if (token === "token" && call.startsWith("open")) {
      throw new GitHubError("github_unauthorized", "401");
    }
  };
  const read = () => JSON.stringify(aDocument({ github_token: token }));
  const listening = startListening(world, { read });
  await clock.advance(HOUR);
  assert.match(String(listening.readiness.at(-1)), /401/);
  token = "another";
  await clock.advance(11_000);
  assert.equal(listening.readiness.at(-1), undefined);
  await listening.stop();
});
