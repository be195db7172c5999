/** Which of several runner sets has a scale set, when they ask for the same one. Pure. GitHub would let them fight. */
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import { ANNOTATIONS } from "../../crds/group.ts";
import { keyOf, type ObjectKey } from "../../kube/types.ts";
import { isSamePlace } from "../github_target.ts";

/**
 * The first of the other sets with the same URL, group and name, if it comes before this one: who is registered comes
 * first, then who is older. One that goes counts too.
 */
export function namesakeOf(
  set: AutoscalingRunnerSet,
  all: readonly AutoscalingRunnerSet[],
): ObjectKey | undefined {
  const wanted = placeOf(set);
  const rank = rankOf(set);
  const before = all.filter((other) =>
    other.metadata?.uid !== set.metadata?.uid && placeOf(other) === wanted && rankOf(other) < rank
  );
  const [first] = before.toSorted((a, b) => rankOf(a) < rankOf(b) ? -1 : 1);
  return first && keyOf(first);
}

const DEFAULT_GROUP = "default";

/** Where the scale set is at GitHub, which knows no case. */
function placeOf({ metadata, spec }: AutoscalingRunnerSet): string {
  const url = (spec?.githubConfigUrl ?? "").replace(/^\/+|\/+$/g, "");
  const group = spec?.runnerGroup || DEFAULT_GROUP;
  const name = spec?.runnerScaleSetName || (metadata?.name ?? "");
  return JSON.stringify([url, group, name]).toLowerCase();
}

/** Texts that sort by who comes first. */
function rankOf({ metadata, spec }: AutoscalingRunnerSet): string {
  const { [ANNOTATIONS.scaleSetId]: id, [ANNOTATIONS.registeredUrl]: url } =
    metadata?.annotations ?? {};
  const isHere = url === undefined || isSamePlace(url, spec?.githubConfigUrl ?? "");
  const registered = id !== undefined && isHere ? 0 : 1;
  return `${registered} ${metadata?.creationTimestamp ?? ""} ${metadata?.uid ?? ""}`;
}
