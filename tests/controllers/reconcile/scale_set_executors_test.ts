import assert from "node:assert/strict";
import { createGitHubCalls } from "../../../controllers/reconcile/github_calls.ts";
import { scaleSetExecutors } from "../../../controllers/reconcile/scale_set_executors.ts";
import type { Step } from "../../../controllers/reconcile/step.ts";
import { ANNOTATIONS } from "../../../crds/group.ts";
import { GitHubError } from "../../../github/errors.ts";
import type { KubeObject } from "../../../kube/types.ts";
import type { VirtualClock } from "../../../sim/clock.ts";
import { STORY } from "../../builders.ts";
import { executorContext, fakeGitHub, fakeKube, NEVER } from "../fakes.ts";
import { TARGET } from "../situations.ts";

type Named<Name extends Step["do"]> = Extract<Step, { do: Name }>;

function hands(options: { readonly github?: Parameters<typeof fakeGitHub>[0] } = {}) {
  const kube = fakeKube();
  const github = fakeGitHub(options.github);
  const { context } = executorContext({ kube: kube.kube, services: github.services });
  const does = scaleSetExecutors(context, createGitHubCalls(context));
  return { kube, github, does, clock: context.clock as VirtualClock };
}

const SET = { namespace: STORY.namespace, name: STORY.runnerSet };
const register: Named<"register-scale-set"> = {
  do: "register-scale-set",
  runnerSet: SET,
  target: TARGET,
  name: "linux",
  group: "",
  labels: ["linux"],
  alsoWrite: {},
};

Deno.test("labels are told as a whole, and what GitHub has is noted on the set", async () => {
  const { does, github, kube } = hands();
  const labels = ["linux", "gpu"];
  await does["update-scale-set"]({
    do: "update-scale-set",
    runnerSet: SET,
    target: TARGET,
    scaleSetId: 7,
    change: { labels },
  }, NEVER);
  assert.deepEqual(github.calls, ['updateScaleSet 7 {"labels":["linux","gpu"]}']);
  const { metadata } = kube.bodyOf("patch", "AutoscalingRunnerSet") as KubeObject;
  assert.equal(metadata?.annotations?.[ANNOTATIONS.scaleSetLabels], JSON.stringify(labels));
});

const REFUSALS: readonly (readonly [
  field: string,
  step: Named<"register-scale-set"> | Named<"update-scale-set">,
])[] = [
  ["spec.runnerScaleSetLabels", { ...register, labels: ["linux", "gpu"] }],
  ["spec.runnerScaleSetName", register],
  ...([
    ["spec.runnerScaleSetLabels", { labels: ["linux", "gpu"] }],
    ["spec.runnerScaleSetName", { name: "big" }],
    ["spec.runnerGroup", { group: "gpu" }],
  ] as const).map(([field, change]) =>
    [field, {
      do: "update-scale-set",
      runnerSet: SET,
      target: TARGET,
      scaleSetId: 7,
      change,
    }] as const
  ),
];

for (const [field, step] of REFUSALS) {
  Deno.test(`${step.do}: a refusal names ${field}, and is not provoked again for a minute`, async () => {
    let refuses = true;
    const answer = () => {
      if (refuses) throw new GitHubError("github_refused", "no");
      return { id: 7, name: "linux", runnerGroupName: "Default", runnerGroupId: 1, labels: [] };
    };
    const { does, github, clock } = hands({
      github: { createScaleSet: answer, updateScaleSet: answer },
    });
    const run = async () => void await does[step.do](step as never, NEVER);
    for (let i = 0; i < 9; i++) {
      await assert.rejects(run, { code: "github_field_refused", message: new RegExp(field) });
    }
    assert.equal(github.calls.filter((call) => /^(create|update)/.test(call)).length, 1);
    refuses = false;
    await clock.advance(60_000);
    await run();
    assert.equal(github.calls.filter((call) => /^(create|update)/.test(call)).length, 2);
  });
}

Deno.test("a scale set that is found keeps a note of the labels that it has, for the next look", async () => {
  const labels = ["linux", "old"];
  const found = { id: 9, name: "linux", runnerGroupName: "Default", runnerGroupId: 1, labels };
  const { does, kube } = hands({ github: { findScaleSet: () => found } });
  await does["register-scale-set"]({ ...register, labels: ["linux", "gpu"] }, NEVER);
  const { metadata } = kube.bodyOf("patch", "AutoscalingRunnerSet") as KubeObject;
  assert.equal(metadata?.annotations?.[ANNOTATIONS.scaleSetLabels], JSON.stringify(labels));
});
