/**
 * Scale sets that a runner set had at other config URLs (X7): noted on the set while everything that reaches them is still
 * known, and removed once nobody listens or works there. Pure. Refuses to know how a new scale set is registered.
 */
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { ANNOTATIONS } from "../../crds/group.ts";
import type { ProxyConfig, TlsConfig } from "../../crds/shared_fields.ts";
import type { Happened } from "../../kube/events.ts";
import { keyOf } from "../../kube/types.ts";
import { ASK_MS, gitHubTarget, isSamePlace } from "../github_target.ts";
import type { GitHubTarget, Step } from "../reconcile/step.ts";
import type { ObservedRunnerSet } from "./observe.ts";

/** A scale set that may still exist, and how it is reached. No secrets: names of them. */
export interface FormerScaleSet {
  readonly id: number;
  readonly url: string;
  readonly secret: string;
  readonly proxy?: ProxyConfig;
  readonly tls?: TlsConfig;
}

/** Most that are remembered; the oldest ones go first. */
const MOST = 8;

/** Those noted on a set, the oldest first. What makes no sense is left out. */
export function formerScaleSets(set: AutoscalingRunnerSet): readonly FormerScaleSet[] {
  const text = set.metadata?.annotations?.[ANNOTATIONS.formerScaleSets];
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isFormer) : [];
  } catch {
    return []; // somebody else wrote it
  }
}

function isFormer(value: unknown): value is FormerScaleSet {
  const { id, url, secret } = (value ?? {}) as Record<string, unknown>;
  return Number.isInteger(id) && (id as number) > 0 && typeof url === "string" &&
    typeof secret === "string";
}

/** Where calls for it go. */
export function formerTarget(set: AutoscalingRunnerSet, former: FormerScaleSet): GitHubTarget {
  return gitHubTarget(set.metadata?.namespace ?? "", {
    githubConfigUrl: former.url,
    githubConfigSecret: former.secret,
    proxy: former.proxy,
    githubServerTLS: former.tls,
  });
}

/**
 * The scale set that the annotations speak of, when the spec names another URL by now. Where nobody noted the URL (ARC
 * registered the set), its runners tell it.
 */
export function movedFrom(observed: ObservedRunnerSet): FormerScaleSet | undefined {
  const { annotations = {} } = observed.set.metadata ?? {};
  const id = Number(annotations[ANNOTATIONS.scaleSetId] ?? "");
  if (!Number.isInteger(id) || id <= 0) return undefined;
  const specs = observed.runnerSets.map(({ spec }) => spec?.ephemeralRunnerSpec);
  const url = annotations[ANNOTATIONS.registeredUrl] ??
    specs.find((spec) => spec?.githubConfigUrl)?.githubConfigUrl;
  const wanted = observed.set.spec?.githubConfigUrl ?? "";
  if (url === undefined || isSamePlace(url, wanted)) return undefined;
  const known = specs.find((spec) => isSamePlace(spec?.githubConfigUrl ?? "", url)) ??
    { ...observed.set.spec, runnerScaleSetId: id };
  return {
    id,
    url,
    secret: known.githubConfigSecret ?? "",
    ...(known.proxy && { proxy: known.proxy }),
    ...(known.githubServerTLS && { tls: known.githubServerTLS }),
  };
}

/** One patch: the set has no scale set any more, and remembers the one it had. What runs there runs on. */
export function noteMove(observed: ObservedRunnerSet, from: FormerScaleSet): Step {
  return {
    do: "patch",
    type: AUTOSCALING_RUNNER_SETS,
    key: keyOf(observed.set),
    patch: {
      metadata: {
        annotations: {
          [ANNOTATIONS.formerScaleSets]: noteOf([
            ...formerScaleSets(observed.set).filter((one) => !isSame(one, from)),
            from,
          ]),
          [ANNOTATIONS.scaleSetId]: null,
          [ANNOTATIONS.scaleSetName]: null,
          [ANNOTATIONS.runnerGroupName]: null,
          [ANNOTATIONS.scaleSetLabels]: null,
          [ANNOTATIONS.registeredUrl]: null,
        },
      },
    },
  };
}

/** The annotation without one of them; `null`: none is left. */
function noteWithout(set: AutoscalingRunnerSet, former: FormerScaleSet): string | null {
  const rest = formerScaleSets(set).filter((one) => !isSame(one, former));
  return rest.length === 0 ? null : noteOf(rest);
}

function noteOf(all: readonly FormerScaleSet[]): string {
  return JSON.stringify(all.slice(-MOST));
}

function isSame(a: FormerScaleSet, b: FormerScaleSet): boolean {
  return a.id === b.id && isSamePlace(a.url, b.url);
}

/** Asks GitHub to remove those that nobody uses any more. One that the set came back to is only forgotten. */
export function retireFormer(observed: ObservedRunnerSet, current: number): readonly Step[] {
  const { set } = observed;
  const here = { id: current, url: set.spec?.githubConfigUrl ?? "" } as FormerScaleSet;
  return formerScaleSets(set).flatMap((former): readonly Step[] => {
    const annotations = { [ANNOTATIONS.formerScaleSets]: noteWithout(set, former) };
    const forget = { metadata: { annotations } };
    if (isSame(former, here)) {
      return [{ do: "patch", type: AUTOSCALING_RUNNER_SETS, key: keyOf(set), patch: forget }];
    }
    if (isInUse(observed, former)) return [];
    return [{
      do: "retire-scale-set",
      runnerSet: keyOf(set),
      target: formerTarget(set, former),
      scaleSetId: former.id,
      orElse: leftBehind(set, former),
      withinMs: ASK_MS,
      forget,
    }];
  });
}

/** Somebody listens or works there. */
function isInUse(observed: ObservedRunnerSet, former: FormerScaleSet): boolean {
  const isThere = (id: number | undefined, url: string | undefined) =>
    id === former.id && isSamePlace(url ?? "", former.url);
  const names = new Set(observed.listeners.map(({ metadata }) => metadata?.name));
  return observed.listeners.some(({ spec }) =>
    isThere(spec?.runnerScaleSetId, spec?.githubConfigUrl)
  ) ||
    // Of a listener that is gone: it closes its session before it ends.
    observed.listenerPods.some(({ metadata }) => !names.has(metadata?.name)) ||
    (observed.runners ?? []).some(({ spec }) =>
      isThere(spec?.runnerScaleSetId, spec?.githubConfigUrl)
    );
}

/** What is told when GitHub does not remove it. */
function leftBehind(set: AutoscalingRunnerSet, former: FormerScaleSet): Happened {
  return {
    about: set,
    type: "Warning",
    reason: "ScaleSetLeftBehind",
    note: `Scale set ${former.id} may still exist at ${former.url}`,
  };
}

/** For the condition: what is still to be removed; empty: nothing. */
export function formerText(set: AutoscalingRunnerSet): string {
  const all = formerScaleSets(set).map(({ id, url }) => `scale set ${id} at ${url}`);
  return all.length === 0 ? "" : `; still to be removed: ${all.join(", ")}`;
}
