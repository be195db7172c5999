import assert from "node:assert/strict";
import { attemptOf } from "../../../controllers/reconcile/attempt.ts";
import type { Plan, StatusWrite } from "../../../controllers/reconcile/reconciler.ts";
import type { Executors, Step } from "../../../controllers/reconcile/step.ts";
import { PODS } from "../../../kube/resources.ts";
import { type Disposition, disposition, HouseError } from "../../../lib/errors.ts";
import { silentLogger } from "../../../lib/log.ts";
import { VirtualClock } from "../../../sim/clock.ts";
import { NEVER } from "../fakes.ts";

const KEY = { namespace: "n", name: "o" };

class Failure extends HouseError {
  override readonly code = "test_failure";
  override readonly disposition: Disposition;
  constructor(what: Disposition) {
    super("it failed");
    this.disposition = what;
  }
}

const step = (name: string): Step => ({
  do: "release-protected",
  type: PODS,
  key: { namespace: "n", name },
});
const create: Step = { do: "create", type: PODS, object: {} };
const status = (delayMs = 0): StatusWrite => ({ type: PODS, key: KEY, patch: { a: 1 }, delayMs });

/** An attempt whose plans and steps are given; tells what was done. */
function trial(options: {
  readonly plan?: () => Plan | undefined;
  readonly run?: (name: string) => unknown;
  readonly afterFailure?: () => StatusWrite | undefined;
}) {
  const done: string[] = [];
  const clock = new VirtualClock();
  const attempt = attemptOf<Plan>({
    name: "test",
    observe: () => Promise.resolve(options.plan?.()),
    plan: (observed) => observed,
    ...(options.afterFailure && { afterFailure: options.afterFailure }),
  }, {
    executors: {
      "release-protected": async ({ key }: { key: { name: string } }) => {
        done.push(key.name);
        return await options.run?.(key.name);
      },
    } as unknown as Executors,
    writeStatus: () => Promise.resolve(void done.push("status")),
    clock,
    log: silentLogger,
  });
  return { done, clock, attempt: () => attempt(KEY, NEVER) };
}

Deno.test("an object that is gone needs nothing", async () => {
  const { attempt, done } = trial({});
  assert.deepEqual([await attempt(), done], [{}, []]);
});

Deno.test("steps run in order, then the status is written, then it is looked again", async () => {
  const plan = { because: "b", steps: [step("1"), step("2")], status: status(), lookAgainMs: 7 };
  const { attempt, done } = trial({ plan: () => plan });
  assert.deepEqual(await attempt(), { lookAgainMs: 7 });
  assert.deepEqual(done, ["1", "2", "status"]);
});

Deno.test("the first failure ends the attempt and is thrown; no status claims otherwise", async () => {
  const failure = new Failure({ kind: "retry" });
  const { attempt, done } = trial({
    plan: () => ({ because: "b", steps: [step("1"), step("2")], status: status() }),
    run: () => Promise.reject(failure),
  });
  await assert.rejects(attempt(), failure);
  assert.deepEqual(done, ["1"]);
});

Deno.test("of a group all are tried, then the first failure is thrown", async () => {
  const { attempt, done } = trial({
    plan: () => ({ because: "b", steps: [[step("1"), step("2"), step("3")], step("4")] }),
    run: (name) => name === "2" ? Promise.reject(new Failure({ kind: "stop" })) : undefined,
  });
  await assert.rejects(attempt(), /it failed/);
  assert.deepEqual(done, ["1", "2", "3"]);
});

for (
  const [says, thrown, tried] of [
    ["refuses one of a crowd", { kind: "stop" }, 32],
    ["wants to be left alone", { kind: "retry-after", ms: 1_000 }, 32],
    ["had a bad moment", { kind: "retry" }, 100],
  ] as const
) {
  Deno.test(`F34: when a server ${says} that is made together, ${tried} of 100 are sent`, async () => {
    let sent = 0;
    const attempt = attemptOf<Plan>({
      name: "test",
      observe: () => Promise.resolve({ because: "b", steps: [Array(100).fill(create)] }),
      plan: (observed) => observed,
    }, {
      executors: {
        create: () => {
          sent++;
          return Promise.reject(new Failure(thrown));
        },
      } as unknown as Executors,
      writeStatus: () => Promise.resolve(),
      clock: new VirtualClock(),
      log: silentLogger,
    });
    await assert.rejects(attempt(KEY, NEVER));
    assert.equal(sent, tried);
  });
}

Deno.test("a large group runs a bounded number at a time, and all of it", async () => {
  let running = 0;
  let most = 0;
  const steps = Array.from({ length: 100 }, (_, i) => step(String(i)));
  const { attempt, done } = trial({
    plan: () => ({ because: "b", steps: [steps] }),
    run: async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
    },
  });
  await attempt();
  assert.deepEqual([done.length, most], [100, 32]);
});

Deno.test("an answer to wait ends the attempt quietly, without a status", async () => {
  const { attempt, done } = trial({
    plan: () => ({ because: "b", steps: [step("1"), step("2")], status: status() }),
    run: () => ({ waitMs: 30_000 }),
  });
  assert.deepEqual(await attempt(), { lookAgainMs: 30_000 });
  assert.deepEqual(done, ["1"]);
});

const DISPOSITIONS: readonly (readonly [
  claim: string,
  thrown: Disposition,
  lookAgainMs: number | undefined,
  expected: Disposition,
])[] = [
  ["keeps its own without a wish", { kind: "stop" }, undefined, { kind: "stop" }],
  ["that stops comes again as wished", { kind: "stop" }, 5_000, { kind: "retry-after", ms: 5_000 }],
  ["that is retried is so, and no later than wished", { kind: "retry" }, 7_000, {
    kind: "retry",
    withinMs: 7_000,
  }],
  ["that is retried sooner stays so", { kind: "retry", withinMs: 30_000 }, 60_000, {
    kind: "retry",
    withinMs: 30_000,
  }],
  ["that is retried never is so in a hurry", { kind: "retry" }, 1, {
    kind: "retry",
    withinMs: 5_000,
  }],
  ["that waits longer comes again as wished", { kind: "retry-after", ms: 60_000 }, 5_000, {
    kind: "retry-after",
    ms: 5_000,
  }],
  ["that waits less stays so", { kind: "retry-after", ms: 1_000 }, 5_000, {
    kind: "retry-after",
    ms: 1_000,
  }],
];

for (const [claim, thrown, lookAgainMs, expected] of DISPOSITIONS) {
  Deno.test(`a failure ${claim}`, async () => {
    const { attempt } = trial({
      plan: () => ({ because: "b", steps: [step("1")], lookAgainMs }),
      run: () => Promise.reject(new Failure(thrown)),
    });
    const error = await attempt().catch((e) => e);
    assert.deepEqual(disposition(error), expected);
    assert.equal(error.code, "test_failure");
  });
}

Deno.test("what a failure means for the status is written before it is thrown", async () => {
  const { attempt, done } = trial({
    plan: () => ({ because: "b", steps: [step("1")] }),
    run: () => Promise.reject(new Failure({ kind: "stop" })),
    afterFailure: () => status(),
  });
  await assert.rejects(attempt());
  assert.deepEqual(done, ["1", "status"]);
});

Deno.test("B9: a status that may wait becomes one write for several changes", async () => {
  const { attempt, clock, done } = trial({
    plan: () => ({ because: "b", steps: [], status: status(1_000) }),
  });
  assert.deepEqual(await attempt(), { lookAgainMs: 1_000 });
  await clock.advance(400);
  assert.deepEqual(await attempt(), { lookAgainMs: 600 }, "no change puts it off again");
  await clock.advance(600);
  assert.deepEqual(await attempt(), {});
  assert.deepEqual(done, ["status"]);
  assert.deepEqual(await attempt(), { lookAgainMs: 1_000 }, "the next one waits anew");
});

Deno.test("a status that may wait is written at once when one comes that may not", async () => {
  let delayMs = 1_000;
  const { attempt, done } = trial({
    plan: () => ({ because: "b", steps: [], status: status(delayMs) }),
  });
  await attempt();
  delayMs = 0;
  assert.deepEqual(await attempt(), {});
  assert.deepEqual(done, ["status"]);
});

Deno.test("a status that became true by itself is not written", async () => {
  let wanted: StatusWrite | undefined = status(1_000);
  const { attempt, clock, done } = trial({
    plan: () => ({ because: "b", steps: [], status: wanted }),
  });
  await attempt();
  wanted = undefined;
  await clock.advance(1_000);
  assert.deepEqual(await attempt(), {});
  assert.deepEqual(done, []);
});
