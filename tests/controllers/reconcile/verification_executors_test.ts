import assert from "node:assert/strict";
import { createExecutors } from "../../../controllers/reconcile/executors.ts";
import type { Step } from "../../../controllers/reconcile/step.ts";
import type { VirtualClock } from "../../../sim/clock.ts";
import { executorContext, fakeGitHub, fakeKube, NEVER } from "../fakes.ts";
import { TARGET } from "../situations.ts";

const LIST = {
  do: "list-runners",
  target: TARGET,
  uid: "u",
  session: "s",
  names: ["a", "b", "c"],
} as const satisfies Step;
const REPLACE = {
  do: "replace-runner",
  target: TARGET,
  runnerId: 7,
  key: { namespace: "n", name: "a" },
  reason: "NotRegistered",
  message: "m",
  lost: { set: "u", uid: "uid-a" },
} as const satisfies Step;

function stand(answers: Parameters<typeof fakeGitHub>[0] = {}) {
  const { kube, outline, bodyOf } = fakeKube();
  const github = fakeGitHub(answers);
  const { context } = executorContext({ kube, services: github.services });
  const executors = createExecutors(context);
  return { context, executors, outline, bodyOf, calls: github.calls };
}

Deno.test("one listing says who of a set is online, who offline, who absent", async () => {
  const listRunners = () => [
    { name: "a", isOnline: true, isBusy: false },
    { name: "b", isOnline: false, isBusy: false },
    { name: "foreign", isOnline: true, isBusy: false },
  ];
  const { context, executors } = stand({ listRunners });
  await executors["list-runners"](LIST, NEVER);
  const { listing } = context.listings.of("u") ?? {};
  assert.deepEqual([...listing?.known?.online ?? []], ["a"]);
  assert.deepEqual([...listing?.known?.offline ?? []], ["b"]);
  assert.equal(listing?.session, "s");
});

Deno.test("a busy runner counts as online, whatever else is said of it", async () => {
  const { context, executors } = stand({
    listRunners: () => [{ name: "a", isOnline: false, isBusy: true }],
  });
  await executors["list-runners"](LIST, NEVER);
  assert.ok(context.listings.of("u")?.listing.known?.online.has("a"));
});

Deno.test("sets of one place share a listing for two minutes", async () => {
  const { context, executors, calls } = stand();
  await executors["list-runners"](LIST, NEVER);
  await executors["list-runners"]({ ...LIST, uid: "v" }, NEVER);
  const elsewhere = { ...TARGET, configUrl: "https://github.com/other" };
  await executors["list-runners"]({ ...LIST, target: elsewhere }, NEVER);
  assert.equal(calls.length, 2);
  await (context.clock as VirtualClock).advance(120_000);
  await executors["list-runners"](LIST, NEVER);
  assert.equal(calls.length, 3);
});

for (
  const [words, listRunners] of [
    ["refuses", () => {
      throw new Error("403");
    }],
    ["has too many runners", () => undefined],
  ] as const
) {
  Deno.test(`a GitHub that ${words} tells nothing, and fails nobody`, async () => {
    const { context, executors } = stand({ listRunners });
    await executors["list-runners"](LIST, NEVER);
    const { listing } = context.listings.of("u") ?? {};
    assert.ok(listing !== undefined);
    assert.equal(listing.known, undefined);
  });
}

Deno.test("F17: a lost runner is marked as failed once GitHub let it go", async () => {
  const { context, executors, outline, bodyOf, calls } = stand();
  await executors["replace-runner"](REPLACE, NEVER);
  assert.deepEqual(calls, ["removeRunner 7"]);
  assert.deepEqual(outline(), ["patch-status EphemeralRunner a"]);
  assert.deepEqual(bodyOf("patch-status", "EphemeralRunner"), {
    status: {
      phase: "Failed",
      ready: false,
      reason: "NotRegistered",
      message: "m",
      failures: { "uid-a": context.clock.now().toISOString() },
    },
  });
});

Deno.test("F17: a runner that got a job at that moment is kept, and not asked for again", async () => {
  const { context, executors, outline } = stand({ removeRunner: () => "busy" });
  await executors["list-runners"](LIST, NEVER);
  await executors["replace-runner"](REPLACE, NEVER);
  assert.deepEqual(outline(), []);
  assert.ok(context.listings.of("u")?.spared.has("a"));
});

Deno.test("F17: a runner that a listing only missed is kept", async () => {
  const found = { id: 7, name: "a", scaleSetId: 7 };
  const { context, executors, outline, calls } = stand({ findRunner: () => found });
  await executors["list-runners"](LIST, NEVER);
  await executors["replace-runner"]({ ...REPLACE, onlyIf: "absent" }, NEVER);
  assert.deepEqual([outline(), calls.at(-1)], [[], 'findRunner "a"']);
  assert.ok(context.listings.of("u")?.spared.has("a"));
});

Deno.test("B3: one that only makes room is no failure", async () => {
  const { executors, bodyOf } = stand();
  const { lost: _, ...step } = REPLACE;
  await executors["replace-runner"](step, NEVER);
  const body = bodyOf("patch-status", "EphemeralRunner") as { readonly status: object };
  assert.ok(!("failures" in body.status));
});
