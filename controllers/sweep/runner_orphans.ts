/**
 * Runners at GitHub that look as if we had made them, and of which the cluster knows nothing. Pure. A name alone proves
 * nothing: whoever acts asks GitHub whose they are, and GitHub refuses while a job runs.
 */
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import { ANNOTATIONS } from "../../crds/group.ts";
import type { ListedRunner } from "../../github/runner_list.ts";
import { generatedBase, isDeleting } from "../../kube/meta.ts";
import { keyOf } from "../../kube/types.ts";
import { gitHubTarget } from "../github_target.ts";
import type { GitHubTarget } from "../reconcile/step.ts";

/** A set whose runners GitHub may have more of than the cluster. */
export interface SweptSet {
  /** "namespace/name". */
  readonly set: string;
  readonly target: GitHubTarget;
  readonly scaleSetId: number;
  /** What names of its runners begin with. */
  readonly prefixes: readonly string[];
}

/** `undefined`: there is nothing at GitHub to look at, or it goes anyway. */
export function sweptSet(
  set: AutoscalingRunnerSet,
  /** Names of its EphemeralRunnerSets. */
  children: readonly string[],
): SweptSet | undefined {
  const id = Number(set.metadata?.annotations?.[ANNOTATIONS.scaleSetId]);
  if (isDeleting(set) || !Number.isInteger(id) || id <= 0) return undefined;
  const { namespace, name } = keyOf(set);
  return {
    set: `${namespace}/${name}`,
    target: gitHubTarget(namespace, set.spec),
    scaleSetId: id,
    prefixes: [...new Set([name, ...children].map((child) => generatedBase(`${child}-runner-`)))],
  };
}

/** What the API server, and we, draw for a generated name. */
const DRAWN = /^[a-z0-9]{5}$/;

/** Offline, without a job, named as ours, and unknown to the cluster. */
export function runnerOrphans(
  swept: SweptSet,
  listed: readonly ListedRunner[],
  known: ReadonlySet<string>,
): readonly string[] {
  const isNamedAsOurs = (name: string) =>
    swept.prefixes.some((prefix) =>
      name.startsWith(prefix) && DRAWN.test(name.slice(prefix.length))
    );
  return listed
    .filter(({ isOnline, isBusy }) => !isOnline && !isBusy)
    .map(({ name }) => name)
    .filter((name) => isNamedAsOurs(name) && !known.has(name));
}
