import assert from "node:assert/strict";
import { kubeExecutors } from "../../../controllers/reconcile/kube_executors.ts";
import { EPHEMERAL_RUNNERS } from "../../../crds/ephemeral_runner.ts";
import { FINALIZERS } from "../../../crds/group.ts";
import type { KubeErrorCode } from "../../../kube/errors.ts";
import { PODS, ROLES } from "../../../kube/resources.ts";
import type { KubeObject } from "../../../kube/types.ts";
import type { VirtualClock } from "../../../sim/clock.ts";
import { aPod, aRunner } from "../../builders.ts";
import {
  executorContext,
  fakeGitHub,
  fakeKube,
  type KubeCall,
  kubeError,
  NEVER,
} from "../fakes.ts";

function hands(answer?: (call: KubeCall) => unknown) {
  const kube = fakeKube(answer);
  const { context, absorbed, told } = executorContext({ kube: kube.kube, ...fakeGitHub() });
  return { ...kube, context, absorbed, told, does: kubeExecutors(context) };
}

const KEY = { namespace: "n", name: "o" };
const named: KubeObject = { metadata: KEY };
const generated: KubeObject = { metadata: { namespace: "n", generateName: "linux-runner-" } };

Deno.test("a generated name is drawn before the server is asked", async () => {
  const { does, calls, absorbed } = hands();
  await does.create({ do: "create", type: EPHEMERAL_RUNNERS, object: generated }, NEVER);
  const { metadata } = calls[0]?.body as KubeObject;
  assert.match(metadata?.name ?? "", /^linux-runner-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  assert.deepEqual(absorbed, [`+ ${metadata?.name}`]);
});

Deno.test("a generated name has 63 characters at most, as the server generates it", async () => {
  const { does, calls } = hands();
  const metadata = { namespace: "n", generateName: `${"x".repeat(63)}-runner-` };
  await does.create({ do: "create", type: EPHEMERAL_RUNNERS, object: { metadata } }, NEVER);
  const { name = "" } = (calls[0]?.body as KubeObject).metadata ?? {};
  assert.match(name, /^x{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});

Deno.test("F22: while a quota on runners is full one of them is tried each ten seconds", async () => {
  let isFull = true;
  const { does, calls, context } = hands(() => {
    if (isFull) throw kubeError("kube_quota");
    return undefined;
  });
  const step = { do: "create", type: EPHEMERAL_RUNNERS, object: generated } as const;
  const three = () => Promise.allSettled([1, 2, 3].map(() => does.create(step, NEVER)));
  await three();
  assert.equal(calls.length, 3, "nobody knew");
  await three();
  assert.equal(calls.length, 3);
  await (context.clock as VirtualClock).advance(10_000);
  const outcomes = await three();
  assert.equal(calls.length, 4);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), [
    "fulfilled",
    "fulfilled",
    "rejected",
  ]);
  isFull = false;
  await (context.clock as VirtualClock).advance(10_000);
  await three();
  await three();
  assert.equal(calls.length, 8, "one found room, then all");
});

Deno.test("an object that exists already is shown and left to the next plan", async () => {
  const { does, absorbed, outline } = hands(({ verb }) => {
    if (verb === "create") throw kubeError("kube_already_exists");
    return named;
  });
  await does.create({ do: "create", type: PODS, object: named }, NEVER);
  assert.deepEqual([outline(), absorbed], [["create Pod o", "get Pod o"], ["+ o"]]);
});

for (
  const code of ["kube_timeout", "kube_unreachable", "kube_internal", "kube_unavailable"] as const
) {
  Deno.test(`a create whose answer was lost (${code}) never makes two objects`, async () => {
    const { does, calls, absorbed } = hands(({ verb, key }) => {
      if (verb === "create") throw kubeError(code);
      return { metadata: key };
    });
    await does.create({ do: "create", type: EPHEMERAL_RUNNERS, object: generated }, NEVER);
    assert.deepEqual(calls[1]?.key, calls[0]?.key);
    assert.equal(absorbed.length, 1);
  });

  Deno.test(`a create that really failed (${code}) fails`, async () => {
    const { does } = hands(({ verb }) => {
      if (verb === "create") throw kubeError(code);
      return undefined;
    });
    const step = { do: "create", type: EPHEMERAL_RUNNERS, object: generated } as const;
    await assert.rejects(does.create(step, NEVER), { code });
  });
}

Deno.test("a name that was drawn twice is another runner's: the step fails, and another is drawn", async () => {
  const owner = { apiVersion: "v1", kind: "Other", name: "x", uid: "x", controller: true };
  const foreign = aRunner({ metadata: { ownerReferences: [owner] } });
  const { does } = hands(({ verb }) => {
    if (verb === "create") throw kubeError("kube_already_exists");
    return foreign;
  });
  const step = { do: "create", type: EPHEMERAL_RUNNERS, object: generated } as const;
  await assert.rejects(does.create(step, NEVER), { code: "kube_already_exists" });
});

Deno.test("a create that somebody on the way sent twice has made its object", async () => {
  const { does, outline, absorbed } = hands(({ verb, body, key }) => {
    if (verb === "create") throw kubeError("kube_already_exists");
    return { ...body as object, metadata: { ...generated.metadata, ...key } };
  });
  await does.create({ do: "create", type: EPHEMERAL_RUNNERS, object: generated }, NEVER);
  assert.equal(outline().length, 2);
  assert.equal(absorbed.length, 1);
});

Deno.test("a refusal is thrown without asking whether it was carried out", async () => {
  const { does, outline } = hands(() => {
    throw kubeError("kube_quota");
  });
  await assert.rejects(does.create({ do: "create", type: PODS, object: named }, NEVER));
  assert.deepEqual(outline(), ["create Pod o"]);
});

Deno.test("a patch is shown before the watch tells", async () => {
  const { does, absorbed, bodyOf } = hands();
  await does.patch({ do: "patch", type: PODS, key: KEY, patch: { a: 1 } }, NEVER);
  assert.deepEqual([bodyOf("patch", "Pod"), absorbed], [{ a: 1 }, ["+ o"]]);
});

Deno.test("a deletion names the incarnation, and is shown as gone or as going", async () => {
  const gone = hands();
  await gone.does.delete({ do: "delete", type: PODS, key: KEY, uid: "u" }, NEVER);
  assert.deepEqual([gone.bodyOf("delete", "Pod"), gone.absorbed], ["u", ["- o"]]);
  const going = hands(() => aPod().deleting());
  await going.does.delete({ do: "delete", type: PODS, key: KEY, uid: "u" }, NEVER);
  assert.deepEqual(going.absorbed, ["+ linux-runner-a1b2c"]);
});

Deno.test("finalizers are removed one by one, nobody else's with them", async () => {
  const finalizers = [FINALIZERS.ephemeralRunner, "other/f", FINALIZERS.runnerRegistration];
  const object = aRunner({ metadata: { finalizers } });
  const { does, calls } = hands(() => ({
    ...object,
    metadata: { ...object.metadata, finalizers: finalizers.slice(1) },
  }));
  await does["remove-finalizers"]({
    do: "remove-finalizers",
    type: EPHEMERAL_RUNNERS,
    object,
    finalizers: [FINALIZERS.ephemeralRunner, FINALIZERS.runnerRegistration],
  }, NEVER);
  const removed = calls.flatMap(({ body }) =>
    (body as { op: string; path: string }[]).filter(({ op }) => op === "remove").map((o) => o.path)
  );
  assert.deepEqual(removed, ["/metadata/finalizers/0", "/metadata/finalizers/1"]);
});

Deno.test("a finalizer that is there already costs nothing", async () => {
  const { does, calls } = hands();
  const finalizers = [FINALIZERS.runnerRegistration];
  const type = EPHEMERAL_RUNNERS;
  await does["add-finalizer"]({ do: "add-finalizer", type, object: aRunner(), finalizers }, NEVER);
  assert.deepEqual(calls, []);
});

Deno.test("an object that is gone needs no finalizer removed, and a moved one is an error", async () => {
  const step = {
    do: "remove-finalizers",
    type: EPHEMERAL_RUNNERS,
    object: aRunner(),
    finalizers: [FINALIZERS.runnerRegistration],
  } as const;
  const fails = (code: KubeErrorCode) =>
    hands(() => {
      throw kubeError(code);
    });
  const gone = fails("kube_not_found");
  await gone.does["remove-finalizers"](step, NEVER);
  assert.deepEqual(gone.absorbed, ["- linux-runner-a1b2c"]);
  const moved = fails("kube_patch_test_failed");
  await assert.rejects(async () => await moved.does["remove-finalizers"](step, NEVER));
});

Deno.test("an object that no cache shows but that is there ends the attempt, and is shown", async () => {
  const step = { do: "confirm-gone", type: PODS, key: KEY } as const;
  const there = hands(() => aPod());
  assert.deepEqual(await there.does["confirm-gone"](step, NEVER), { waitMs: 5_000 });
  assert.deepEqual(there.absorbed, ["+ linux-runner-a1b2c"]);
  assert.equal(await hands().does["confirm-gone"](step, NEVER), undefined);
});

Deno.test("an object that no watch tells of is read, and shown as it is or as gone", async () => {
  const step = { do: "look-at", type: PODS, key: KEY, uid: "u" } as const;
  const there = hands(() => aPod());
  await there.does["look-at"](step, NEVER);
  assert.deepEqual(there.absorbed, ["+ linux-runner-a1b2c"]);
  const gone = hands();
  await gone.does["look-at"](step, NEVER);
  assert.deepEqual(gone.absorbed, ["- o"]);
});

Deno.test("what the container hooks made for a runner goes, unless it is going", async () => {
  const { does, calls, outline } = hands(({ verb, type }) =>
    verb === "list" && type.kind === "Pod"
      ? [aPod({ name: "a" }), aPod({ name: "b" }).deleting()]
      : undefined
  );
  await does["delete-linked"](
    { do: "delete-linked", runner: { namespace: "n", name: "r" } },
    NEVER,
  );
  assert.deepEqual(outline(), ["list Pod ", "delete Pod a", "list Secret "]);
  assert.equal(calls[0]?.body, "runner-pod=r");
});

Deno.test("a protected object is let go when it is there and it may be", async () => {
  const step = { do: "release-protected", type: ROLES, key: KEY } as const;
  const held = { metadata: { ...KEY, finalizers: [FINALIZERS.cleanupProtection] } };
  const there = hands(({ verb }) => verb === "get" ? held : undefined);
  await there.does["release-protected"](step, NEVER);
  assert.deepEqual(there.outline(), ["get Role o", "json-patch Role o"]);
  const free = hands(({ verb }) => verb === "get" ? named : undefined);
  await free.does["release-protected"](step, NEVER);
  assert.deepEqual(free.outline(), ["get Role o"]);
});

for (
  const [code, isFine] of [["kube_not_found", true], ["kube_forbidden", true], [
    "kube_internal",
    false,
  ]] as const
) {
  Deno.test(`a protected object that answers ${code} ${isFine ? "is passed over" : "is tried again"}`, async () => {
    const { does } = hands(() => {
      throw kubeError(code);
    });
    const step = { do: "release-protected", type: ROLES, key: KEY } as const;
    const outcome = Promise.resolve(does["release-protected"](step, NEVER));
    if (isFine) await outcome;
    else await assert.rejects(outcome, { code });
  });
}

Deno.test("Events are told, and served decisions remembered", async () => {
  const { does, told, context } = hands();
  await does["record-event"]({
    do: "record-event",
    about: named,
    type: "Warning",
    reason: "R",
    note: "n",
  }, NEVER);
  const served = { patchId: 3, replicas: 2 };
  context.departures.owe("r", "u");
  await does["note-served"]({ do: "note-served", uid: "u", served }, NEVER);
  assert.ok(!context.departures.isOwing("u"));
  assert.deepEqual([told, context.served.get("u")], [["R"], served]);
});
