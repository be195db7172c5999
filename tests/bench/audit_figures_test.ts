import assert from "node:assert/strict";
import { AuditFigures } from "../../bench/audit_figures.ts";
import type { TimedRequest } from "../../bench/audit_stream.ts";

const CONTROLLER = "system:serviceaccount:arc-systems:controller";

function figures(): AuditFigures {
  return new AuditFigures({
    controllerUser: CONTROLLER,
    listenerPrefix: "system:serviceaccount:arc-systems:",
    kubeletUser: "system:serviceaccount:nodes:kubelet",
  });
}

function request(verb: string, resource: string, more: Partial<TimedRequest> = {}): TimedRequest {
  return {
    user: CONTROLLER,
    userAgent: "",
    tokenId: "",
    receivedAt: "",
    group: "",
    namespace: "runners",
    name: "r1",
    code: 200,
    verb,
    resource,
    answeredMs: 0,
    ...more,
  };
}

Deno.test("requests count for who made them", () => {
  const one = figures();
  one.add([
    request("create", "pods"),
    request("create", "pods"),
    request("patch", "pods", { user: "system:serviceaccount:arc-systems:set-1-listener" }),
    request("get", "secrets", { user: "system:serviceaccount:nodes:kubelet" }),
    request("get", "pods", { user: "system:serviceaccount:kube-system:generic-garbage-collector" }),
    request("list", "pods", { user: "kubernetes-admin" }),
    request("list", "pods", { user: "system:apiserver" }),
  ]);
  const rows = one.rows().map(({ client, verb, count }) => `${client} ${verb} ${count}`);
  assert.deepEqual(rows, [
    "bench list 1",
    "cluster list 1",
    "controller create 2",
    "garbage collector get 1",
    "kubelet get 1",
    "listener patch 1",
  ]);
});

Deno.test("a runner's milestones are the answers to its creates, its end the last write that worked", () => {
  const one = figures();
  one.add([
    request("create", "ephemeralrunners", { answeredMs: 1 }),
    request("create", "secrets", { answeredMs: 2 }),
    request("create", "pods", { answeredMs: 3 }),
    request("patch", "ephemeralrunners/status", { answeredMs: 4 }),
    request("delete", "ephemeralrunners", { answeredMs: 5 }),
    request("patch", "ephemeralrunners", { answeredMs: 6 }),
    request("patch", "ephemeralrunners/status", { answeredMs: 7, code: 404 }),
    request("get", "ephemeralrunners", { answeredMs: 8 }),
  ]);
  assert.deepEqual(one.lifeOf("r1"), { ordered: 1, registered: 2, pod: 3, gone: 6 });
  assert.equal(one.runners, 1);
  one.forget("r1");
  assert.deepEqual(one.lifeOf("r1"), {});
});

Deno.test("a pod that was refused is not there", () => {
  const one = figures();
  one.add([request("create", "pods", { code: 403 })]);
  assert.equal(one.lifeOf("r1").pod, undefined);
});
