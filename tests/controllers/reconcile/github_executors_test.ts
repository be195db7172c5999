import assert from "node:assert/strict";
import { githubExecutors } from "../../../controllers/reconcile/github_executors.ts";
import type { Step } from "../../../controllers/reconcile/step.ts";
import { ANNOTATIONS } from "../../../crds/group.ts";
import { GitHubError } from "../../../github/errors.ts";
import type { KubeObject, Secret } from "../../../kube/types.ts";
import type { VirtualClock } from "../../../sim/clock.ts";
import { aPod, aRunner, aRunnerSet, STORY } from "../../builders.ts";
import {
  executorContext,
  fakeGitHub,
  fakeKube,
  type KubeCall,
  kubeError,
  NEVER,
} from "../fakes.ts";
import { TARGET } from "../situations.ts";

type Named<Name extends Step["do"]> = Extract<Step, { do: Name }>;

function hands(
  options: {
    readonly github?: Parameters<typeof fakeGitHub>[0];
    readonly kube?: (call: KubeCall) => unknown;
  } = {},
) {
  const kube = fakeKube(options.kube);
  const github = fakeGitHub(options.github);
  const made = executorContext({ kube: kube.kube, services: github.services });
  const clock = made.context.clock as VirtualClock;
  return { kube, github, ...made, clock, does: githubExecutors(made.context) };
}

const SET = { namespace: STORY.namespace, name: STORY.runnerSet };
const RUNNER = { namespace: STORY.namespace, name: STORY.runner };
const CODES = { unauthorized: "github_unauthorized", down: "github_unavailable" } as const;
const fails = (what: keyof typeof CODES) => () => {
  throw new GitHubError(CODES[what], "no");
};
const text = (encoded: string | undefined) => atob(encoded ?? "");

const register: Named<"register-scale-set"> = {
  do: "register-scale-set",
  runnerSet: SET,
  target: TARGET,
  name: "linux",
  group: "",
  labels: ["linux"],
  alsoWrite: { metadata: { labels: { l: "1" } }, spec: { runnerScaleSetName: "linux" } },
};
const start: Named<"start-runner"> = {
  do: "start-runner",
  runner: aRunner({ phase: "" }),
  target: TARGET,
  scaleSetId: 7,
  workFolder: "/w",
  secretMetadata: { labels: { wish: "1" } },
  pod: aPod(),
};

Deno.test("a scale set is made when there is none, and all is written in one patch", async () => {
  const { does, github, kube } = hands();
  await does["register-scale-set"](register, NEVER);
  assert.deepEqual(github.calls, [
    'findScaleSet "linux" 1',
    'createScaleSet {"name":"linux","runnerGroupId":1,"labels":["linux"]}',
  ]);
  assert.deepEqual(kube.outline(), ["patch AutoscalingRunnerSet linux"]);
  assert.deepEqual(kube.bodyOf("patch", "AutoscalingRunnerSet"), {
    metadata: {
      labels: { l: "1" },
      annotations: {
        [ANNOTATIONS.scaleSetId]: "7",
        [ANNOTATIONS.scaleSetName]: "linux",
        [ANNOTATIONS.runnerGroupName]: "Default",
        [ANNOTATIONS.scaleSetLabels]: '["linux"]',
        [ANNOTATIONS.registeredUrl]: "https://github.com/acme",
      },
    },
    spec: { runnerScaleSetName: "linux" },
  });
});

Deno.test("a scale set that an attempt before a crash made is found again", async () => {
  const found = { id: 9, name: "linux", runnerGroupName: "gpu", runnerGroupId: 5, labels: [] };
  const { does, github, kube } = hands({ github: { findScaleSet: () => found } });
  await does["register-scale-set"]({ ...register, group: "gpu" }, NEVER);
  assert.deepEqual(github.calls, ['findRunnerGroup "gpu"', 'findScaleSet "linux" 5']);
  const { metadata } = kube.bodyOf("patch", "AutoscalingRunnerSet") as KubeObject;
  assert.equal(metadata?.annotations?.[ANNOTATIONS.scaleSetId], "9");
});

Deno.test("B10: a scale set that was called forgotten and is there is kept", async () => {
  const found = { id: 7, name: "linux", runnerGroupName: "Default", runnerGroupId: 1, labels: [] };
  const { does, github } = hands({ github: { getScaleSet: () => found } });
  await does["register-scale-set"]({ ...register, replaces: 7 }, NEVER);
  assert.deepEqual(github.calls, ["getScaleSet 7"]);
});

Deno.test("a runner group that nobody knows is named to the user, and tried again later", async () => {
  const { does } = hands({ github: { findRunnerGroup: () => undefined } });
  await assert.rejects(
    async () => await does["register-scale-set"]({ ...register, group: "gpu" }, NEVER),
    { code: "github_no_runner_group", message: /spec.runnerGroup is "gpu"/ },
  );
});

Deno.test("a credential that GitHub refused is read again before the next use", async () => {
  const refused = hands({ github: { findScaleSet: fails("unauthorized") } });
  await assert.rejects(async () => await refused.does["register-scale-set"](register, NEVER));
  assert.deepEqual(refused.github.distrusted, [STORY.secret]);
  const down = hands({ github: { findScaleSet: fails("down") } });
  await assert.rejects(async () => await down.does["register-scale-set"](register, NEVER));
  assert.deepEqual(down.github.distrusted, []);
});

Deno.test("a scale set is renamed, or moved to the group's id", async () => {
  const step = { do: "update-scale-set", runnerSet: SET, target: TARGET, scaleSetId: 7 } as const;
  const { does, github, kube } = hands();
  await does["update-scale-set"]({ ...step, change: { name: "big" } }, NEVER);
  await does["update-scale-set"]({ ...step, change: { group: "gpu" } }, NEVER);
  await does["update-scale-set"]({ ...step, change: { group: "" } }, NEVER);
  assert.deepEqual(github.calls, [
    'updateScaleSet 7 {"name":"big"}',
    'findRunnerGroup "gpu"',
    'updateScaleSet 7 {"runnerGroupId":5}',
    'updateScaleSet 7 {"runnerGroupId":1}',
  ]);
  assert.equal(kube.calls.length, 3);
});

Deno.test("B10: a scale set that GitHub forgot loses its id, so that it is registered again", async () => {
  const step = {
    do: "update-scale-set",
    runnerSet: SET,
    target: TARGET,
    scaleSetId: 7,
    change: { name: "big" },
  } as const;
  const { does, kube } = hands({ github: { updateScaleSet: () => undefined } });
  await does["update-scale-set"](step, NEVER);
  const path = `/metadata/annotations/${ANNOTATIONS.scaleSetId}`;
  assert.deepEqual(kube.bodyOf("json-patch", "AutoscalingRunnerSet"), [
    { op: "test", path, value: "7" },
    { op: "remove", path },
  ]);
  const mended = hands({
    github: { updateScaleSet: () => undefined },
    kube: () => {
      throw kubeError("kube_patch_test_failed");
    },
  });
  await mended.does["update-scale-set"](step, NEVER);
});

const orElse = { about: aRunnerSet(), type: "Warning", reason: "LeftBehind", note: "n" } as const;
const ASKED = [
  {
    step: { do: "delete-scale-set", target: TARGET, scaleSetId: 7 } as const,
    method: "deleteScaleSet",
    waitMs: 5_000,
  },
  {
    step: {
      do: "deregister-runner",
      target: TARGET,
      runnerId: 101,
      runnerName: STORY.runner,
      scaleSetId: 7,
      whenBusyMs: 30_000,
    } as const,
    method: "removeRunner",
    waitMs: 30_000,
  },
] as const;

for (const { step, method, waitMs } of ASKED) {
  const run = (made: ReturnType<typeof hands>, more: object = {}) =>
    (made.does[step.do] as (step: object, signal: AbortSignal) => Promise<unknown>)(
      { ...step, ...more },
      NEVER,
    );

  Deno.test(`${step.do}: done is done`, async () => {
    const made = hands();
    assert.equal(await run(made), undefined);
    assert.deepEqual(made.told, []);
  });

  Deno.test(`${step.do}: busy ends the attempt quietly`, async () => {
    assert.deepEqual(await run(hands({ github: { [method]: () => "busy" } })), { waitMs });
  });

  Deno.test(`${step.do}: a failure is thrown while there is time`, async () => {
    await assert.rejects(run(hands({ github: { [method]: fails("down") } })), { code: CODES.down });
  });

  for (const [what, answer] of [["refusal", () => "busy"], ["failure", fails("down")]] as const) {
    Deno.test(`B5: ${step.do}: at the last time of asking a ${what} is told, and no longer waited for`, async () => {
      const made = hands({ github: { [method]: answer } });
      assert.equal(await run(made, { orElse }), undefined);
      assert.deepEqual(made.told, ["LeftBehind"]);
    });
  }

  Deno.test(`B5: ${step.do}: at the last time of asking done is done`, async () => {
    const made = hands();
    await run(made, { orElse });
    assert.deepEqual([made.told, made.github.calls.length], [[], 1]);
  });
}

Deno.test("B5: the last time of asking waits for a job that GitHub says runs there", async () => {
  const step = { ...ASKED[1].step, orElse, sparesJob: true };
  const made = hands({ github: { removeRunner: () => "busy" } });
  assert.deepEqual(await made.does["deregister-runner"](step, NEVER), { waitMs: 30_000 });
  assert.deepEqual(made.told, []);
});

Deno.test("B5: a GitHub that does not answer in time has failed", async () => {
  const silence = (_id: number, { signal }: { signal: AbortSignal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const made = hands({ github: { removeRunner: silence } });
  const step = { ...ASKED[1].step, withinMs: 5_000 };
  const outcome = assert.rejects(async () => await made.does["deregister-runner"](step, NEVER), {
    code: "github_no_answer",
  });
  await (made.context.clock as VirtualClock).advance(5_000);
  await outcome;
});

Deno.test("F25: while GitHub fails at courtesies it is spared them, and asked what others wait for", async () => {
  const made = hands({ github: { removeRunner: fails("down") } });
  const courtesy = { ...ASKED[1].step, isCourtesy: true };
  await assert.rejects(async () => await made.does["deregister-runner"](courtesy, NEVER));
  await made.does["deregister-runner"]({ ...courtesy, runnerId: 102 }, NEVER);
  assert.deepEqual(made.github.calls, ["removeRunner 101"]);
  await assert.rejects(async () => await made.does["deregister-runner"](ASKED[1].step, NEVER));
  await made.clock.advance(30_000);
  await assert.rejects(async () => await made.does["deregister-runner"](courtesy, NEVER));
  assert.equal(made.github.calls.length, 3);
});

Deno.test("F14: a runner that GitHub lets go is owed to the set that is named, a busy one is not", async () => {
  const step = { ...ASKED[1].step, owedTo: "u" };
  const idle = hands();
  await idle.does["deregister-runner"](step, NEVER);
  assert.ok(idle.context.departures.isOwing("u"));
  const busy = hands({ github: { removeRunner: () => "busy" } });
  await busy.does["deregister-runner"](step, NEVER);
  assert.ok(!busy.context.departures.isOwing("u"));
});

Deno.test("F25: a GitHub that hangs when runners are to go is waited for 10 s, and nothing is left at work", async () => {
  const silence = (_id: number, { signal }: { signal: AbortSignal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const made = hands({ github: { removeRunner: silence } });
  const candidates = [101, 102].map((runnerId) => ({ runnerId, key: RUNNER, uid: "u" }));
  const step = { do: "retire-runners", target: TARGET, candidates, count: 2 } as const;
  const outcome = assert.rejects(async () => await made.does["retire-runners"](step, NEVER), {
    code: "github_no_answer",
  });
  await made.clock.advance(10_000);
  await outcome;
  assert.equal(made.github.calls.length, 2);
});

Deno.test("C2: a runner whose id was never stored is found by its name, in its own scale set", async () => {
  const step = { ...ASKED[1].step, runnerId: undefined };
  const ours = hands({ github: { findRunner: () => ({ id: 55, name: "r", scaleSetId: 7 }) } });
  await ours.does["deregister-runner"](step, NEVER);
  assert.deepEqual(ours.github.calls, [`findRunner "${STORY.runner}"`, "removeRunner 55"]);
  const others = hands({ github: { findRunner: () => ({ id: 55, name: "r", scaleSetId: 8 }) } });
  await others.does["deregister-runner"](step, NEVER);
  assert.equal(others.github.calls.length, 1);
});

Deno.test("a runner is registered, its Secret is stored, its pod is made: two writes", async () => {
  const { does, github, kube, context } = hands();
  assert.equal(await does["start-runner"](start, NEVER), undefined);
  assert.deepEqual(github.calls, [
    `issueJitConfig {"scaleSetId":7,"runnerName":"${STORY.runner}","workFolder":"/w"}`,
  ]);
  assert.deepEqual(kube.outline(), [`create Secret ${STORY.runner}`, `create Pod ${STORY.runner}`]);
  const secret = kube.bodyOf("create", "Secret") as Secret;
  assert.deepEqual(
    Object.entries(secret.data ?? {}).map(([key, value]) => [key, text(value)]),
    [["jitToken", "jit-text"], ["runnerName", STORY.runner], ["runnerId", "101"], [
      "scaleSetId",
      "7",
    ]],
  );
  assert.deepEqual(secret.metadata?.labels, { wish: "1" });
  assert.equal(secret.metadata?.ownerReferences?.[0]?.kind, "EphemeralRunner");
  const pod = kube.bodyOf("create", "Pod") as KubeObject;
  assert.equal(pod.metadata?.annotations?.[ANNOTATIONS.runnerId], "101");
  assert.notEqual(pod.metadata?.labels?.["pod-template-hash"], undefined);
  assert.equal(context.registered.size, 0);
});

Deno.test("a pod that could not be made is tried again with the same registration (quota)", async () => {
  let isFull = true;
  const { does, github } = hands({
    kube: ({ type, verb }) => {
      if (isFull && verb === "create" && type.kind === "Pod") throw kubeError("kube_quota");
      return undefined;
    },
  });
  await assert.rejects(async () => await does["start-runner"](start, NEVER), {
    code: "kube_quota",
  });
  isFull = false;
  await does["start-runner"](start, NEVER);
  assert.equal(github.calls.length, 1);
});

/** The cluster has a pod that the caches do not show. */
function startBesidePod(annotations: Readonly<Record<string, string>>) {
  const { uid = "", name = "" } = start.runner.metadata ?? {};
  const pod = aPod();
  const owner = { apiVersion: "v1", kind: "EphemeralRunner", name, uid, controller: true };
  const metadata = { ...pod.metadata, annotations, ownerReferences: [owner] };
  return hands({
    kube: ({ type, verb }) => {
      if (type.kind !== "Pod") return undefined;
      if (verb === "get") return { ...pod, metadata };
      throw kubeError("kube_already_exists");
    },
  });
}

Deno.test("what was registered for a runner that has its pod already is removed again", async () => {
  const { does, github, context } = startBesidePod({ [ANNOTATIONS.runnerId]: "88" });
  assert.equal(await does["start-runner"](start, NEVER), undefined);
  assert.deepEqual(github.calls.slice(1), ["removeRunner 101"]);
  assert.equal(context.registered.size, 0);
});

Deno.test("a pod that was made though its answer was lost keeps its registration", async () => {
  const { does, github, context } = startBesidePod({ [ANNOTATIONS.runnerId]: "101" });
  assert.equal(await does["start-runner"](start, NEVER), undefined);
  assert.equal(github.calls.length, 1);
  assert.equal(context.registered.size, 0);
});

Deno.test("C1: a registration that a crash left behind is removed, and its Secret overwritten", async () => {
  const answers: unknown[] = ["name-taken"];
  const { does, github, kube } = hands({
    github: {
      issueJitConfig: () =>
        answers.shift() ??
          {
            runnerId: 102,
            runnerName: STORY.runner,
            scaleSetId: 7,
            encoded: { reveal: () => "n" },
          },
      findRunner: () => ({ id: 100, name: STORY.runner, scaleSetId: 7 }),
    },
    kube: ({ type, verb }) => {
      if (verb === "create" && type.kind === "Secret") throw kubeError("kube_already_exists");
      return undefined;
    },
  });
  await does["start-runner"](start, NEVER);
  assert.deepEqual(github.calls.map((call) => call.split(" ")[0]), [
    "issueJitConfig",
    "findRunner",
    "removeRunner",
    "issueJitConfig",
  ]);
  assert.deepEqual(kube.outline(), [
    `create Secret ${STORY.runner}`,
    `patch Secret ${STORY.runner}`,
    `create Pod ${STORY.runner}`,
  ]);
});

Deno.test("a name that another scale set holds makes room for another name", async () => {
  const { does, kube, github } = hands({
    github: {
      issueJitConfig: () => "name-taken",
      findRunner: () => ({ id: 100, name: STORY.runner, scaleSetId: 8 }),
    },
  });
  assert.deepEqual(await does["start-runner"](start, NEVER), { waitMs: 1_000 });
  assert.deepEqual(kube.outline(), [`delete EphemeralRunner ${STORY.runner}`]);
  assert.deepEqual(github.calls.filter((call) => call.startsWith("removeRunner")), []);
});

Deno.test("B10: a runner of a scale set that GitHub forgot goes, and the set registers again", async () => {
  const { does, kube } = hands({ github: { issueJitConfig: () => "no-scale-set" } });
  assert.deepEqual(await does["start-runner"](start, NEVER), { waitMs: 1_000 });
  assert.deepEqual(kube.outline(), [
    "json-patch AutoscalingRunnerSet linux",
    `delete EphemeralRunner ${STORY.runner}`,
  ]);
});

const candidates = ["a", "b", "c"].map((name, i) => ({
  runnerId: i + 1,
  key: { namespace: STORY.namespace, name },
  uid: `u-${name}`,
}));

Deno.test("idle runners are asked in turn until so many have agreed", async () => {
  const { does, github, kube } = hands({
    github: { removeRunner: (id: number) => id === 1 ? "busy" : "removed" },
  });
  const step = { do: "retire-runners", target: TARGET, candidates, count: 1 } as const;
  await does["retire-runners"](step, NEVER);
  assert.deepEqual(github.calls, ["removeRunner 1", "removeRunner 2"]);
  assert.deepEqual(kube.outline(), ["delete EphemeralRunner b"]);
});

Deno.test("B3: a runner makes room only when GitHub says that it is idle", async () => {
  const step = {
    do: "replace-runner",
    target: TARGET,
    runnerId: 101,
    key: RUNNER,
    reason: "TemplateChanged",
    message: "m",
  } as const;
  const busy = hands({ github: { removeRunner: () => "busy" } });
  await busy.does["replace-runner"](step, NEVER);
  assert.deepEqual(busy.kube.calls, []);
  const idle = hands();
  await idle.does["replace-runner"](step, NEVER);
  assert.deepEqual(idle.kube.bodyOf("patch-status", "EphemeralRunner"), {
    status: { phase: "Failed", ready: false, reason: "TemplateChanged", message: "m" },
  });
});

Deno.test("B9: GitHub is not asked twice to let a runner go: once when it retires, not again when its object goes", async () => {
  const { does, github } = hands({ github: { removeRunner: () => "removed" } });
  const runner = { key: RUNNER, uid: "u", runnerId: 9 };
  await does["retire-runners"]({
    do: "retire-runners",
    target: TARGET,
    candidates: [runner],
    count: 1,
  }, NEVER);
  const deregister = {
    do: "deregister-runner",
    target: TARGET,
    runnerId: 9,
    runnerName: RUNNER.name,
    scaleSetId: 7,
    whenBusyMs: 1,
  } as const;
  const calls = () => github.calls.filter((call) => call.startsWith("removeRunner"));
  assert.equal(calls().length, 1);
  assert.equal(await does["deregister-runner"](deregister, NEVER), undefined);
  assert.equal(calls().length, 1, "it was let go of");
  await does["deregister-runner"](deregister, NEVER);
  assert.equal(calls().length, 2, "what is not known to be gone is asked for");
});
