import assert from "node:assert/strict";
import {
  AUTOSCALING_RUNNER_SETS,
  type AutoscalingRunnerSet,
} from "../../crds/autoscaling_runner_set.ts";
import { SECRETS } from "../../kube/resources.ts";
import type { KubeObject, ObjectKey, ResourceType } from "../../kube/types.ts";
import { kindObjects } from "../../sim/world_objects.ts";
import { openWatchedStage } from "./invariants.ts";
import { setObjects, type SetWords, type Stage } from "./stage.ts";
import { ACME, areDone, GLOBEX, queueIn, sessions } from "./stories/sets.ts";

Deno.test("F32: two sets of one name in one namespace's organizations work side by side", async () => {
  const watched = await openWatchedStage({ max: 3 });
  await using stage = watched.stage;
  stage.startController();
  const spec = { runnerScaleSetName: "linux" };
  await stage.addSet({ ...ACME, name: "linux-acme", max: 3, spec });
  await stage.addSet({ ...GLOBEX, namespace: ACME.namespace, name: "linux-globex", max: 3, spec });
  await stage.until("both listen", () => sessions(stage) === 2, 60);
  const jobs = [...queueIn(stage, "acme", 3), ...queueIn(stage, "globex", 3)];
  await stage.until("all jobs are done", () => areDone(stage, jobs), 60);
  watched.check();
});

interface Breakage {
  readonly claim: string;
  /** What the broken set is made of. */
  readonly objects: (words: SetWords) => readonly KubeObject[];
  /** What the condition says. */
  readonly reason: string;
  readonly message: RegExp;
  readonly mend: (stage: Stage, words: SetWords) => Promise<unknown>;
}

const BROKEN: ObjectKey = { namespace: GLOBEX.namespace, name: "linux" };

function isSecret(object: KubeObject): boolean {
  return object.kind === "Secret";
}

/** The set with another spec. */
function withSpec(spec: NonNullable<AutoscalingRunnerSet["spec"]>): Breakage["objects"] {
  return (words) => setObjects({ ...words, spec });
}

/** Gives the set back what it should have. */
function mendSpec(stage: Stage, words: SetWords): Promise<unknown> {
  const set = setObjects(words).find(({ kind }) => kind === AUTOSCALING_RUNNER_SETS.kind);
  const { spec } = set as AutoscalingRunnerSet;
  return stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, BROKEN, { spec });
}

const BREAKAGES: readonly Breakage[] = [
  {
    claim: "a Secret that does not exist",
    objects: (words) => setObjects(words).filter((object) => !isSecret(object)),
    reason: "CredentialsInvalid",
    message: /"team-b\/linux-github" does not exist/,
    mend: (stage, words) => stage.world.apply(setObjects(words).filter(isSecret)),
  },
  {
    claim: "a Secret without a credential",
    objects: (words) =>
      setObjects(words).map((object) => isSecret(object) ? { ...object, data: {} } : object),
    reason: "CredentialsInvalid",
    message: /github_token/,
    mend: (stage, words) => {
      const data = { github_token: btoa(words.token ?? "") };
      return stage.world.admin.patch(SECRETS, { ...BROKEN, name: "linux-github" }, { data });
    },
  },
  {
    claim: "a token that GitHub refuses",
    objects: (words) => setObjects({ ...words, token: "stolen" }),
    reason: "CredentialsInvalid",
    message: /401/,
    mend: (stage, words) => {
      const data = { github_token: btoa(words.token ?? "") };
      return stage.world.admin.patch(SECRETS, { ...BROKEN, name: "linux-github" }, { data });
    },
  },
  {
    claim: "a URL that names nobody",
    objects: (words) => setObjects({ ...words, url: "https://github.com" }),
    reason: "InvalidConfigUrl",
    message: /https:\/\/github.com/,
    mend: mendSpec,
  },
  {
    claim: "more runners at least than at most",
    objects: (words) => setObjects({ ...words, min: 5, max: 3 }),
    reason: "InvalidRunnerCounts",
    message: /minRunners is 5: it must be at most spec.maxRunners, which is 3/,
    mend: mendSpec,
  },
  {
    claim: "a template without a runner",
    objects: withSpec({ template: { spec: { containers: [{ name: "builder", image: "x" }] } } }),
    reason: "InvalidTemplate",
    message: /has builder: one must be named runner/,
    mend: mendSpec,
  },
];

for (const { claim, objects, reason, message, mend } of BREAKAGES) {
  Deno.test(`a set with ${claim} says so, the others work on, and mending heals it`, async () => {
    const watched = await openWatchedStage({ max: 3 });
    await using stage = watched.stage;
    const words = { ...GLOBEX, min: 0, max: 3 };
    stage.startController();
    await stage.addSet({ ...ACME, max: 3 });
    await storePastRules(stage, objects(words));
    await stage.until("it says what is wrong", () => ready(stage)?.status === "False", 30);
    assert.equal(ready(stage)?.reason, reason);
    assert.match(ready(stage)?.message ?? "", message);
    const jobs = queueIn(stage, "acme", 4);
    await stage.until("the other one works", () => areDone(stage, jobs), 90);
    const waiting = queueIn(stage, "globex", 2);
    await mend(stage, words);
    await stage.until("it is well", () => ready(stage)?.status === "True", 75);
    await stage.until("its jobs are done", () => areDone(stage, waiting), 60);
    watched.check();
  });
}

function ready(stage: Stage) {
  const set = stage.world.api.store.get(AUTOSCALING_RUNNER_SETS, BROKEN) as
    | AutoscalingRunnerSet
    | undefined;
  return set?.status?.conditions?.find(({ type }) => type === "Ready");
}

const DEFINITIONS: ResourceType<KubeObject> = {
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
};

/** As under ARC's definitions, which have fewer rules than ours: these come after the objects. */
async function storePastRules(stage: Stage, objects: readonly KubeObject[]): Promise<void> {
  const name = `${AUTOSCALING_RUNNER_SETS.plural}.${AUTOSCALING_RUNNER_SETS.group}`;
  const definition = kindObjects().find(({ metadata }) => metadata?.name === name);
  const { spec } = definition as KubeObject & { readonly spec: unknown };
  const lax = JSON.parse(
    JSON.stringify(spec, (key, value) => key === "x-kubernetes-validations" ? undefined : value),
  );
  const key = { namespace: "", name };
  await stage.world.admin.patch(DEFINITIONS, key, { spec: lax });
  await stage.world.apply(objects);
  await stage.world.admin.patch(DEFINITIONS, key, { spec });
}
