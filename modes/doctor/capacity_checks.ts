/** Whether runners find room, start from an image that GitHub takes, and whether anything hangs in its deletion. Pure. */
import { CONDITIONS } from "../../controllers/conditions.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { CONTAINERS, MAX_RUNNERS } from "../../crds/group.ts";
import { parseConfigUrl } from "../../github/config_url.ts";
import { conditionOf, isDeleting } from "../../kube/meta.ts";
import { keyOf, keyText, type PodSpec } from "../../kube/types.ts";
import { podTrouble } from "../pod_trouble.ts";
import { isStuck } from "../stuck.ts";
import type { Check, Finding } from "./check.ts";
import type { Facts } from "./facts.ts";
import { blindTo, judged, ok, orOk, someOf, wrong } from "./seen.ts";
import { amountsOf, beyondLimits, tightest } from "./room.ts";

export const roomForRunners: Check = {
  id: "room",
  asks: "Do quotas, limits and nodes leave room for the runners?",
  judge: (facts) =>
    judged(facts.sets, (sets) => {
      const alive = sets.filter((set) => !isDeleting(set));
      const findings = [...alive.flatMap((set) => roomOf(set, facts)), ...waitingPods(facts)];
      const blind = blindTo([facts.quotas, facts.limitRanges, facts.pods, facts.runners]);
      return [...orOk(findings, "Nothing that we see limits the runners below their maximum")]
        .concat(blind);
    }),
};

function roomOf(set: AutoscalingRunnerSet, facts: Facts): readonly Finding[] {
  const { namespace, name } = keyOf(set);
  const spec = podSpecOf(set);
  if (spec === undefined) return [];
  const here = ({ metadata }: { readonly metadata?: { readonly namespace?: string } }) =>
    metadata?.namespace === namespace;
  const ranges = someOf(facts.limitRanges).filter(here);
  const beyond = beyondLimits(spec, ranges);
  if (beyond !== undefined) {
    return [wrong(
      `No runner of "${namespace}/${name}" can be created: ${beyond}`,
      "Change the resources in spec.template, or the LimitRange",
    )];
  }
  const room = tightest(someOf(facts.quotas).filter(here), amountsOf(spec, ranges));
  if (room === undefined) return [];
  const { maxRunners = MAX_RUNNERS } = set.spec ?? {};
  const current = set.status?.currentRunners ?? 0;
  if (room.fits >= maxRunners - current) return [];
  const isUnlimited = maxRunners === MAX_RUNNERS;
  const wanted = isUnlimited ? "has no maximum" : `may have ${maxRunners}`;
  const says =
    `ResourceQuota "${room.quota}" in namespace "${namespace}" leaves room for ${room.fits} more ` +
    `runners of "${name}", which has ${current} and ${wanted}: ${room.resource} is ${room.used} ` +
    `of ${room.hard}`;
  // Where the set has no maximum, the quota is meant to be it.
  return isUnlimited && room.fits > 0
    ? [ok(says)]
    : [wrong(says, "Raise the quota, lower maxRunners, or let runners ask for less")];
}

/** The API server stores a template of any shape: one that no pod could have says nothing here. */
function podSpecOf(set: AutoscalingRunnerSet): PodSpec | undefined {
  const spec = set.spec?.template?.spec;
  return hasContainers(spec?.containers) && hasContainers(spec?.initContainers ?? [])
    ? spec
    : undefined;
}

function hasContainers(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null);
}

/** Pods of runners that wait for a node. */
function waitingPods({ pods, runners }: Facts): readonly Finding[] {
  const names = new Set(someOf(runners).map((runner) => keyText(keyOf(runner))));
  const troubles = someOf(pods).filter((pod) => names.has(keyText(keyOf(pod)))).flatMap((pod) => {
    const trouble = podTrouble(pod);
    return trouble === undefined ? [] : [{ pod, trouble }];
  });
  return [...Map.groupBy(troubles, ({ trouble }) => trouble.says)].map(([says, all]) => {
    const name = keyText(keyOf(all[0]?.pod ?? {}));
    const more = all.length > 1 ? ` (and ${all.length - 1} more)` : "";
    const isPlace = all[0]?.trouble.is === "unschedulable";
    return wrong(
      isPlace
        ? `The pod of runner "${name}"${more} finds no node: ${says}`
        : `The pod of runner "${name}"${more} does not start: ${says}`,
      isPlace
        ? "Add nodes, or change requests, selectors and tolerations in spec.template"
        : "Correct the image, its pull secret or the container in spec.template",
    );
  });
}

export const imageRecent: Check = {
  id: "image",
  asks: "Is the runners' image recent enough for GitHub?",
  judge: ({ sets, runnerSets }) =>
    judged(sets, (all) => {
      const alive = all.filter((set) => !isDeleting(set));
      if (alive.length === 0) return [ok("There is no runner set yet")];
      return orOk(
        alive.flatMap((set) => imageFindings(set, someOf(runnerSets))),
        "None is known to be too old, and no set was refused for its version",
      );
    }),
};

function imageFindings(
  set: AutoscalingRunnerSet,
  runnerSets: readonly EphemeralRunnerSet[],
): readonly Finding[] {
  const name = keyText(keyOf(set));
  const own = runnerSets.find((one) => keyText(keyOf(one)) === name);
  const image = podSpecOf(set)?.containers.find((one) => one.name === CONTAINERS.runner)?.image;
  const remedy = "Use a newer image in spec.template; idle runners are replaced by themselves";
  for (const { status } of [set, ...own === undefined ? [] : [own]]) {
    const condition = conditionOf(status?.conditions, CONDITIONS.runnerImageOutdated);
    if (condition?.status === "True") {
      return [
        wrong(
          `The runners of "${name}", image "${image}", are outdated: ${condition.message}`,
          remedy,
        ),
      ];
    }
  }
  if (set.status?.phase === "Outdated" || own?.status?.phase === "Outdated") {
    return [wrong(`GitHub refuses the runner version in image "${image}" of "${name}"`, remedy)];
  }
  if (!isTooOld(image) || !isHosted(set)) return [];
  return [wrong(
    `The image of "${name}" is too old: it is "${image}", and GitHub registers no runner older ` +
      `than ${OLDEST_RUNNER.join(".")}`,
    remedy,
  )];
}

/** Source: GitHub's changelog of 2026-06-12, "minimum version enforcement timeline for self-hosted runners". */
const OLDEST_RUNNER = [2, 329, 0] as const;

/** By its tag, where it is GitHub's own image or a copy of it: other tags do not say which runner is inside. */
function isTooOld(image = ""): boolean {
  const [, ...version] = /(?:^|\/)actions-runner:v?(\d+)\.(\d+)\.(\d+)(?:$|[-@])/.exec(image) ?? [];
  const at = OLDEST_RUNNER.findIndex((part, at) => Number(version[at]) !== part);
  return version.length > 0 && at >= 0 && Number(version[at]) < (OLDEST_RUNNER[at] ?? 0);
}

/** An Enterprise Server has its own rule. */
function isHosted({ spec }: AutoscalingRunnerSet): boolean {
  try {
    return parseConfigUrl(spec?.githubConfigUrl ?? "").hosted;
  } catch {
    return false; // another check says what is wrong with it
  }
}

export const nothingStuck: Check = {
  id: "finalizers",
  asks: "Does anything hang in its deletion?",
  judge: ({ deleting, now }) => {
    const stuck = deleting.flatMap(someOf).filter((object) => isStuck(object, now));
    const blind = blindTo(deleting);
    if (deleting.every((fact) => "unseen" in fact)) return blind;
    return orOk(
      stuck.map((object) => {
        const { namespace, name } = keyOf(object);
        const { finalizers = [], deletionTimestamp } = object.metadata ?? {};
        const kind = object.kind ?? "Object";
        return wrong(
          `${kind} "${namespace}/${name}" hangs in its deletion since ${deletionTimestamp}, held by ` +
            finalizers.join(", "),
          "A controller that runs lets it go; without one: kubectl -n " +
            `${namespace} patch ${kind.toLowerCase()} ${name} --type=merge -p ` +
            `'{"metadata":{"finalizers":null}}'`,
        );
      }),
      blind.length === 0 ? "Nothing does" : "Nothing that we see does",
    ).concat(blind);
  },
};
