/** Why a runner set hires no more runners: a table of questions, causes before what they cause. Pure. */
import { CONDITIONS, type ConditionType } from "../../controllers/conditions.ts";
import { conditionOf } from "../../kube/meta.ts";
import type { Condition } from "../../kube/types.ts";
import {
  deleting,
  failing,
  listenerMissing,
  listenerPod,
  orderUnserved,
  unserved,
  waitingPods,
  waitingRunner,
} from "./object_reasons.ts";
import type { Reason } from "./reason.ts";
import type { SetView, Snapshot } from "./snapshot.ts";

type Question = (view: SetView, snapshot: Pick<Snapshot, "pods" | "now">) => Reason | undefined;

/** All that stands in the way of a set, the first cause first; a code occurs once. */
export function reasonsOf(
  view: SetView,
  snapshot: Pick<Snapshot, "pods" | "now">,
): readonly Reason[] {
  const found = QUESTIONS.flatMap((ask) => ask(view, snapshot) ?? []);
  return [...new Map(found.toReversed().map((one) => [one.code, one])).values()].toReversed();
}

/** A condition of the set itself, else of its runners; only when it is as asked. */
function condition(
  { set, runnerSet }: SetView,
  type: ConditionType,
  status: "True" | "False",
): Condition | undefined {
  return [set, runnerSet].map((one) => conditionOf(one?.status?.conditions, type))
    .find((one) => one?.status === status);
}

function fromCondition(
  type: ConditionType,
  is: "True" | "False",
  reason: Omit<Reason, "says"> & { readonly only?: readonly string[] },
): Question {
  return (view) => {
    const { only, code, remedy } = reason;
    const found = condition(view, type, is);
    if (found === undefined || (only !== undefined && !only.includes(found.reason))) {
      return undefined;
    }
    return { code, says: found.message || found.reason, remedy };
  };
}

const QUESTIONS: readonly Question[] = [
  deleting,
  unserved,
  fromCondition(CONDITIONS.ready, "False", {
    code: "spec",
    remedy: "Correct the field that is named in the runner set's spec",
    only: [
      "InvalidConfigUrl",
      "InvalidSecretName",
      "InvalidRunnerCounts",
      "InvalidTemplate",
      "ScaleSetNameTaken",
      "ProxyInvalid",
      "CertificateInvalid",
    ],
  }),
  fromCondition(CONDITIONS.credentialsValid, "False", {
    code: "credential",
    remedy:
      "Write credentials that GitHub takes into the Secret that spec.githubConfigSecret names",
  }),
  fromCondition(CONDITIONS.registered, "False", {
    code: "registration",
    remedy: "It is tried again by itself; longshore doctor asks GitHub what is wrong",
  }),
  fromCondition(CONDITIONS.podTemplateValid, "False", {
    code: "template",
    remedy: "Correct spec.template; the next runner is made of it",
  }),
  listenerMissing,
  listenerPod,
  fromCondition(CONDITIONS.sessionHealthy, "False", {
    code: "session",
    remedy: "It is opened again by itself; another listener of the same scale set must not run",
  }),
  fromCondition(CONDITIONS.runnerImageOutdated, "True", {
    code: "image",
    remedy: "Use a newer runner image in spec.template",
  }),
  fromCondition(CONDITIONS.scalingLimited, "True", {
    code: "paused",
    remedy: "Raise spec.maxRunners",
    only: ["Paused"],
  }),
  fromCondition(CONDITIONS.scalingLimited, "True", {
    code: "quota",
    remedy: "Raise the quota, let runners ask for less, or wait until others end",
    only: ["Quota"],
  }),
  waitingRunner,
  waitingPods,
  fromCondition(CONDITIONS.scalingLimited, "True", {
    code: "unschedulable",
    remedy: "Add nodes, or change requests, selectors and tolerations in spec.template",
    only: ["Unschedulable"],
  }),
  fromCondition(CONDITIONS.degraded, "True", {
    code: "failing",
    remedy: "Look at the failure; runners are tried again, later each time",
  }),
  failing,
  atMaximum,
  fromCondition(CONDITIONS.phantomDemand, "True", {
    code: "phantom",
    remedy: "Nothing: GitHub's count is distrusted until it is right again",
  }),
  orderUnserved,
  fromCondition(CONDITIONS.versionSkew, "True", {
    code: "version",
    remedy: "Upgrade the release of the set (helm upgrade) to the controller's version",
    only: ["TooFarApart"],
  }),
  otherNotReady,
];

function atMaximum(view: SetView): Reason | undefined {
  const { set, runnerSet } = view;
  const { maxRunners, minRunners = 0 } = set.spec ?? {};
  const replicas = runnerSet?.spec?.replicas ?? 0;
  const stated = condition(view, CONDITIONS.scalingLimited, "True");
  if (maxRunners === undefined || maxRunners <= minRunners) {
    if (stated?.reason !== "Max") return undefined;
  } else if (replicas < maxRunners && stated?.reason !== "Max") return undefined;
  return {
    code: "max",
    says: stated?.reason === "Max"
      ? stated.message
      : `The runner set is at its maximum: spec.maxRunners is ${maxRunners}`,
    remedy: "Raise spec.maxRunners, or wait until a job ends",
  };
}

/** Whatever else somebody says of it. */
function otherNotReady(view: SetView): Reason | undefined {
  const ready = condition(view, CONDITIONS.ready, "False");
  if (ready === undefined) return undefined;
  return {
    code: "not-ready",
    says: `The runner set is not ready (${ready.reason})${ready.message && `: ${ready.message}`}`,
    remedy: "longshore doctor looks for the cause",
  };
}
