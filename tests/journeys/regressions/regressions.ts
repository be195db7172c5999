/**
 * Runs that once broke a rule, each shortened to what it takes, with a sentence. They are plans, not seeds: what a seed
 * means changes with the tables that it is drawn from.
 */
import type { Plan } from "../../../tools/explore/plan.ts";

export interface Regression {
  /** What went wrong then. */
  readonly says: string;
  readonly plan: Plan;
}

export const REGRESSIONS: readonly Regression[] = [
  {
    says: "a set whose EphemeralRunnerSet somebody deleted comes back to its minimum",
    plan: {
      "seed": 683,
      "setting": {
        "sets": [{ "name": "linux", "min": 2, "max": 2 }],
        "replicas": 1,
        "backend": "broker",
        "serviceTenant": "stable",
        "statisticsMessages": "never",
        "latencyMs": 0,
        "skewMs": 0,
        "stormS": 182,
      },
      "deeds": [{ "do": "delete", "what": "ephemeral runner set", "nth": 79, "atS": 19.6 }],
    },
  },
  {
    says: "a listener that starts while somebody deletes its configuration starts all the same",
    plan: {
      "seed": 833,
      "setting": {
        "sets": [{ "name": "linux", "min": 1, "max": 3 }],
        "replicas": 1,
        "backend": "pipelines",
        "serviceTenant": "stable",
        "statisticsMessages": "never",
        "latencyMs": 0,
        "skewMs": 0,
        "stormS": 107,
      },
      "deeds": [
        { "do": "crash", "who": "listener", "call": 1, "when": "after", "downS": 12, "atS": 4.2 },
        { "do": "github", "what": "F07 a refusal with Retry-After", "forS": 6, "atS": 32.8 },
        { "do": "jobs", "set": 0, "count": 2, "shortestMs": 500, "longestMs": 90000, "atS": 35.1 },
        { "do": "delete", "what": "listener config", "nth": 50, "atS": 35.8 },
      ],
    },
  },
  {
    says:
      "a runner that hangs after a job whose end nobody tells, as its scale set is forgotten, goes",
    plan: {
      "seed": 1289,
      "setting": {
        "sets": [{ "name": "linux", "min": 1, "max": 3 }],
        "replicas": 2,
        "backend": "pipelines",
        "serviceTenant": "stable",
        "statisticsMessages": "never",
        "latencyMs": 0,
        "skewMs": 0,
        "stormS": 73,
      },
      "deeds": [
        { "do": "jobs", "set": 0, "count": 1, "shortestMs": 500, "longestMs": 2000, "atS": 6.1 },
        { "do": "stale-watches", "who": "controller", "forS": 21, "atS": 9 },
        { "do": "jobs", "set": 0, "count": 3, "shortestMs": 500, "longestMs": 90000, "atS": 16 },
        { "do": "bad-runners", "script": "hang-after-job", "times": 2, "atS": 28.6 },
        { "do": "github", "what": "F31 a forgotten scale set", "forS": 11, "atS": 46.7 },
      ],
    },
  },
  {
    says:
      "a runner that no watch tells of for a while after it was made is not registered a second time",
    plan: {
      "seed": 28,
      "setting": {
        "sets": [{ "name": "linux", "min": 2, "max": 4 }],
        "replicas": 1,
        "backend": "broker",
        "serviceTenant": "stable",
        "statisticsMessages": "never",
        "latencyMs": 0,
        "skewMs": 0,
        "stormS": 112,
      },
      "deeds": [
        { "do": "isolate", "nth": 68, "forS": 30, "atS": 5.8 },
        { "do": "jobs", "set": 0, "count": 3, "shortestMs": 500, "longestMs": 90000, "atS": 10.6 },
        { "do": "github", "what": "F12 messages twice", "forS": 2, "atS": 23.5 },
        { "do": "bad-runners", "script": "fail-after-job", "times": 1, "atS": 34.8 },
        { "do": "isolate", "nth": 74, "forS": 38, "atS": 35 },
        { "do": "jobs", "set": 0, "count": 3, "shortestMs": 500, "longestMs": 30000, "atS": 44.5 },
        {
          "do": "spoil",
          "who": "controller",
          "side": "kubernetes",
          "how": "503",
          "skip": 8,
          "times": 2,
          "atS": 57,
        },
        { "do": "github", "what": "F11 too few jobs counted", "forS": 11, "atS": 75.4 },
      ],
    },
  },
];
