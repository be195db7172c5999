import assert from "node:assert/strict";
import {
  completedRunners,
  Departures,
  FORGET_MS,
} from "../../../controllers/ephemeral_runner_set/departures.ts";
import { anEphemeralRunnerSet, aRunner, type RunnerChanges } from "../../builders.ts";
import { after as later } from "../../times.ts";
import { pure } from "../situations.ts";

const set = anEphemeralRunnerSet();
const NOBODY: ReadonlySet<string> = new Set();

function unreported(
  departures: Departures,
  now: Date,
  seen: {
    readonly of?: typeof set;
    readonly completed?: ReadonlySet<string>;
    readonly runners?: readonly ReturnType<typeof aRunner>[];
  } = {},
): number {
  const { of = set, completed = NOBODY, runners = [] } = seen;
  return departures.unreported(of, { runners, completed, now });
}

const ROWS: readonly (readonly [claim: string, runner: RunnerChanges, counted: number])[] = [
  ["that ran counts until the listener tells its end", {}, 1],
  ["that never was seen to run may have had one", { phase: "Pending" }, 1],
  ["that failed is replaced, not waited for", { phase: "Failed" }, 0],
  ["of a refused version is replaced as well", { phase: "Outdated" }, 0],
  ["of nobody is nobody's", { metadata: { ownerReferences: null } }, 0],
];

for (const [claim, changes, counted] of ROWS) {
  pure(`a runner that is gone ${claim}`, () => {
    const departures = new Departures();
    departures.record(aRunner(changes), later(0));
    assert.equal(unreported(departures, later(1)), counted);
  });
}

pure("a runner that we sent away is not waited for, once", () => {
  const departures = new Departures();
  departures.ignore("linux-runner-a1b2c");
  departures.record(aRunner(), later(0));
  assert.equal(unreported(departures, later(1)), 0);
  departures.record(aRunner(), later(2));
  assert.equal(unreported(departures, later(3)), 1);
});

pure("the listener's word, or time, ends the wait", () => {
  const departures = new Departures();
  departures.record(aRunner({ name: "r-1" }), later(0));
  departures.record(aRunner({ name: "r-2" }), later(0));
  assert.equal(unreported(departures, later(1), { completed: new Set(["r-1"]) }), 1);
  assert.equal(unreported(departures, later(1)), 1, "heard once is heard");
  assert.equal(unreported(departures, later(FORGET_MS / 1_000)), 1);
  assert.equal(unreported(departures, later(FORGET_MS / 1_000 + 1)), 0);
});

pure("a set's departures go with it, and are no other set's", () => {
  const departures = new Departures();
  departures.record(aRunner(), later(0));
  const other = anEphemeralRunnerSet({ name: "other" });
  assert.equal(unreported(departures, later(1), { of: other }), 0);
  departures.forget(set.metadata?.uid ?? "");
  assert.equal(unreported(departures, later(1)), 0);
});

pure("a listener that does not tell is told apart from one with nothing to tell", () => {
  assert.equal(completedRunners(set), undefined);
  const told = anEphemeralRunnerSet({ spec: { completedRunners: [] } });
  assert.deepEqual(completedRunners(told), NOBODY);
});

pure("a runner that is about to go counts as one that is gone", () => {
  const departures = new Departures();
  const going = aRunner({ deleting: true });
  const runners = [going, aRunner({ name: "r-2" })];
  assert.equal(unreported(departures, later(1), { runners }), 1);
  const completed = new Set([going.metadata?.name ?? ""]);
  assert.equal(unreported(departures, later(1), { runners, completed }), 0);
  const failed = [aRunner({ deleting: true, phase: "Failed" })];
  assert.equal(unreported(departures, later(1), { runners: failed }), 0);
  departures.ignore(going.metadata?.name ?? "");
  assert.equal(unreported(departures, later(1), { runners }), 0);
});

pure("a replica that is never asked keeps no more than the last minute of departures", () => {
  const departures = new Departures();
  for (let second = 0; second < 10_000; second++) {
    departures.record(aRunner({ name: `r-${second}` }), later(second));
  }
  // All of these are younger than a minute: none was kept for the question alone.
  assert.equal(unreported(departures, later(0)), FORGET_MS / 1_000 + 1);
});

pure("a runner that had gone before it was sent away is not remembered as such", () => {
  const departures = new Departures();
  departures.ignore("linux-runner-a1b2c");
  departures.settle("linux-runner-a1b2c");
  departures.record(aRunner(), later(0));
  assert.equal(unreported(departures, later(1)), 1);
});

pure(
  "F14: an idle runner that somebody else takes is owed by its set until that has as many again",
  () => {
    const departures = new Departures();
    const uid = set.metadata?.uid ?? "";
    assert.ok(!departures.isOwing(uid));
    departures.owe("linux-runner-a1b2c", uid);
    assert.ok(departures.isOwing(uid));
    departures.record(aRunner(), later(0));
    assert.equal(unreported(departures, later(1)), 0, "no word of its end will come");
    departures.repaid(uid);
    assert.ok(!departures.isOwing(uid));
    departures.owe("r-2", uid);
    departures.forget(uid);
    assert.ok(!departures.isOwing(uid));
  },
);
