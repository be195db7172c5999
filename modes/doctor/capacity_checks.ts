/** Whether runners find room, start from an image that GitHub takes, and whether anything hangs in its deletion. Pure. */
import { CONDITIONS } from "../../controllers/conditions.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { CONTAINERS, MAX_RUNNERS } from "../../crds/group.ts";
import { conditionOf, isDeleting } from "../../kube/meta.ts";
import { keyOf, keyText, type PodSpec } from "../../kube/types.ts";
import { podTrouble } from "../pod_trouble.ts";
import type { Check, Finding } from "./check.ts";
import type { Facts } from "./facts.ts";
import { judged, ok, orOk, someOf, unseen, wrong } from "./seen.ts";
import { amountsOf, beyondLimits, tightest } from "./room.ts";

export const roomForRunners: Check = {
  id: "room",
  asks: "Do quotas, limits and nodes leave room for the runners?",
  judge: (facts) =>
    judged(facts.sets, (sets) => {
      const alive = sets.filter((set) => !isDeleting(set));
      const findings = [...alive.flatMap((set) => roomOf(set, facts)), ...waitingPods(facts)];
      const blind = [facts.quotas, facts.limitRanges].flatMap((one) =>
        "unseen" in one ? [unseen(one.unseen)] : []
      );
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
  const wanted = maxRunners === MAX_RUNNERS ? "has no maximum" : `may have ${maxRunners}`;
  return [wrong(
    `ResourceQuota "${room.quota}" in namespace "${namespace}" leaves room for ${room.fits} more ` +
      `runners of "${name}", which has ${current} and ${wanted}: ${room.resource} is ${room.used} ` +
      `of ${room.hard}`,
    "Raise the quota, lower maxRunners, or let runners ask for less",
  )];
}

function podSpecOf(set: AutoscalingRunnerSet): PodSpec | undefined {
  const spec = set.spec?.template?.spec;
  return Array.isArray(spec?.containers) ? spec : undefined;
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
  asks: "Does GitHub still take the runners' version?",
  judge: ({ sets, runnerSets }) =>
    judged(sets, (all) => {
      const alive = all.filter((set) => !isDeleting(set));
      if (alive.length === 0) return [ok("There is no runner set yet")];
      return orOk(
        alive.flatMap((set) => imageFindings(set, someOf(runnerSets))),
        "No set was refused for its version",
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
  if (set.status?.phase !== "Outdated" && own?.status?.phase !== "Outdated") return [];
  return [wrong(`GitHub refuses the runner version in image "${image}" of "${name}"`, remedy)];
}

/** What takes longer than this to go, hangs. */
const STUCK_MS = 300_000;

export const nothingStuck: Check = {
  id: "finalizers",
  asks: "Does anything hang in its deletion?",
  judge: ({ deleting, now }) => {
    const stuck = deleting.filter(({ metadata }) =>
      (metadata?.finalizers ?? []).length > 0 &&
      now.getTime() - Date.parse(metadata?.deletionTimestamp ?? "") > STUCK_MS
    );
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
      "Nothing does",
    );
  },
};
