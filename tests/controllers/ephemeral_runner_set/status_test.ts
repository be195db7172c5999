import assert from "node:assert/strict";
import { setFacts } from "../../../controllers/ephemeral_runner_set/conditions.ts";
import { populationOf } from "../../../controllers/ephemeral_runner_set/population.ts";
import { failureRecord } from "../../../controllers/ephemeral_runner_set/replacement.ts";
import { ephemeralRunnerSetStatus } from "../../../controllers/ephemeral_runner_set/status.ts";
import type { EphemeralRunnerSet } from "../../../crds/ephemeral_runner_set.ts";
import { anEphemeralRunnerSet, aRunner } from "../../builders.ts";
import { after as later, stampAfter } from "../../times.ts";
import { after, pure } from "../situations.ts";

const NOW = later(60);

function statusOf(
  set: EphemeralRunnerSet,
  runners: readonly ReturnType<typeof aRunner>[],
  served?: { readonly patchId: number; readonly replicas: number },
) {
  const population = populationOf(runners);
  const failures = failureRecord(set.status, population, NOW);
  const facts = setFacts({ set, population, failures });
  return ephemeralRunnerSetStatus(set, { population, failures, served, facts }, NOW);
}

/** A set whose status says what is true without runners. */
const quiet = (() => {
  const set = anEphemeralRunnerSet();
  return after({ because: "", steps: [], status: statusOf(set, [aRunner()]) }, set);
})();
const idle = aRunner();
const failed = aRunner({ phase: "Failed", status: { failures: { p: stampAfter(30) } } });
const outdated = aRunner({ phase: "Outdated", status: { failures: { p: stampAfter(30) } } });

pure("nothing is written when the status says it already (B9)", () => {
  assert.equal(statusOf(quiet, [idle]), undefined);
});

pure("B9: runners that end and go are no reason to write", () => {
  const going = aRunner({ name: "r-2", deleting: true });
  const ended = aRunner({ name: "r-3", phase: "Succeeded" });
  assert.equal(statusOf(quiet, [idle, going, ended]), undefined);
});

pure(
  "B7: that a newer generation was looked at is told after 5 s, so that kubectl wait ends",
  () => {
    const arcs = { ...quiet, metadata: { ...quiet.metadata, generation: 8 } };
    assert.equal(statusOf(arcs, [idle]), undefined, "ARC's listener makes one of every poll (B9)");
    const newer = { ...arcs, spec: { patchID: 0, ...arcs.spec, completedRunners: [] } };
    const write = statusOf(newer, [idle]);
    assert.equal(write?.delayMs, 5_000);
    const { status } = after({ because: "", steps: [], status: write }, newer);
    assert.equal(status?.observedGeneration, 8);
    assert.deepEqual(status?.conditions?.map((one) => one.observedGeneration), [8]);
    const more = statusOf(newer, [idle, aRunner({ name: "r-2" })]);
    assert.equal(more?.delayMs, 1_000, "what is news takes it along");
  },
);

pure("counters are ARC's: pending, running and failed make the current ones", () => {
  const runners = [
    idle,
    aRunner({ hasJob: true }),
    aRunner({ phase: "" }),
    failed,
    outdated,
    aRunner({ deleting: true }),
    aRunner({ phase: "Succeeded" }),
  ];
  const { status } = after({ because: "", steps: [], status: statusOf(quiet, runners) }, quiet);
  assert.deepEqual(
    [
      status?.currentReplicas,
      status?.pendingEphemeralRunners,
      status?.runningEphemeralRunners,
      status?.failedEphemeralRunners,
      status?.deletingEphemeralRunners,
      status?.finishedEphemeralRunners,
    ],
    [4, 1, 2, 1, 1, 1],
  );
});

pure("a change of counters waits a second for more (B9)", () => {
  assert.equal(statusOf(quiet, [idle, aRunner({ name: "r-2" })])?.delayMs, 1_000);
  assert.equal(statusOf(quiet, [idle], { patchId: 4, replicas: 1 })?.delayMs, 1_000);
});

pure(
  "B4: a failure is written at once, as its runner is about to go and would be forgotten",
  () => {
    const write = statusOf(quiet, [idle, failed]);
    assert.equal(write?.delayMs, 0);
    const next = after({ because: "", steps: [], status: write }, quiet);
    assert.equal(next.status?.consecutiveFailures, 1);
    assert.equal(statusOf(next, [idle])?.delayMs, 1_000, "the record itself is no news");
  },
);

pure("what was served is recorded", () => {
  assert.deepEqual(statusOf(quiet, [idle], { patchId: 4, replicas: 1 })?.patch, {
    servedPatchID: 4,
    servedReplicas: 1,
  });
});

const PHASES: readonly (readonly [
  claim: string,
  before: string,
  runners: readonly ReturnType<typeof aRunner>[],
  phase: string,
])[] = [
  ["stays Running", "Running", [idle], "Running"],
  ["is Outdated while GitHub refuses a version", "Running", [idle, outdated], "Outdated"],
  ["stays Outdated until one runs", "Outdated", [aRunner({ phase: "" })], "Outdated"],
  ["X10: is Running again when one runs", "Outdated", [idle], "Running"],
];

for (const [claim, phase, runners, expected] of PHASES) {
  pure(`the phase ${claim}`, () => {
    const set = anEphemeralRunnerSet({ status: { phase } });
    const { status } = after({ because: "", steps: [], status: statusOf(set, runners) }, set);
    assert.equal(status?.phase, expected);
  });
}
