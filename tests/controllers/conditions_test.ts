import assert from "node:assert/strict";
import { CONDITIONS, conditionsWith } from "../../controllers/conditions.ts";
import { pure } from "./situations.ts";

pure("types of conditions are CamelCase words, each once", () => {
  const types = Object.values(CONDITIONS);
  assert.equal(new Set(types).size, types.length);
  for (const type of types) assert.match(type, /^[A-Z][A-Za-z]+$/);
});

pure(
  "a fact becomes a condition of the generation that was looked at, beside those that were there",
  () => {
    const other = {
      type: "Other",
      status: "True",
      reason: "Kept",
      message: "",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    } as const;
    const fact = {
      type: CONDITIONS.ready,
      status: "False",
      reason: "Failing",
      message: "no answer",
    } as const;
    const object = { metadata: { name: "linux", generation: 7 }, status: { conditions: [other] } };
    assert.deepEqual(conditionsWith(object, [fact], new Date("2026-01-02T00:00:00Z")), [
      other,
      { ...fact, observedGeneration: 7, lastTransitionTime: "2026-01-02T00:00:00Z" },
    ]);
  },
);

pure("what has the looks of a secret is masked", () => {
  const message = "The webhook refused TOKEN=ghp_hunter2hunter2";
  const fact = { type: CONDITIONS.ready, status: "False", reason: "Refused", message } as const;
  const [condition] = conditionsWith({}, [fact], new Date("2026-01-02T00:00:00Z"));
  assert.equal(condition?.message, "The webhook refused TOKEN=[redacted]");
});

pure("an object without a generation or a status gets its first condition", () => {
  const fact = { type: CONDITIONS.ready, status: "True", reason: "Ready", message: "" } as const;
  assert.deepEqual(conditionsWith({}, [fact], new Date("2026-01-02T00:00:00Z")), [
    { ...fact, lastTransitionTime: "2026-01-02T00:00:00Z" },
  ]);
});
