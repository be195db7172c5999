/**
 * Whether the cluster takes pods of a set's template: the pod to ask about, and what its answer means as a condition
 * (B6). Pure. Nothing that runs depends on it: the answer is for people.
 */
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { COMPONENTS, LABELS } from "../../crds/group.ts";
import type { Pod } from "../../kube/types.ts";
import { CONDITIONS, type Fact } from "../conditions.ts";
import { mergeLabels } from "../metadata.ts";
import { integrityHash } from "../reconcile/children.ts";
import type { Step } from "../reconcile/step.ts";
import type { ObservedRunnerSet } from "./observe.ts";

/** A pod as the set's runners get it, but for what each of them has of its own. */
export function probePod(observed: ObservedRunnerSet, runners: EphemeralRunnerSet): Pod {
  const { set, settings } = observed;
  const { template, ephemeralRunnerMetadata } = set.spec ?? {};
  const inherited = mergeLabels(
    ephemeralRunnerMetadata?.labels,
    { ...runners.metadata?.labels, [LABELS.component]: COMPONENTS.runner },
    settings.excludedLabelPrefixes,
  );
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: `${set.metadata?.name}-runner-`,
      namespace: set.metadata?.namespace ?? "",
      labels: { ...inherited, ...template?.metadata?.labels, [LABELS.ephemeralRunner]: "True" },
      annotations: {
        ...ephemeralRunnerMetadata?.annotations,
        ...template?.metadata?.annotations,
      },
    },
    spec: { containers: [], ...template?.spec, restartPolicy: "Never" },
  };
}

/** When the template is another one than that of the last answer, or the answer is old and was not a good one. */
export function checkTemplate(
  observed: ObservedRunnerSet,
  runners: EphemeralRunnerSet,
  now: Date,
): readonly Step[] {
  const pod = probePod(observed, runners);
  const hash = integrityHash(pod);
  const { template } = observed;
  if (template?.hash === hash && now.getTime() < template.untilMs) return [];
  return [{ do: "check-pod-template", uid: observed.set.metadata?.uid ?? "", hash, pod }];
}

/** In how many ms the cluster is asked again; `undefined`: not before the template changes. */
export function recheckMs({ template }: ObservedRunnerSet, now: Date): number | undefined {
  if (template === undefined || template.untilMs === Infinity) return undefined;
  return Math.max(1, template.untilMs - now.getTime());
}

/** Nothing before the first answer. */
export function templateFacts({ template, set }: ObservedRunnerSet): readonly Fact[] {
  if (template === undefined) return [];
  const { message, outcome, reason } = template;
  const type = CONDITIONS.podTemplateValid;
  if (outcome === "invalid") return [{ type, status: "False", reason, message }];
  if (outcome === "unknown") return [{ type, status: "Unknown", reason, message }];
  const policy = set.spec?.template?.spec?.restartPolicy ?? "Always";
  if (policy === "Never") return [{ type, status: "True", reason, message }];
  return [{
    type,
    status: "True",
    reason: "RestartPolicyOverridden",
    message:
      `spec.template.spec.restartPolicy is ${policy}: runners are never restarted, as each ` +
      "registration is used once; say Never",
  }];
}
