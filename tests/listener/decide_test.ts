import assert from "node:assert/strict";
import type { JobMessage } from "../../github/messages.ts";
import {
  countedState,
  decide,
  type Decision,
  initialState,
  type Limits,
  type ListenerState,
  reopenedState,
} from "../../listener/decide.ts";
import { aJob, aMessage, completed, started, statistics, withdrawn } from "./jobs.ts";

const PURE = { permissions: "none" } as const;
const UNLIMITED = 2147483647;

function limits(minRunners: number, maxRunners = UNLIMITED): Limits {
  return { minRunners, maxRunners };
}

/** A call `1d` of the vectors: the count, and whether a job began or ended just before. */
type Call = `${number}` | `${number}d`;

function told(call: Call, at: number): JobMessage {
  const count = Number.parseInt(call);
  return aMessage(at, statistics(count), {
    started: call.endsWith("d") ? [started(`runner-${at}`)] : [],
  });
}

function afterCalls(state: ListenerState, calls: readonly Call[], within: Limits): Decision[] {
  return calls.map((call, at) => {
    const decision = decide(state, told(call, at + 1), within);
    state = decision.next;
    return decision;
  });
}

const INF = UNLIMITED;
type Vector = readonly [
  min: number,
  max: number,
  ...(readonly [Call, target: number, patchId: number, sequence: number])[],
];

/** listener.md §6.1, row by row. */
const VECTORS: readonly Vector[] = [
  [0, INF, ["0", 0, 0, 0]],
  [0, INF, ["1", 1, 0, 0]],
  [0, INF, ["1", 1, 0, 0], ["0d", 0, 1, 1]],
  [0, INF, ["1", 1, 0, 0], ["1", 1, 1, 1]],
  [0, INF, ["1d", 1, 0, 0]],
  [0, INF, ["1d", 1, 0, 0], ["0d", 0, 1, 1]],
  [1, INF, ["0", 1, 0, 0]],
  [1, INF, ["2", 3, 0, 0], ["0d", 1, 1, 1]],
  [1, INF, ["3", 4, 0, 0], ["0d", 1, 1, 1], ["0", 1, 0, 2]],
  [0, 5, ["0", 0, 0, 0]],
  [0, 5, ["2", 2, 0, 0], ["0d", 0, 1, 1]],
  [0, 5, ["6", 5, 0, 0]],
  [0, 5, ["5", 5, 0, 0]],
  [0, 5, ["1", 1, 0, 0], ["6d", 5, 1, 1]],
  [0, 5, ["6", 5, 0, 0], ["0d", 0, 1, 1]],
  [0, 5, ["3", 3, 0, 0], ["0d", 0, 1, 1], ["0", 0, 0, 2]],
  [1, 3, ["0", 1, 0, 0]],
  [1, 3, ["2", 3, 0, 0], ["0d", 1, 1, 1]],
  [1, 3, ["4", 3, 0, 0]],
  [1, 3, ["3", 3, 0, 0]],
  [1, 3, ["3", 3, 0, 0], ["0d", 1, 1, 1], ["0", 1, 0, 2]],
];

for (const [min, max, ...steps] of VECTORS) {
  const words = steps.map(([call]) => call).join(", ");
  Deno.test(`numbers orders as ARC does: min ${min}, max ${max}, counts ${words}`, PURE, () => {
    const decisions = afterCalls(
      initialState(statistics(0)),
      steps.map(([call]) => call),
      limits(min, max),
    );
    assert.deepEqual(
      decisions.map(({ target, patchId, next }) => [target, patchId, next.patchSequence]),
      steps.map(([, ...wanted]) => wanted),
    );
  });
}

Deno.test("the sequence goes on with 1 after 2147483647", PURE, () => {
  const state = initialState(statistics(0), { firstSequence: UNLIMITED });
  const ids = afterCalls(state, ["1", "2", "3"], limits(0)).map(({ patchId }) => patchId);
  assert.deepEqual(ids, [0, 1, 2]);
});

Deno.test(
  "the first order is 0 whatever the sequence starts with, and the next one continues it",
  PURE,
  () => {
    const state = initialState(statistics(1), { firstSequence: 700 });
    const first = decide(state, undefined, limits(0));
    assert.deepEqual([first.patchId, first.target, first.write], [0, 1, true]);
    const second = decide(first.next, aMessage(1, statistics(2)), limits(0));
    assert.deepEqual([second.patchId, second.target], [701, 2]);
  },
);

/** Decides on one after another; `undefined` is an empty poll. Returns what was written. */
function written(
  within: Limits,
  heard: readonly (JobMessage | undefined)[],
  opening = statistics(0),
): readonly (readonly [target: number, patchId: number] | undefined)[] {
  let state = initialState(opening);
  return [undefined, ...heard].map((message) => {
    const decision = decide(state, message, within);
    state = state.last === undefined ? countedState(decision.next, 0) : decision.next;
    return decision.write ? [decision.target, decision.patchId] as const : undefined;
  });
}

function many<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

Deno.test("B9: nothing is written while polls are empty", PURE, () => {
  const polls = many(100, undefined);
  assert.deepEqual(written(limits(0), polls), [[0, 0], ...polls]);
  assert.deepEqual(written(limits(3), polls), [[3, 0], ...polls]);
  assert.deepEqual(written(limits(1, 5), polls, statistics(9, { running: 5 })), [[5, 0], ...polls]);
});

Deno.test("B9: a job from queue to end on a set without minimum costs two orders", PURE, () => {
  const orders = written(limits(0), [
    aMessage(1, statistics(1), { assigned: [aJob("a")] }),
    aMessage(2, statistics(1, { running: 1 }), { started: [started("r1")] }),
    undefined,
    undefined,
    aMessage(3, statistics(0), { completed: [completed("r1")] }),
    ...many(50, undefined),
  ]);
  assert.deepEqual(orders, [
    [0, 0],
    [1, 1],
    ...many(3, undefined),
    [0, 5],
    ...many(50, undefined),
  ]);
});

Deno.test("B9: a message that changes nothing for the controller is not written", PURE, () => {
  const orders = written(limits(2), [
    aMessage(1, statistics(1), { assigned: [aJob("a")] }),
    aMessage(2, statistics(1)),
    aMessage(3, statistics(1, { running: 1 }), { started: [started("r1")] }),
    aMessage(4, statistics(1, { running: 1 }), { assigned: [aJob("a")] }),
    ...many(60, undefined),
  ]);
  assert.deepEqual(orders, [[2, 0], [3, 1], ...many(63, undefined)]);
});

Deno.test("a set that falls quiet at its minimum is asked once for exactly that", PURE, () => {
  const orders = written(limits(2), [
    aMessage(1, statistics(1)),
    aMessage(2, statistics(1, { running: 1 }), { started: [started("r1")] }),
    aMessage(3, statistics(0), { completed: [completed("r1")] }),
    ...many(10, undefined),
  ]);
  assert.deepEqual(orders, [[2, 0], [3, 1], undefined, [2, 3], [2, 0], ...many(9, undefined)]);
});

Deno.test(
  "F13: the runner of a job that was cancelled before it started goes with the first empty poll",
  PURE,
  () => {
    const orders = written(limits(0), [
      aMessage(1, statistics(1), { assigned: [aJob("a")] }),
      aMessage(2, statistics(0), { completed: [withdrawn("a")] }),
      undefined,
      undefined,
    ]);
    assert.deepEqual(orders, [[0, 0], [1, 1], [0, 2], [0, 0], undefined]);
  },
);

Deno.test("F13: the runner of a cancelled job serves the next one", PURE, () => {
  const orders = written(limits(0), [
    aMessage(1, statistics(1), { assigned: [aJob("a")] }),
    aMessage(2, statistics(1), { completed: [withdrawn("a")], assigned: [aJob("b")] }),
    aMessage(3, statistics(1, { running: 1 }), { started: [started("r1")] }),
    aMessage(4, statistics(0), { completed: [completed("r1")] }),
    undefined,
    undefined,
  ]);
  assert.deepEqual(orders, [
    [0, 0],
    [1, 1],
    undefined,
    undefined,
    [0, 4],
    undefined,
    undefined,
  ]);
});

Deno.test("a job that ends while another arrives is an order under a new number", PURE, () => {
  const orders = written(limits(0, 1), [
    aMessage(1, statistics(1)),
    aMessage(2, statistics(1, { running: 1 }), { started: [started("r1")] }),
    aMessage(3, statistics(1), { completed: [completed("r1")], assigned: [aJob("b")] }),
  ]);
  assert.deepEqual(orders, [[0, 0], [1, 1], undefined, [1, 3]]);
});

Deno.test(
  "a job that ends while more than the maximum wait is an order under a new number",
  PURE,
  () => {
    const busy = statistics(5, { running: 2 });
    const orders = written(limits(0, 2), [
      aMessage(1, busy, { started: [started("r1"), started("r2")] }),
      aMessage(2, busy, { completed: [completed("r1")] }),
      aMessage(3, busy, { started: [started("r3")] }),
      aMessage(4, busy, { completed: [completed("r2")] }),
    ], statistics(1));
    // The first message of a growing set is a batch; afterwards every used-up runner is asked for again.
    assert.deepEqual(orders, [[1, 0], [2, 1], [2, 2], undefined, [2, 4]]);
  },
);

Deno.test(
  "an order that seems unfulfilled is repeated under new numbers, more and more rarely",
  PURE,
  () => {
    const orders = written(limits(0), [aMessage(1, statistics(2)), ...many(140, undefined)]);
    const at = orders.flatMap((order, i) => order === undefined ? [] : [i]);
    assert.deepEqual(at, [0, 1, 3, 7, 15, 31, 63, 127]);
    const ids = orders.flatMap((order) => order === undefined ? [] : [order[1]]);
    assert.equal(new Set(ids).size, ids.length);
  },
);

Deno.test(
  "F12: the same job assigned twice, out of order, or after its end is counted once",
  PURE,
  () => {
    const orders = written(limits(0), [
      aMessage(1, statistics(1), { assigned: [aJob("a"), aJob("a")] }),
      aMessage(2, statistics(1), { assigned: [aJob("a")] }),
      aMessage(3, statistics(1, { running: 1 }), { started: [started("r1")] }),
      aMessage(4, statistics(0), { completed: [completed("r1")] }),
      aMessage(5, statistics(0), { assigned: [aJob("a")] }),
      undefined,
    ]);
    assert.deepEqual(orders, [[0, 0], [1, 1], undefined, undefined, [0, 4], undefined, undefined]);
  },
);

Deno.test("F12: a start and an end that are told again are news once", PURE, () => {
  const state = decide(initialState(statistics(0)), undefined, limits(0)).next;
  const both = { started: [started("r1")], completed: [completed("r1")] };
  const first = decide(state, aMessage(1, statistics(1), both), limits(0));
  const again = decide(first.next, aMessage(2, statistics(1), both), limits(0));
  assert.deepEqual([first.started.length, first.completed.length], [1, 1]);
  assert.deepEqual([again.started.length, again.completed.length, again.write], [0, 0, false]);
});

Deno.test("F09: the opening statistics are enough for the first order", PURE, () => {
  assert.deepEqual(written(limits(0), [], statistics(50)), [[50, 0]]);
});

Deno.test("F04: a session opened anew repeats the order once, under a new number", PURE, () => {
  const running = statistics(2, { running: 2, registeredRunners: 2 });
  let state = decide(initialState(statistics(0)), undefined, limits(0)).next;
  state = decide(state, aMessage(1, statistics(2)), limits(0)).next;
  state =
    decide(state, aMessage(2, running, { started: [started("r1"), started("r2")] }), limits(0))
      .next;
  const reopened = decide(reopenedState(state, running), undefined, limits(0));
  assert.deepEqual([reopened.write, reopened.target, reopened.patchId], [true, 2, 3]);
  assert.ok(!decide(reopened.next, undefined, limits(0)).write);
});

Deno.test("B3: other limits are an exact order at once, the same target none", PURE, () => {
  let state = decide(initialState(statistics(0)), undefined, limits(10)).next;
  state = decide(state, aMessage(1, statistics(3)), limits(10)).next;
  const lower = decide(state, undefined, limits(0, 20));
  assert.deepEqual([lower.write, lower.target, lower.patchId], [true, 3, 0]);
  const higher = decide(lower.next, undefined, limits(0, 50));
  assert.deepEqual([higher.write, higher.target], [false, 3]);
});

Deno.test("each request to acquire is named once", PURE, () => {
  const available = [9, 7, 9].map((requestId) => aJob(`j${requestId}`, { requestId }));
  const decision = decide(
    initialState(statistics(0)),
    aMessage(1, statistics(0), { available }),
    limits(0),
  );
  assert.deepEqual(decision.acquire, [9, 7]);
});
