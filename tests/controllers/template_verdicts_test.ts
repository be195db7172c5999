import assert from "node:assert/strict";
import { notTaken, taken } from "../../controllers/template_verdicts.ts";
import type { KubeErrorCode } from "../../kube/errors.ts";
import { after } from "../times.ts";
import { kubeError } from "./fakes.ts";
import { pure } from "./situations.ts";

const ROWS:
  readonly (readonly [code: KubeErrorCode, message: string, outcome: string, reason: string])[] = [
    [
      "kube_invalid",
      'Pod "x" is invalid: spec.containers[0].image: Required value',
      "invalid",
      "Invalid",
    ],
    ["kube_bad_request", "cannot unmarshal string into Go struct field", "invalid", "Invalid"],
    ["kube_forbidden", "violates PodSecurity", "invalid", "AdmissionRefused"],
    ["kube_forbidden", 'User "x" cannot create resource "pods"', "unknown", "MayNotCheck"],
    ["kube_quota", "exceeded quota: pods", "unknown", "NotChecked"],
    ["kube_bad_request", "webhook does not support dry run", "unknown", "NotChecked"],
    ["kube_unavailable", "later", "unknown", "NotChecked"],
    ["kube_namespace_terminating", "is being terminated", "unknown", "NotChecked"],
  ];

for (const [code, message, outcome, reason] of ROWS) {
  pure(
    `B6: a pod that was not taken for "${message}" (${code}): the template is ${outcome}`,
    () => {
      const verdict = notTaken(kubeError(code, message), "h", after(0));
      assert.deepEqual([verdict.outcome, verdict.reason, verdict.hash], [outcome, reason, "h"]);
      assert.ok(verdict.message.includes(message));
      const waitS = (verdict.untilMs - after(0).getTime()) / 1_000;
      assert.equal(waitS, outcome === "invalid" ? 300 : 60);
    },
  );
}

pure("B6: a pod that was taken is not asked about again", () => {
  assert.deepEqual([taken("h").outcome, taken("h").untilMs], ["valid", Infinity]);
});
