import assert from "node:assert/strict";
import { conditionEvents } from "../../controllers/condition_events.ts";
import type { Condition } from "../../kube/types.ts";
import { aRunnerSet } from "../builders.ts";
import { pure } from "./situations.ts";

type Word = readonly [
  type: string,
  status: "True" | "False" | "Unknown",
  reason: string,
  message?: string,
];

function conditions(words: readonly Word[]): readonly Condition[] {
  return words.map(([type, status, reason, message = reason]) => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: "2026-01-01T00:00:00Z",
  }));
}

const ROWS: readonly {
  readonly claim: string;
  readonly before?: readonly Word[];
  readonly after: readonly Word[];
  readonly told: readonly string[];
}[] = [
  {
    claim: "nothing of what is well from the start",
    after: [["Ready", "True", "Ready"]],
    told: [],
  },
  {
    claim: "what went bad",
    after: [["PodTemplateValid", "False", "Invalid"]],
    told: ["Warning Invalid: Invalid"],
  },
  {
    claim: "what is bad when it is True",
    after: [["ScalingLimited", "True", "Quota"], ["VersionSkew", "False", "SameVersion"]],
    told: ["Warning Quota: Quota"],
  },
  {
    claim: "one trouble once, though Ready says it too",
    after: [["CredentialsValid", "False", "Refused", "no"], [
      "Ready",
      "False",
      "CredentialsInvalid",
      "no",
    ]],
    told: ["Warning Refused: no"],
  },
  {
    claim: "nothing of what was bad already, whatever its words",
    before: [["Ready", "False", "Failing", "a"]],
    after: [["Ready", "False", "Failing", "b"]],
    told: [],
  },
  {
    claim: "that all is well again",
    before: [["Ready", "False", "Failing"]],
    after: [["Ready", "True", "Ready"]],
    told: ["Normal Ready: All is well again"],
  },
  {
    claim: "nothing of ordinary life",
    after: [["ScalingLimited", "True", "Max"], ["Ready", "False", "ListenerNotReady"], [
      "SessionHealthy",
      "Unknown",
      "NotHeard",
    ]],
    told: [],
  },
];

for (const { claim, before = [], after, told } of ROWS) {
  pure(`B7: Events tell ${claim}`, () => {
    const events = conditionEvents(aRunnerSet(), conditions(before), conditions(after));
    assert.deepEqual(events.map(({ type, reason, note }) => `${type} ${reason}: ${note}`), told);
  });
}
