/** Which labels and annotations children carry, and how a user's wishes for them are merged in. Pure. Spec: §3.2–§3.4. */
import { COMPONENTS, LABELS, PART_OF } from "../crds/group.ts";
import { urlLabelValue } from "../crds/names.ts";
import type { ConfigUrl } from "../github/config_url.ts";
import { controllerOf } from "../kube/meta.ts";
import { keyOf, type KubeObject, type ObjectKey } from "../kube/types.ts";

export type Keys = Readonly<Record<string, string>>;

/** Of whoever installed the set. Argo CD, where it tracks by labels, prunes what has it and has no owner (#3877). */
export const INSTANCE_LABEL = "app.kubernetes.io/instance";

/** The union, `over` wins; keys that start with an excluded prefix are dropped from either side. */
export function mergeLabels(
  base: Keys | undefined,
  over: Keys | undefined,
  excludedPrefixes: readonly string[],
): Keys {
  return Object.fromEntries(
    Object.entries({ ...base, ...over }).filter(([key]) =>
      !excludedPrefixes.some((prefix) => key.startsWith(prefix))
    ),
  );
}

/** The parts of a config URL as labels; parts that the scope does not have are left out. */
export function urlLabels(url: ConfigUrl): Keys {
  return Object.fromEntries(
    [
      [LABELS.enterprise, url.enterprise],
      [LABELS.organization, url.organization],
      [LABELS.repository, url.repository],
    ].filter(([, part]) => part !== "").map(([key, part]) => [key, urlLabelValue(part as string)]),
  );
}

/** Labels that every child of a runner set has. */
export function childLabels(
  runnerSet: KubeObject,
  component: (typeof COMPONENTS)[keyof typeof COMPONENTS],
): Keys {
  return {
    [LABELS.partOf]: PART_OF,
    [LABELS.component]: component,
    [LABELS.version]: runnerSet.metadata?.labels?.[LABELS.version] ?? "",
    [LABELS.scaleSetName]: runnerSet.metadata?.name ?? "",
    [LABELS.scaleSetNamespace]: runnerSet.metadata?.namespace ?? "",
  };
}

/** The runner set of a set of runners: it has the same name, unless an older controller drew another one (decision 27). */
export function runnerSetKeyOf(runners: KubeObject): ObjectKey {
  const { namespace, name } = keyOf(runners);
  return { namespace, name: controllerOf(runners)?.name ?? name };
}

/** The value under which objects of one runner set are indexed. */
export function scaleSetIndexValue(object: KubeObject): readonly string[] {
  const { labels } = object.metadata ?? {};
  const name = labels?.[LABELS.scaleSetName];
  return name === undefined ? [] : [`${labels?.[LABELS.scaleSetNamespace] ?? ""}/${name}`];
}

/** The value under which a listener's Role and RoleBinding are indexed: the key of the listener. */
export function listenerIndexValue(object: KubeObject): readonly string[] {
  const { labels } = object.metadata ?? {};
  const name = labels?.[LABELS.listenerName];
  return name === undefined ? [] : [`${labels?.[LABELS.listenerNamespace] ?? ""}/${name}`];
}
