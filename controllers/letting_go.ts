/**
 * What is done once the controller was uninstalled: every finalizer that only a controller takes off, ours and ARC's,
 * goes from everything of our kinds, so that all of it can be deleted with nobody there (B5). Listeners, which would work
 * for nobody, are deleted; nothing else is. Knows no GitHub: a controller that is installed again finds its runners.
 */
import { AUTOSCALING_LISTENERS } from "../crds/autoscaling_listener.ts";
import { AUTOSCALING_RUNNER_SETS } from "../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../crds/ephemeral_runner.ts";
import { EPHEMERAL_RUNNER_SETS } from "../crds/ephemeral_runner_set.ts";
import { FINALIZERS } from "../crds/group.ts";
import type { KubeClient } from "../kube/client.ts";
import { isAbsence, isForbidden, isNotFound } from "../kube/errors.ts";
import { withoutFinalizer } from "../kube/meta.ts";
import { PODS } from "../kube/resources.ts";
import { type AnyType, keyOf, type KubeObject, type ResourceType } from "../kube/types.ts";
import type { Clock } from "../lib/clock.ts";
import { messageOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { ControllerConfig } from "./config.ts";
import { servedNamespaces } from "./rights.ts";

export interface LettingGo {
  readonly kube: KubeClient;
  /** `releaseFinalizers` selects the pods of the controller that was uninstalled. */
  readonly config: ControllerConfig;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long the controller's pods may take to end, in ms. Their grace period is 10 s. */
const PATIENCE_MS = 45_000;
const LOOK_EVERY_MS = 1_000;
const AT_A_TIME = 16;

/**
 * Resolves with the number of objects that were let go. None while a controller is left, because it would put the
 * finalizers back and may still need them. What may not be listed or changed is logged and left.
 */
export async function letGoOfAll(parts: LettingGo, signal: AbortSignal): Promise<number> {
  const { config, log } = parts;
  if (!await isAlone(parts, signal)) {
    log.warn("A controller is still there: nothing is let go", {
      namespace: config.namespace,
      labels: config.releaseFinalizers,
    });
    return 0;
  }
  const served = servedNamespaces(config);
  const places = served.length === 0 ? [undefined] : served;
  let count = await dismissListeners(parts, signal);
  for (const type of [AUTOSCALING_RUNNER_SETS, EPHEMERAL_RUNNER_SETS, EPHEMERAL_RUNNERS]) {
    for (const namespace of places) {
      const place: Place = { ...parts, namespace, signal };
      const objects = await listed(type as ResourceType<KubeObject>, place);
      count += await inTurns(objects, (object) => letGo(type, object, place));
    }
  }
  log.info("Finalizers are taken off", { objects: count });
  return count;
}

async function isAlone({ kube, config, clock }: LettingGo, signal: AbortSignal): Promise<boolean> {
  const { namespace, releaseFinalizers: labelSelector } = config;
  const endMs = clock.now().getTime() + PATIENCE_MS;
  for (;;) {
    const pods = await kube.listPage(PODS, { namespace, labelSelector, limit: 1, signal });
    if (pods.items.length === 0) return true;
    if (clock.now().getTime() >= endMs) return false;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

interface Place extends LettingGo {
  /** `undefined`: all. */
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
}

/** Their pods close their sessions as they go. Those of other controllers' sets stay: they may share the namespace. */
async function dismissListeners(parts: LettingGo, signal: AbortSignal): Promise<number> {
  const { namespace } = parts.config;
  const served = servedNamespaces(parts.config);
  const place: Place = { ...parts, namespace, signal };
  const ours = (await listed(AUTOSCALING_LISTENERS, place)).filter(({ spec }) =>
    served.length === 0 || served.includes(spec?.autoscalingRunnerSetNamespace ?? "")
  );
  return await inTurns(ours, async (listener) => {
    await letGo(AUTOSCALING_LISTENERS, listener, place);
    const { uid } = listener.metadata ?? {};
    await parts.kube.delete(AUTOSCALING_LISTENERS, keyOf(listener), { uid, signal });
    return true;
  });
}

/** Nothing where the definition has gone, or where we were never given the right. */
async function listed<T extends KubeObject>(
  type: ResourceType<T>,
  { kube, namespace, signal, log }: Place,
): Promise<readonly T[]> {
  try {
    return await kube.list(type, { ...(namespace !== undefined && { namespace }), signal });
  } catch (thrown) {
    if (!isNotFound(thrown) && !isForbidden(thrown)) throw thrown;
    log.warn("Cannot let go", { kind: type.kind, namespace, error: messageOf(thrown) });
    return [];
  }
}

/** Resolves with how many were changed. */
async function inTurns<T>(
  objects: readonly T[],
  change: (object: T) => Promise<boolean>,
): Promise<number> {
  let count = 0;
  for (let at = 0; at < objects.length; at += AT_A_TIME) {
    const done = await Promise.all(objects.slice(at, at + AT_A_TIME).map(change));
    count += done.filter((isChanged) => isChanged).length;
  }
  return count;
}

/** Whether it had anything of ours. */
async function letGo(
  type: AnyType,
  object: KubeObject,
  { kube, signal }: Place,
): Promise<boolean> {
  let current = object;
  for (const finalizer of Object.values(FINALIZERS)) {
    const patch = withoutFinalizer(current, finalizer);
    if (patch === undefined) continue;
    try {
      current = await kube.jsonPatch(type, keyOf(current), patch, { signal });
    } catch (thrown) {
      if (isAbsence(thrown)) return true;
      throw thrown;
    }
  }
  return current !== object;
}
