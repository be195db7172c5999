import assert from "node:assert/strict";
import { lostRunners } from "../../../controllers/ephemeral_runner_set/lost_runners.ts";
import { populationOf } from "../../../controllers/ephemeral_runner_set/population.ts";
import { aRunner, type RunnerChanges } from "../../builders.ts";
import { after, stampAfter } from "../../times.ts";
import { observedSet, pure } from "../situations.ts";

const failed = (name: string, atS: number, changes: RunnerChanges = {}) =>
  aRunner({ name, ...changes, phase: "Failed", status: { failures: { p: stampAfter(atS) } } });

pure(
  "B4: a failed runner is owed, unless the listener heard of its job's end or may do so yet",
  () => {
    const runners = [
      aRunner({ name: "runs" }),
      failed("idle", 99),
      failed("fresh", 99, { hasJob: true }),
      failed("long-since", 80, { hasJob: true }),
      failed("heard-of", 99, { hasJob: true }),
      aRunner({ name: "refused", phase: "Outdated" }),
    ];
    const observed = observedSet({ runners, completed: new Set(["heard-of"]) });
    const { owed, reported, undecided } = lostRunners(observed, populationOf(runners), after(100));
    const names = (some: readonly { readonly metadata?: { readonly name?: string } }[]) =>
      some.map(({ metadata }) => metadata?.name);
    assert.deepEqual(names(owed), ["idle", "long-since", "refused"]);
    assert.deepEqual(names(reported), ["heard-of"]);
    assert.equal(undecided, 1);
  },
);
