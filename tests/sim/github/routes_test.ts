import assert from "node:assert/strict";
import { routeOf } from "../../../sim/github/routes.ts";

const pure = { permissions: "none" } as const;
const SETS = "/_services/broker/t1/_apis/runtime/runnerscalesets";

Deno.test("a path means one operation, with what stood in it", pure, () => {
  const rows = [
    ["POST", "/orgs/octo/actions/runners/registration-token", "registrationtoken", {
      kind: "orgs",
      name: "octo",
    }],
    ["POST", "/api/v3/repos/o/r/actions/runners/registration-token", "registrationtoken", {
      owner: "o",
      name: "r",
    }],
    ["POST", "/api/v3/actions/runner-registration", "runnerregistration", {}],
    ["GET", SETS, "findscaleset", {}],
    ["PATCH", `${SETS}/7`, "updatescaleset", { id: "7" }],
    ["PATCH", `${SETS}/7/sessions/abc`, "refreshsession", { id: "7", session: "abc" }],
    ["GET", "/_services/broker/t1/_apis/runtime/runnergroups/", "findrunnergroup", {}],
    ["DELETE", "/_services/broker/t1/_apis/distributedtask/pools/0/agents/4", "removerunner", {
      id: "4",
    }],
    ["GET", "/_services/broker/t1/scalesets/message", "poll", {}],
    ["DELETE", "/_services/broker/t1/scalesets/message/9", "ack", { id: "9" }],
    // As ARC's client up to 0.13 spells it.
    ["POST", `${SETS.replace("/_apis", "//_apis")}/7/acquirejobs`, "acquirejobs", { id: "7" }],
    ["POST", "/_runner/4/connect", "runnerconnect", { id: "4" }],
  ] as const;
  for (const [method, path, operation, params] of rows) {
    const route = routeOf(method, path);
    assert.equal(route?.operation, operation, path);
    assert.deepEqual(route?.params, params);
    assert.equal(route?.tenant, path.startsWith("/_services") ? "t1" : "");
  }
});

Deno.test("anything else means nothing", pure, () => {
  const rows = [
    ["PUT", SETS],
    ["GET", `${SETS.replace("/_apis", "//_apis")}`],
    ["DELETE", "/_services/broker/t1/scalesets/message//9"],
    ["GET", "/_services/broker/t1/_apis/distributedtask/pools/1/agents"],
    ["GET", "/_services/broker"],
    ["GET", "/%"],
    ["GET", "/"],
  ] as const;
  for (const [method, path] of rows) assert.equal(routeOf(method, path), undefined, path);
});
