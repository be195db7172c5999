import assert from "node:assert/strict";
import { sessionFact } from "../../controllers/session_fact.ts";
import { pure } from "./situations.ts";

const RUNS = { status: "True", message: "" } as const;
const WAITS = { status: "False", message: "It waits" } as const;
type Arguments = Parameters<typeof sessionFact>;

const ROWS:
  readonly (readonly [claim: string, ready: Arguments[0], word: Arguments[1], told: string])[] = [
    ["no listener yet", undefined, undefined, "Unknown ListenerNotReady"],
    [
      "a listener that waits, whatever it said",
      WAITS,
      { listenerReport: "no-scale-set:7" },
      "Unknown ListenerNotReady",
    ],
    ["one that runs and never told anything", RUNS, {}, "Unknown NotHeard"],
    ["one that tells of no trouble", RUNS, { completedRunners: [] }, "True Polling"],
    [
      "one whose scale set is gone",
      RUNS,
      { listenerReport: "no-scale-set:7" },
      "False ScaleSetGone",
    ],
    [
      "one without a session",
      RUNS,
      { listenerReport: "no-session:SessionConflict taken" },
      "False SessionConflict",
    ],
  ];

for (const [claim, ready, word, told] of ROWS) {
  pure(`F05: the session of ${claim} is ${told}`, () => {
    const { status, reason } = sessionFact(ready, word);
    assert.equal(`${status} ${reason}`, told);
  });
}
