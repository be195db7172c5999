/** Group A of what must never happen: the session and the listener. */
import assert from "node:assert/strict";
import { allSucceeded, hasSession, jobsOf } from "../journeys/invariants.ts";
import type { Pod } from "../../kube/types.ts";
import type { Stage, Tap } from "../journeys/stage.ts";
import { conditionText, heal, listenerPod, openStory, queue, running, spoil } from "./stories.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;

Deno.test("F01: the listener dies between a message with JobStarted and its write; nothing is lost", async () => {
  const story = await openStory();
  await using stage = story.stage;
  let died = 0;
  const unmarked: string[] = [];
  stage.taps.listener = async (request, send) => {
    const { pathname } = new URL(request.url);
    if (request.method === "DELETE" && /\/message\/\d+$/.test(pathname)) {
      // Acknowledged: by then every runner with a job must be marked.
      for (const { name, jobId } of stage.world.github.control.state().runners) {
        const runner = stage.runners().find(({ metadata }) => metadata?.name === name);
        if (jobId !== undefined && died > 0 && !runner?.status?.jobId) unmarked.push(name);
      }
      return;
    }
    if (!pathname.endsWith("/message") || died > 0) return;
    const response = await send();
    if (response.status !== 200) return response;
    const text = await response.text();
    if (text.includes("JobStarted")) {
      died++;
      for (const listener of stage.listeners) listener.crash();
    }
    return new Response(text, response);
  };
  queue(stage, 1, { durationMs: 5 * MINUTE * 1000 });
  await stage.until("the listener has died", () => died === 1);
  assert.ok(stage.runners().every(({ status }) => !status?.jobId), "not marked yet");
  await stage.until("the runner is marked", () => stage.runners().some((r) => r.status?.jobId), 60);
  await stage.until("the job is done", () => allSucceeded(stage), 6 * MINUTE);
  assert.deepEqual(unmarked, []);
  story.check();
});

Deno.test("F02: the node under the listener loses power; another one polls within 60 s", async () => {
  const story = await openStory();
  await using stage = story.stage;
  await stage.pass(MINUTE);
  const before = listenerPod(stage);
  stage.world.kubelet.killNode(before?.spec?.nodeName ?? "");
  await stage.pass(0);
  const polls = stage.world.github.calls.poll;
  await stage.until("another listener polls", () => stage.world.github.calls.poll > polls, MINUTE);
  assert.notEqual(listenerPod(stage)?.metadata?.uid, before?.metadata?.uid);
  queue(stage, 3);
  await stage.until("the jobs are done", () => allSucceeded(stage), 2 * MINUTE);
  story.check();
});

Deno.test("F03: a session that is held elsewhere is waited for with patience and taken within 30 s", async () => {
  const story = await openStory();
  await using stage = story.stage;
  const { calls, control } = stage.world.github;
  spoil(stage, ["createsession"], {
    do: "answer",
    status: 409,
    body: JSON.stringify({
      typeName: "GitHub.Actions.RunService.WebApi.RunnerScaleSetSessionConflictException",
      message: "already has an active session for owner somebody-else",
    }),
    headers: { "content-type": "application/json" },
  });
  control.loseSession(1);
  await stage.until("a condition tells", () => {
    return conditionText(stage, "SessionHealthy") === "False SessionConflict";
  }, MINUTE);
  const listeners = [...stage.listeners];
  const attempts = calls.createsession;
  await stage.pass(20 * MINUTE);
  const tried = calls.createsession - attempts;
  assert.ok(tried >= 40 && tried <= 130, `${tried} attempts in 20 min`);
  assert.deepEqual([...stage.listeners], listeners, "the process stays");
  heal(stage);
  await stage.until("the session is taken", () => hasSession(stage), 30);
  await stage.until("all is well", () => {
    return conditionText(stage, "SessionHealthy") === "True Polling";
  }, MINUTE);
  story.check();
});

Deno.test("F03: a second listener of the same set never holds the session beside the first", async () => {
  const story = await openStory();
  await using stage = story.stage;
  const { control } = stage.world.github;
  await stage.pass(MINUTE);
  // SIGKILL: nobody closes the session, and GitHub believes in it for a minute.
  for (const listener of stage.listeners) listener.crash();
  queue(stage, 2);
  await stage.until("its successor has taken over", () => {
    const [set] = control.state().scaleSets;
    return running(stage) === 2 && set?.session !== undefined;
  }, 30);
  await stage.until("the jobs are done", () => allSucceeded(stage), MINUTE);
  story.check();
});

Deno.test("F04: a session that cannot be refreshed is replaced; nothing is lost or doubled", async () => {
  const story = await openStory({ github: { queueTokenLifetimeMs: 120_000 } });
  await using stage = story.stage;
  const listeners = [...stage.listeners];
  let lost = 0;
  const tap: Tap = (request) => {
    if (request.method !== "PATCH" || !/\/sessions\//.test(request.url)) return;
    lost++;
    stage.world.github.control.loseSession(1);
  };
  stage.taps.listener = tap;
  for (let round = 0; round < 4; round++) {
    queue(stage, 3, { durationMs: { fromMs: 5_000, toMs: 90_000 } });
    await stage.pass(2 * MINUTE);
  }
  await stage.until("the jobs are done", () => allSucceeded(stage), 3 * MINUTE);
  assert.ok(lost >= 2, `lost ${lost} times`);
  assert.deepEqual([...stage.listeners], listeners, "the process stays");
  await stage.until("no runner is left", () => stage.runners().length === 0, 2 * MINUTE);
  story.check();
});

for (const operation of ["poll", "refreshsession"] as const) {
  Deno.test(`F04: a ${operation} that is answered 404 once, though the session lives, costs seconds`, async () => {
    const story = await openStory({
      github: { queueTokenLifetimeMs: 120_000, sessionIdleMs: 60 * MINUTE * 1000 },
    });
    await using stage = story.stage;
    const { control } = stage.world.github;
    const session = () => control.state().scaleSets[0]?.session?.id;
    const before = session();
    control.setFaults([{ operation, times: 1, effect: { do: "answer", status: 404 } }]);
    await stage.until("another session is held", () => {
      return hasSession(stage) && session() !== before;
    }, 3 * MINUTE + 10);
    const polls = stage.world.github.calls.poll;
    await stage.until("it is polled", () => stage.world.github.calls.poll > polls, 2 * MINUTE);
    queue(stage, 2);
    await stage.until("the jobs are done", () => allSucceeded(stage), MINUTE);
    story.check();
  });
}

Deno.test("F07: a session whose every token the queue refuses is replaced within a minute", async () => {
  const story = await openStory();
  await using stage = story.stage;
  const session = () => stage.world.github.control.state().scaleSets[0]?.session?.id;
  const before = session();
  stage.taps.listener = (request) => {
    if (!request.url.includes("/message") || session() !== before) return;
    return Response.json({ message: "refused" }, { status: 401 });
  };
  await stage.until("another session is held", () => {
    return hasSession(stage) && session() !== before;
  }, 2 * MINUTE); // the poll under way lasts for 50 s
  queue(stage, 2);
  await stage.until("the jobs are done", () => allSucceeded(stage), MINUTE);
  story.check();
});

Deno.test('F05: a session without a queue is an error that is told and retried, and "" is not polled', async () => {
  const story = await openStory();
  await using stage = story.stage;
  const { calls, control } = stage.world.github;
  const asked: string[] = [];
  stage.taps.listener = (request) => void asked.push(request.url);
  spoil(stage, ["createsession"], { do: "rewrite", mergePatch: { messageQueueUrl: "" } });
  control.loseSession(1);
  await stage.until("a condition tells", () => {
    return conditionText(stage, "SessionHealthy") === "False BadAnswer";
  }, 2 * MINUTE);
  const polls = calls.poll;
  await stage.pass(10 * MINUTE);
  assert.equal(calls.poll, polls);
  assert.ok(asked.every((url) => /^https:\/\//.test(url)));
  assert.equal(stage.listeners.size, 1);
  heal(stage);
  await stage.until("all is well", () => {
    return conditionText(stage, "SessionHealthy") === "True Polling";
  }, 2 * MINUTE);
  story.check();
});

Deno.test("F06: after an hour without GitHub busy runners are untouched and scaling resumes within 60 s", async () => {
  const story = await openStory({ set: { min: 2 } });
  await using stage = story.stage;
  await stage.until("two are idle", () => stage.runners().length === 2, MINUTE);
  queue(stage, 3, { durationMs: 2 * HOUR * 1000 });
  await stage.until("three jobs run", () => running(stage) === 3, MINUTE);
  await stage.pass(2 * MINUTE);
  const busy = busyNames(stage);
  const before = ourCalls(stage);
  const OURS = ["createsession", "refreshsession", "deletesession", "poll", "ack"] as const;
  spoil(stage, [...OURS, "generatejitconfig", "removerunner"], { do: "answer", status: 503 });
  queue(stage, 4);
  await stage.pass(HOUR);
  const requests = ourCalls(stage) - before;
  assert.ok(requests < 1_000, `${requests} requests in an hour`);
  assert.equal(conditionText(stage, "SessionHealthy"), "False GitHubUnavailable");
  assert.deepEqual(busyNames(stage), busy);
  heal(stage);
  await stage.until("all jobs run", () => {
    return jobsOf(stage).every(({ state }) => state === "running" || state === "completed");
  }, MINUTE);
  await stage.until("all jobs are done", () => allSucceeded(stage), 3 * HOUR);
  story.check();
});

Deno.test("F06: idle runners that GitHub forgot while it was away are found and replaced, the others stay", async () => {
  const silent: string[] = [];
  const runnerScript = ({ metadata }: Pod) => {
    if (silent.length > 0) return "run";
    silent.push(metadata?.name ?? "");
    return "fall-silent"; // it would never notice that it was forgotten
  };
  const story = await openStory({ set: { min: 4 }, runnerScript });
  await using stage = story.stage;
  const { control } = stage.world.github;
  await stage.until("four are idle", () => idleAgents(stage).length === 4, 2 * MINUTE);
  const forgotten = idleAgents(stage).find(({ name }) => silent.includes(name));
  const kept = idleAgents(stage).filter(({ name }) => !silent.includes(name));
  spoil(stage, ["*"], { do: "answer", status: 503 });
  await stage.pass(30 * MINUTE);
  assert.ok(control.forgetRunner(forgotten?.id ?? 0));
  await stage.pass(30 * MINUTE);
  heal(stage);
  control.loseSession(1);
  await stage.until("another one is in its place", () => {
    const names = idleAgents(stage).map(({ name }) => name);
    return names.length === 4 && !names.includes(forgotten?.name ?? "");
  }, 10 * MINUTE);
  const names = new Set(idleAgents(stage).map(({ name }) => name));
  assert.ok(kept.every(({ name }) => names.has(name)), "those that GitHub knows stay");
  story.check();
});

function idleAgents(stage: Stage) {
  return stage.world.github.control.state().runners.filter(({ state }) => state === "online");
}

const REFUSALS = [
  { status: 401 },
  { status: 403 },
  { status: 429 },
  { status: 429, retryAfterSeconds: 90 },
  { status: 403, retryAfterSeconds: 90 },
] as const;

for (const refusal of REFUSALS) {
  const words = JSON.stringify(refusal);
  Deno.test(`F07: ${words} is obeyed or waited out, and other sets do not notice`, async () => {
    const story = await openStory();
    await using stage = story.stage;
    await stage.addSet({ name: "other", namespace: "team-b", url: "https://github.com/globex" });
    await stage.until("both are heard", () => {
      return stage.world.github.control.state().scaleSets.filter((set) => set.session).length === 2;
    }, MINUTE);
    const atS: number[] = [];
    stage.taps.listener = (request) => {
      if (!/\/sessions|\/message/.test(request.url) || !isOfFirst(request)) return;
      atS.push(stage.clock.now().getTime() / 1000);
      return Response.json({ message: "refused" }, {
        status: refusal.status,
        headers: "retryAfterSeconds" in refusal
          ? { "retry-after": `${refusal.retryAfterSeconds}` }
          : {},
      });
    };
    stage.world.github.control.loseSession(1);
    await stage.pass(30 * MINUTE);
    const others = { labels: ["other"], scope: "globex", count: 3, durationMs: 10_000 };
    stage.world.github.control.queueJobs(others);
    await stage.until("the other set works", () => allSucceeded(stage), MINUTE);
    assert.match(conditionText(stage, "SessionHealthy", "linux"), /^False/);
    assert.equal(conditionText(stage, "SessionHealthy", "other"), "True Polling");
    assert.ok(atS.length < 200, `${atS.length} calls in half an hour`);
    if ("retryAfterSeconds" in refusal) {
      const gaps = gapsOf(atS).filter((gap) => gap > 1);
      assert.ok(gaps.every((gap) => gap >= refusal.retryAfterSeconds), gaps.join(" "));
    }
    stage.taps.listener = undefined;
    queue(stage, 2);
    await stage.until("the set works again", () => allSucceeded(stage), 7 * MINUTE);
    story.check();
  });
}

Deno.test("F08: the controller dies 20 times in 10 min under load; no demand is lost, no runner too many", async () => {
  const story = await openStory({ max: 10 });
  await using stage = story.stage;
  queue(stage, 60, { durationMs: { fromMs: 10_000, toMs: 90_000 } });
  for (let time = 0; time < 20; time++) {
    await stage.pass(20 + (time % 7) * 3);
    story.crashController();
    await stage.pass(2);
    story.startController();
  }
  await stage.until("all jobs are done", () => allSucceeded(stage), 30 * MINUTE);
  assert.equal(jobsOf(stage).length, 60);
  await stage.until("no runner is left", () => stage.runners().length === 0, 3 * MINUTE);
  story.check();
});

Deno.test("F09: a restart with 50 jobs in the queue wants 50 runners before it hears any message", async () => {
  const story = await openStory();
  await using stage = story.stage;
  // Nobody to start runners: the jobs wait, assigned, and their messages are deleted.
  story.crashController();
  queue(stage, 50);
  await stage.pass(10);
  for (const listener of stage.listeners) listener.crash();
  stage.world.github.control.loseSession(1);
  const orders: unknown[] = [];
  let polls = 0;
  stage.taps.listener = async (request) => {
    if (request.url.includes("/message")) polls++;
    if (!request.url.includes("ephemeralrunnersets") || polls > 0) return;
    orders.push((await request.clone().json()).spec.replicas);
  };
  story.startController();
  await stage.until("all jobs run", () => running(stage) === 50, 2 * MINUTE);
  assert.deepEqual(orders, [50]);
  await stage.until("all jobs are done", () => allSucceeded(stage), MINUTE);
  story.check();
});

for (const effect of ["hang", "stall"] as const) {
  Deno.test(`a queue that does not answer (${effect}) is asked again after 90 s, and a condition tells`, async () => {
    const story = await openStory();
    await using stage = story.stage;
    spoil(stage, ["poll"], { do: effect });
    await stage.pass(MINUTE);
    queue(stage, 2);
    await stage.until("a condition tells", () => {
      return conditionText(stage, "SessionHealthy") === "False NoAnswer";
    }, 4 * MINUTE);
    assert.ok(jobsOf(stage).every(({ state }) => state !== "completed"));
    heal(stage);
    await stage.until("the jobs are done", () => allSucceeded(stage), 3 * MINUTE);
    await stage.until("all is well", () => {
      return conditionText(stage, "SessionHealthy") === "True Polling";
    }, 2 * MINUTE);
    story.check();
  });
}

function busyNames(stage: Stage): readonly (string | undefined)[] {
  return stage.runners().filter(({ status }) => status?.jobId).map((r) => r.metadata?.name).sort();
}

/** Calls of ours, not those of the runners. */
function ourCalls(stage: Stage): number {
  return Object.entries(stage.world.github.calls).filter(([name]) => !/^runner(?!reg)/.test(name))
    .reduce((sum, [, count]) => sum + count, 0);
}

function gapsOf(times: readonly number[]): readonly number[] {
  return times.slice(1).map((at, i) => at - (times[i] ?? 0));
}

function isOfFirst(request: Request): boolean {
  return JSON.parse(request.headers.get("user-agent") ?? "{}").scale_set_id === 1;
}
