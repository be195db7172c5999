import assert from "node:assert/strict";
import { versionFacts } from "../../controllers/version_skew.ts";
import { LABELS } from "../../crds/group.ts";
import { aRunnerSet } from "../builders.ts";
import { pure } from "./situations.ts";

const ROWS: readonly (readonly [label: string | null, reason: string | undefined])[] = [
  ["0.14.2", undefined],
  ["0.14.0", undefined],
  ["0.14", undefined],
  [null, undefined],
  ["", undefined],
  ["dev", undefined],
  ["canary-1a2b3c", undefined],
  ["0.1x", undefined],
  ["0.13.1", "OneMinorApart"],
  ["0.15.0", "OneMinorApart"],
  ["0.9.3", "TooFarApart"],
  ["1.14.2", "TooFarApart"],
];

for (const [label, reason] of ROWS) {
  pure(
    `B1: a set of version ${JSON.stringify(label)} is ${reason ?? "no reason for a word"}`,
    () => {
      const set = aRunnerSet({ metadata: { labels: { [LABELS.version]: label } } });
      const [fact] = versionFacts(set);
      assert.equal(fact?.reason, reason);
      assert.equal(fact?.status, reason && "True");
      if (label !== null && reason) assert.ok(fact?.message.includes(label));
    },
  );
}

pure("B1: a skew that is over is said to be over", () => {
  const condition = {
    type: "VersionSkew",
    status: "True",
    reason: "OneMinorApart",
    message: "",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  };
  const set = aRunnerSet({
    metadata: { labels: { [LABELS.version]: "0.14.2" } },
    status: { conditions: [condition] },
  });
  assert.deepEqual(versionFacts(set).map(({ status, reason }) => [status, reason]), [
    ["False", "SameVersion"],
  ]);
});
