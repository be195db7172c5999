import assert from "node:assert/strict";
import {
  ask,
  countLedger,
  hear,
  type Ledger,
  openLedger,
  reopenLedger,
  settle,
} from "../../listener/ledger.ts";
import { aMessage, completed, started, statistics, withdrawn } from "./jobs.ts";

const PURE = { permissions: "none" } as const;

/** A ledger of a set that was empty when its listener began. */
function fresh(rest: Partial<Ledger> = {}): Ledger {
  const ledger = countLedger(openLedger(statistics(0)), { counted: 0, inAll: 0 });
  return { ...ledger, ...rest };
}

function told(...parts: Parameters<typeof aMessage>[2][]) {
  return aMessage(1, statistics(0), Object.assign({}, ...parts));
}

Deno.test("a ledger that has heard nothing expects anything", PURE, () => {
  assert.equal(openLedger(statistics(0)).unstarted, Infinity);
  assert.equal(fresh().unstarted, 0);
});

Deno.test("what the controller counted bounds what may be left over", PURE, () => {
  const opened = openLedger(statistics(5, { running: 2, registeredRunners: 2 }));
  const ledger = countLedger(opened, { counted: 4, inAll: 6 });
  assert.deepEqual([ledger.unstarted, ledger.ghosts], [4, true]);
});

Deno.test("a runner that starts a job is not unstarted any more, and starts once", PURE, () => {
  const ledger = fresh({ unstarted: 2 });
  const news = hear(ledger, told({ started: [started("a"), started("a")] }));
  assert.deepEqual([news.ledger.unstarted, news.started.length], [1, 1]);
  const again = hear(news.ledger, told({ started: [started("a")] }));
  assert.deepEqual([again.ledger.unstarted, again.started.length], [1, 0]);
});

Deno.test("a runner whose start was never told counts as started when it ends", PURE, () => {
  const news = hear(fresh({ unstarted: 1 }), told({ completed: [completed("a")] }));
  assert.deepEqual([news.ledger.unstarted, news.usedUp], [0, 1]);
});

Deno.test("runners of a former life end without having started in this one", PURE, () => {
  const ledger = { ...fresh({ unstarted: 1 }), inherited: 1 };
  const news = hear(ledger, told({ completed: [completed("a")] }));
  assert.deepEqual([news.ledger.unstarted, news.ledger.inherited], [1, 0]);
});

Deno.test("a withdrawn job uses up no runner", PURE, () => {
  const news = hear(fresh({ unstarted: 1 }), told({ completed: [withdrawn("x")] }));
  assert.deepEqual([news.ledger.unstarted, news.usedUp, news.completed.length], [1, 0, 1]);
});

Deno.test("an end that may have been made good leaves a runner without a job", PURE, () => {
  const ledger = fresh({ exposed: 1, started: new Set(["a", "b"]) });
  const news = hear(ledger, told({ completed: [completed("a"), completed("b")] }));
  assert.deepEqual([news.ledger.unstarted, news.ledger.exposed], [1, 0]);
});

Deno.test(
  "whoever exists before a batch may end early under it, whoever it makes may not",
  PURE,
  () => {
    const one = ask(fresh(), { target: 1, running: 0, order: "batch" });
    assert.deepEqual([one.unstarted, one.exposed], [1, 0]);
    const two = ask(one, { target: 2, running: 0, order: "batch" });
    assert.deepEqual([two.unstarted, two.exposed], [2, 1]);
  },
);

Deno.test("under an exact order anybody may end early", PURE, () => {
  assert.equal(ask(fresh(), { target: 3, running: 0, order: "exact" }).exposed, 3);
});

Deno.test(
  "an exact order that had time leaves only runners that jobs or the target need",
  PURE,
  () => {
    assert.equal(settle(fresh({ unstarted: 7 }), 2).unstarted, 2);
  },
);

Deno.test("a lost session makes the ledger expect what it may have missed", PURE, () => {
  const missed = statistics(3, { running: 3, registeredRunners: 4, idleRunners: 1 });
  const ledger = reopenLedger(fresh(), missed);
  assert.deepEqual(
    [ledger.unstarted, ledger.inherited, ledger.exposed, ledger.ghosts],
    [1, 3, 4, true],
  );
});
