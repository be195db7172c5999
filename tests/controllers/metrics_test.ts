import assert from "node:assert/strict";
import { CONTROLLER_METRICS } from "../../controllers/metrics.ts";
import { pure } from "./situations.ts";

const ARCS = CONTROLLER_METRICS.filter(({ name }) => name.startsWith("gha_"));

pure("ARC's gauges keep their names and labels, and say what the labels mean", () => {
  assert.deepEqual(ARCS.map(({ name }) => name), [
    "gha_controller_pending_ephemeral_runners",
    "gha_controller_running_ephemeral_runners",
    "gha_controller_failed_ephemeral_runners",
    "gha_controller_running_listeners",
  ]);
  for (const { kind, labels, help } of ARCS) {
    assert.equal(kind, "gauge");
    assert.deepEqual(labels, ["name", "namespace", "repository", "organization", "enterprise"]);
    for (const label of labels) assert.match(help, new RegExp(label));
  }
});
