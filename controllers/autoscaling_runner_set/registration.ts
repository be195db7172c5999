/** What a runner set's scale set at GitHub is and should be. Pure. Spec: §7 A6–A8. */
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { ANNOTATIONS, LABELS } from "../../crds/group.ts";
import { parseListenerReport } from "../../crds/listener_report.ts";
import { isDeleting } from "../../kube/meta.ts";
import { keyOf } from "../../kube/types.ts";
import type { ConfigUrl } from "../../github/config_url.ts";
import { gitHubTarget } from "../github_target.ts";
import { urlLabels } from "../metadata.ts";
import type { GitHubTarget, Step } from "../reconcile/step.ts";
import type { ObservedRunnerSet } from "./observe.ts";

/** Where calls for this set go. */
export function targetOf(observed: ObservedRunnerSet): GitHubTarget {
  const { metadata, spec } = observed.set;
  return gitHubTarget(metadata?.namespace ?? "", spec);
}

/** The id of the registered scale set; `undefined`: none that we know of. */
export function scaleSetIdOf(observed: ObservedRunnerSet): number | undefined {
  const id = Number(observed.set.metadata?.annotations?.[ANNOTATIONS.scaleSetId] ?? "");
  return Number.isInteger(id) && id > 0 ? id : undefined;
}

/**
 * The child that takes new runners: the one of the set's own name, else the newest that ARC made under a generated name
 * (until 0.14.2). That one is kept under its name, with all its runners.
 */
export function currentRunnerSet(
  observed: Pick<ObservedRunnerSet, "set" | "runnerSets">,
): EphemeralRunnerSet | undefined {
  return observed.runnerSets.find((r) => r.metadata?.name === observed.set.metadata?.name) ??
    observed.runnerSets.filter((r) => !isDeleting(r))
      .reduce<EphemeralRunnerSet | undefined>(newer, undefined);
}

function newer(a: EphemeralRunnerSet | undefined, b: EphemeralRunnerSet): EphemeralRunnerSet {
  const [first = "", second = ""] = [a, b].map((set) => set?.metadata?.creationTimestamp);
  return a !== undefined && first > second ? a : b;
}

/** The labels that tell the URL, and `null` for those that another URL left. */
function urlLabelChange({ set }: ObservedRunnerSet, url: ConfigUrl): object {
  const wanted = urlLabels(url);
  const stale = [LABELS.enterprise, LABELS.organization, LABELS.repository]
    .filter((key) => !(key in wanted) && set.metadata?.labels?.[key] !== undefined);
  return { ...wanted, ...Object.fromEntries(stale.map((key) => [key, null])) };
}

/** Finds the scale set by name and group, or creates it, and notes it on the set. */
export function registerStep(
  observed: ObservedRunnerSet,
  url: ConfigUrl,
): Extract<Step, { do: "register-scale-set" }> {
  const { metadata, spec } = observed.set;
  const name = spec?.runnerScaleSetName || (metadata?.name ?? "");
  return {
    do: "register-scale-set",
    runnerSet: keyOf(observed.set),
    target: targetOf(observed),
    name,
    group: spec?.runnerGroup ?? "",
    labels: labelsOf(observed),
    alsoWrite: {
      metadata: { labels: urlLabelChange(observed, url) },
      spec: { runnerScaleSetName: name },
    },
  };
}

/** As GitHub should have them: the name first. */
function labelsOf({ set: { metadata, spec } }: ObservedRunnerSet): readonly string[] {
  const name = spec?.runnerScaleSetName || (metadata?.name ?? "");
  return [...new Set([name, ...spec?.runnerScaleSetLabels ?? []])];
}

/**
 * Labels that were edited, or that a scale set had when it was found. Where nobody noted what GitHub has (ARC registered
 * the set), only labels that the user asks for are a reason to tell it.
 */
export function labelChange(
  observed: ObservedRunnerSet,
): Extract<Step, { do: "update-scale-set" }>["change"] | undefined {
  const { metadata, spec } = observed.set;
  const labels = labelsOf(observed);
  const known = notedLabels(metadata?.annotations?.[ANNOTATIONS.scaleSetLabels]);
  if (known === undefined) {
    return (spec?.runnerScaleSetLabels ?? []).length === 0 ? undefined : { labels };
  }
  return sameLabels(known, labels) ? undefined : { labels };
}

function notedLabels(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.map(String) : undefined;
  } catch {
    return undefined; // somebody else wrote it
  }
}

/** GitHub knows no case and no order of labels. */
function sameLabels(a: readonly string[], b: readonly string[]): boolean {
  const text = (labels: readonly string[]) =>
    JSON.stringify([...new Set(labels.map((label) => label.toLowerCase()))].sort());
  return text(a) === text(b);
}

/** A name or group that was edited; group first, as ARC has it. */
export function scaleSetChange(
  observed: ObservedRunnerSet,
): Extract<Step, { do: "update-scale-set" }>["change"] | undefined {
  const { metadata, spec } = observed.set;
  const differs = (wanted: string | undefined, known: string | undefined) =>
    known === undefined || (wanted !== undefined && wanted !== "" &&
      wanted.toLowerCase() !== known.toLowerCase());
  const group = spec?.runnerGroup;
  if (differs(group, metadata?.annotations?.[ANNOTATIONS.runnerGroupName])) {
    return { group: group ?? "" };
  }
  const name = spec?.runnerScaleSetName || metadata?.name;
  if (differs(name, metadata?.annotations?.[ANNOTATIONS.scaleSetName])) return { name: name ?? "" };
  return undefined;
}

/** The scale set that the listener could not find, if it said so. */
export function forgottenScaleSet(observed: ObservedRunnerSet): number | undefined {
  return parseListenerReport(currentRunnerSet(observed)?.spec?.listenerReport).noScaleSet;
}
