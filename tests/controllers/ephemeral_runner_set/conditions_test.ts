import assert from "node:assert/strict";
import {
  capacityOf,
  newWarnings,
  sayTheSame,
  setFacts,
  type SetSituation,
} from "../../../controllers/ephemeral_runner_set/conditions.ts";
import { populationOf } from "../../../controllers/ephemeral_runner_set/population.ts";
import type { FailureRecord } from "../../../controllers/ephemeral_runner_set/replacement.ts";
import type { EphemeralRunner } from "../../../crds/ephemeral_runner.ts";
import { anEphemeralRunnerSet, aRunner } from "../../builders.ts";
import { after, CREATED } from "../../times.ts";
import { pure } from "../situations.ts";

const NONE: FailureRecord = {
  consecutiveFailures: 0,
  lastFailureMs: undefined,
  reason: undefined,
  message: undefined,
  isNew: false,
  overInMs: undefined,
};
const failures = (row: number, reason: string): FailureRecord => ({
  ...NONE,
  consecutiveFailures: row,
  lastFailureMs: after(30).getTime(),
  reason,
  message: 'Container "runner" ended with exit code 137',
});
const waiting = (reason: string) => aRunner({ phase: "", status: { reason, message: "because" } });

function factsOf(
  rest: Partial<Omit<SetSituation, "population">>,
  runners: readonly EphemeralRunner[] = [],
): readonly string[] {
  const situation = { set: anEphemeralRunnerSet(), failures: NONE, ...rest };
  return setFacts({ ...situation, population: populationOf(runners) })
    .map(({ type, status, reason }) => `${type} ${status} ${reason}`);
}

const wanting = (replicas: number) => anEphemeralRunnerSet({ spec: { replicas } });
const known = (type: string) => ({
  type,
  status: "True" as const,
  reason: "X",
  message: "",
  lastTransitionTime: CREATED,
});
const after30 = new RegExp(after(30).toISOString());

const ROWS: readonly (readonly [
  claim: string,
  rest: Partial<Omit<SetSituation, "population">>,
  runners: readonly EphemeralRunner[],
  facts: readonly string[],
])[] = [
  ["all is well", {}, [aRunner()], ["Ready True AsWanted"]],
  [
    "runners fail",
    { failures: failures(2, "OOMKilled") },
    [],
    ["Ready False Degraded", "Degraded True OOMKilled"],
  ],
  [
    "a reason is no word",
    { failures: failures(1, "out of luck") },
    [],
    ["Ready False Degraded", "Degraded True RunnerFailed"],
  ],
  [
    "an image cannot be pulled",
    {},
    [waiting("ImagePullFailed")],
    ["Ready False Degraded", "Degraded True ImagePullFailed"],
  ],
  [
    "a version is refused",
    { failures: failures(1, "Outdated") },
    [],
    [
      "Ready False RunnerImageOutdated",
      "Degraded True Outdated",
      "RunnerImageOutdated True VersionRefused",
    ],
  ],
  [
    "a quota is full",
    {},
    [waiting("QuotaExceeded")],
    ["Ready False Quota", "ScalingLimited True Quota"],
  ],
  [
    "no node takes a pod",
    {},
    [waiting("Unschedulable")],
    ["Ready False Unschedulable", "ScalingLimited True Unschedulable"],
  ],
  [
    "the maximum is reached",
    { set: wanting(5), maxRunners: 5 },
    [],
    ["Ready True AsWanted", "ScalingLimited True Max"],
  ],
  [
    "the maximum is the minimum, which is no limit to anything",
    { set: wanting(5), maxRunners: 5, minRunners: 5 },
    [],
    ["Ready True AsWanted"],
  ],
  [
    "the user paused the set",
    { maxRunners: 0 },
    [],
    ["Ready True AsWanted", "ScalingLimited True Paused"],
  ],
  [
    "what was bad is well again",
    {
      set: anEphemeralRunnerSet({
        status: { conditions: ["Degraded", "RunnerImageOutdated", "ScalingLimited"].map(known) },
      }),
    },
    [],
    [
      "Ready True AsWanted",
      "Degraded False Recovered",
      "RunnerImageOutdated False VersionAccepted",
      "ScalingLimited False NotLimited",
    ],
  ],
];

for (const [claim, rest, runners, facts] of ROWS) {
  pure(`B7: a set of runners says so when ${claim}`, () => {
    assert.deepEqual(factsOf(rest, runners), facts);
  });
}

pure("B4: Degraded keeps reason, exit code and time of the last failure, also afterwards", () => {
  const degraded = (row: number) =>
    setFacts({
      set: anEphemeralRunnerSet({ status: { conditions: [known("Degraded")] } }),
      population: populationOf([]),
      failures: failures(row, "OOMKilled"),
    }).find(({ type }) => type === "Degraded")?.message ?? "";
  assert.match(degraded(3), /^Runners failed 3 times in a row/);
  assert.match(degraded(1), /^A runner failed/);
  assert.match(degraded(0), /OOMKilled/);
  for (const row of [0, 1, 3]) {
    assert.match(degraded(row), /exit code 137/);
    assert.match(degraded(row), after30);
  }
});

pure("each trouble is worth one warning as it begins; limits of the user are none", () => {
  const warnings = (
    rest: Partial<Omit<SetSituation, "population">>,
    runners: readonly EphemeralRunner[] = [],
  ) => {
    const situation = { set: anEphemeralRunnerSet(), failures: NONE, ...rest };
    const facts = setFacts({ ...situation, population: populationOf(runners) });
    return newWarnings(situation.set, facts).map(({ reason, note }) => `${reason}: ${note}`);
  };
  assert.deepEqual(warnings({}, [waiting("QuotaExceeded")]), ["Quota: because"]);
  assert.deepEqual(warnings({}, [waiting("InvalidImageName")]), ["InvalidImageName: because"]);
  assert.deepEqual(warnings({ maxRunners: 0 }), []);
  assert.deepEqual(warnings({ failures: failures(1, "Error") }), [], "each failure is told apart");
  const conditions = [{ ...known("ScalingLimited"), reason: "Quota" }];
  const set = anEphemeralRunnerSet({ status: { conditions } });
  assert.deepEqual(warnings({ set }, [waiting("QuotaExceeded")]), []);
});

pure("F22: while a quota is full there is room for the runners that have a pod", () => {
  const runners = [aRunner(), aRunner({ name: "p", phase: "Pending" }), aRunner({ phase: "" })];
  assert.equal(capacityOf(populationOf(runners)), undefined);
  assert.equal(capacityOf(populationOf([...runners, waiting("QuotaExceeded")])), 2);
});

pure("B9: conditions that differ in their generation alone say the same", () => {
  const condition = known("Ready");
  assert.ok(sayTheSame([condition], [{ ...condition, observedGeneration: 9 }]));
  assert.ok(!sayTheSame([condition], [{ ...condition, message: "x" }]));
  assert.ok(!sayTheSame([condition], []));
});
