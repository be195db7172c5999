/** Whether the controller and the listeners run, and fit each other. Pure. */
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import type { AutoscalingListener } from "../../crds/autoscaling_listener.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import { LABELS } from "../../crds/group.ts";
import { holderOf } from "../../kube/lease_record.ts";
import { isDeleting } from "../../kube/meta.ts";
import { type Deployment, keyOf, keyText, type Pod } from "../../kube/types.ts";
import { isHeld, servedVersion } from "../installed_controllers.ts";
import { podTrouble } from "../pod_trouble.ts";
import type { Check, Finding } from "./check.ts";
import type { Facts } from "./facts.ts";
import { blindTo, judged, ok, orOk, someOf, unseen, wrong } from "./seen.ts";

export const controllerAlive: Check = {
  id: "controller",
  asks: "Does a controller run?",
  judge: (facts) =>
    judged(facts.deployments, (deployments) => {
      if (deployments.length > 0) return deployments.map((one) => ofDeployment(one, facts));
      const lease = someOf(facts.leases).find((one) => isHeld(one, facts.now));
      if (lease !== undefined) {
        return [ok(`"${holderOf(lease)}" holds the lease ${keyText(keyOf(lease))}`)];
      }
      if ("unseen" in facts.leases) return [unseen(facts.leases.unseen)];
      const waiting = someOf(facts.sets).filter(isUnread);
      if (waiting.length === 0 && someOf(facts.sets).length > 0) {
        return [unseen("no Deployment is labelled as a controller, though the sets were read")];
      }
      return [wrong(
        "No controller runs: there is neither a Deployment of one nor a held lease",
        "Install the chart gha-runner-scale-set-controller, or run longshore controller-manager",
      )];
    }),
};

/** The set has a spec that nobody has acted on. */
function isUnread({ metadata, status }: AutoscalingRunnerSet): boolean {
  const { generation } = metadata ?? {};
  return generation !== undefined && status?.observedGeneration !== generation;
}

function ofDeployment(deployment: Deployment, { pods }: Facts): Finding {
  const name = `Deployment "${keyText(keyOf(deployment))}"`;
  const available = deployment.status?.availableReplicas ?? 0;
  if (available > 0) return ok(`${name} has ${available} replicas available`);
  if (deployment.spec?.replicas === 0) {
    return wrong(`${name} is scaled to 0: no controller runs`, "Scale it to 1");
  }
  const namespace = deployment.metadata?.namespace;
  const labels = Object.entries(deployment.spec?.selector.matchLabels ?? {});
  const own = someOf(pods).filter(({ metadata }) =>
    metadata?.namespace === namespace && labels.length > 0 &&
    labels.every(([key, value]) => metadata?.labels?.[key] === value)
  );
  const trouble = own.map(podTrouble).find((found) => found !== undefined);
  return wrong(
    `${name} has no replica available${trouble === undefined ? "" : `: ${trouble.says}`}`,
    `kubectl -n ${namespace} logs deploy/${deployment.metadata?.name} tells why`,
  );
}

export const listenersAlive: Check = {
  id: "listeners",
  asks: "Does every runner set have its listener?",
  judge: (facts) =>
    judged(facts.sets, (sets) => {
      const alive = sets.filter((set) => !isDeleting(set));
      if (alive.length === 0) return [ok("There is no runner set yet")];
      if ("unseen" in facts.listeners) return [unseen(facts.listeners.unseen)];
      const { seen } = facts.listeners;
      const findings = alive.flatMap((set) => ofListener(set, { ...facts, seen }));
      const blind = blindTo([facts.pods]);
      return blind.length > 0 ? [...findings, ...blind] : orOk(
        findings,
        `${alive.length} of ${alive.length} runner sets have a listener that runs`,
      );
    }),
};

function ofListener(
  set: AutoscalingRunnerSet,
  { seen, pods }: Facts & { readonly seen: readonly AutoscalingListener[] },
): readonly Finding[] {
  const { namespace, name } = keyOf(set);
  const listener = seen.find(({ spec }) =>
    spec?.autoscalingRunnerSetNamespace === namespace && spec.autoscalingRunnerSetName === name
  );
  const ofSet = `runner set "${namespace}/${name}"`;
  const ask = `longshore explain set ${name} --namespace ${namespace}`;
  if (listener === undefined) return [wrong(`The ${ofSet} has no listener`, `Ask: ${ask}`)];
  if ("unseen" in pods) return [];
  const pod = pods.seen.find((one) => keyText(keyOf(one)) === keyText(keyOf(listener)));
  const says = `The listener of ${ofSet}`;
  if (pod === undefined) {
    const ready = listener.status?.conditions?.find(({ type }) => type === "Ready");
    const why = ready?.status === "False" ? `: ${ready.message}` : "";
    return [wrong(`${says} has no pod${why}`, `Ask: ${ask}`)];
  }
  const trouble = podTrouble(pod);
  if (trouble !== undefined) return [wrong(`${says} does not run: ${trouble.says}`, remedyOf(pod))];
  const runs = pod.status?.containerStatuses?.some(({ state }) => state?.running !== undefined);
  return runs ? [] : [wrong(`${says} has not started`, remedyOf(pod))];
}

function remedyOf(pod: Pod): string {
  const { namespace, name } = keyOf(pod);
  return `kubectl -n ${namespace} describe pod ${name} tells more`;
}

export const versionsMatch: Check = {
  id: "versions",
  asks: "Are the controller, the listeners and the charts of one version?",
  judge: (facts) => {
    const findings = [...imageFindings(facts), ...chartFindings(facts)];
    const anything = someOf(facts.deployments).length > 0 || someOf(facts.listeners).length > 0;
    const blind = blindTo([facts.deployments, facts.listeners, facts.sets]);
    if (blind.length > 0) return [...findings, ...blind];
    if (findings.length === 0 && !anything) return [unseen("there is nothing to compare")];
    return orOk(findings, "They are");
  },
};

function imageFindings({ deployments, listeners }: Facts): readonly Finding[] {
  const images = new Set(
    someOf(deployments).flatMap(({ spec }) =>
      (spec?.template.spec?.containers ?? []).map(({ image }) => image ?? "")
    ),
  );
  if (images.size === 0) return [];
  return someOf(listeners).filter(({ spec }) => !images.has(spec?.image ?? "")).map((one) =>
    wrong(
      `${AUTOSCALING_LISTENERS.kind} "${keyText(keyOf(one))}" runs image "${one.spec?.image}", ` +
        `its controller "${[...images].join(", ")}"`,
      "A controller that runs replaces it; see the checks above",
    )
  );
}

/** The charts speak a version each: one minor apart works both ways. */
function chartFindings({ deployments, sets }: Facts): readonly Finding[] {
  const versions = someOf(deployments).flatMap((one) => minorOf(servedVersion(one)) ?? []);
  const [minor] = versions;
  if (minor === undefined) return [];
  return someOf(sets).flatMap((set) => {
    const text = set.metadata?.labels?.[LABELS.version];
    const own = minorOf(text);
    if (own === undefined || Math.abs(own - minor) <= 1) return [];
    return [wrong(
      `Runner set "${
        keyText(keyOf(set))
      }" was made by version ${text} of its chart, more than one ` +
        `minor version from the controller's 0.${minor}`,
      "Upgrade the release of the set (helm upgrade) to the controller's version",
    )];
  });
}

function minorOf(version: string | undefined): number | undefined {
  const minor = /^v?0\.(\d+)\./.exec(version ?? "")?.[1];
  return minor === undefined ? undefined : Number(minor);
}
