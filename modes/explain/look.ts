/** Takes the snapshot: lists, nothing else, so that read-only rights suffice. What is refused is told, and the rest goes on. */
import {
  AUTOSCALING_LISTENERS,
  type AutoscalingListener,
} from "../../crds/autoscaling_listener.ts";
import {
  AUTOSCALING_RUNNER_SETS,
  type AutoscalingRunnerSet,
} from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import type { KubeClient, ListOptions } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { controllerOf } from "../../kube/meta.ts";
import { EVENTS, PODS } from "../../kube/resources.ts";
import { keyOf, keyText, type KubeObject, type ResourceType } from "../../kube/types.ts";
import type { Clock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import { PRODUCT_SELECTOR } from "../installed_controllers.ts";
import type { SetView, Snapshot } from "./snapshot.ts";

export interface LookOptions {
  readonly kube: Pick<KubeClient, "list">;
  readonly clock: Clock;
  /** Empty: all namespaces. */
  readonly namespace: string;
  /** Of a set or a runner that is asked for, perhaps with its namespace: if it is gone, Events about it are looked for. */
  readonly name?: string | undefined;
}

/** Rejects when `signal` aborts, and with the `KubeError` of a server that does not answer. */
export async function look(options: LookOptions, signal: AbortSignal): Promise<Snapshot> {
  const { kube, clock, namespace, name } = options;
  const unseen: string[] = [];
  const list = async <T extends KubeObject>(
    type: ResourceType<T>,
    within: string,
    selector: Pick<ListOptions, "labelSelector" | "fieldSelector"> = {},
  ) => {
    try {
      return await kube.list(type, { namespace: within, ...selector, signal });
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof KubeError) || thrown.httpStatus === undefined) throw thrown;
      unseen.push(messageOf(thrown));
      return undefined;
    }
  };
  const [sets = [], runnerSets = [], runners = []] = await Promise.all([
    list(AUTOSCALING_RUNNER_SETS, namespace),
    list(EPHEMERAL_RUNNER_SETS, namespace),
    list(EPHEMERAL_RUNNERS, namespace),
  ]);
  // Listeners live with their controller: anywhere.
  const everywhere = await list(AUTOSCALING_LISTENERS, "");
  const listeners = everywhere ??
    (namespace === "" ? [] : await list(AUTOSCALING_LISTENERS, namespace) ?? []);
  // Of a large cluster only what concerns the sets is read.
  const places = new Set([
    ...(namespace === "" ? [] : [namespace]),
    ...[...sets, ...runners, ...listenersOf(sets, listeners)].map((one) => keyOf(one).namespace),
  ]);
  const inPlaces = async <T extends KubeObject>(type: ResourceType<T>, labelSelector?: string) =>
    await Promise.all([...places].map((place) => list(type, place, { labelSelector })));
  const isGone = name !== undefined && NAME.test(name) &&
    ![...sets, ...runners].some((one) => isCalled(one, name));
  const [pods, events, others] = await Promise.all([
    inPlaces(PODS, PRODUCT_SELECTOR),
    inPlaces(EVENTS),
    isGone && namespace === "" ? list(EVENTS, "", about(name)) : [],
  ]);
  const allEvents = [...events, others].flatMap((one) => one ?? []);
  const podsByName = new Map(
    pods.flatMap((one) => one ?? []).map((pod) => [keyText(keyOf(pod)), pod] as const),
  );
  const views = sets.map((set): SetView => {
    const listener = listenersOf([set], listeners)[0];
    const runnerSet = runnerSets.find((one) =>
      controllerOf(one)?.uid === set.metadata?.uid || keyText(keyOf(one)) === keyText(keyOf(set))
    );
    const own = runners.filter((one) =>
      runnerSet !== undefined && controllerOf(one)?.uid === runnerSet.metadata?.uid
    );
    return {
      set,
      runnerSet,
      listener,
      listenerPod: listener && podsByName.get(keyText(keyOf(listener))),
      runners: own,
      pods: new Map(own.flatMap((runner) => {
        const pod = podsByName.get(keyText(keyOf(runner)));
        return pod === undefined ? [] : [[runner.metadata?.name ?? "", pod] as const];
      })),
    };
  });
  const owned = new Set(views.flatMap((view) => view.runners));
  return {
    now: clock.now(),
    unseen,
    pods: pods.includes(undefined) ? "unseen" : "seen",
    events: [...new Map(allEvents.map((event) => [keyText(keyOf(event)), event])).values()],
    sets: views,
    strays: runners.filter((runner) => !owned.has(runner))
      .map((runner) => ({ runner, pod: podsByName.get(keyText(keyOf(runner))) })),
  };
}

/** Whether this is its name, or its namespace and name. */
export function isCalled(object: KubeObject, name: string): boolean {
  const key = keyOf(object);
  return key.name === name || keyText(key) === name;
}

/** Of an object, perhaps with its namespace: no other may stand in a selector. */
const NAME = /^(?:[a-z0-9.-]+\/)?[a-z0-9.-]+$/;

function about(name: string): Pick<ListOptions, "fieldSelector"> {
  return { fieldSelector: `involvedObject.name=${name.split("/").at(-1)}` };
}

function listenersOf(
  sets: readonly AutoscalingRunnerSet[],
  listeners: readonly AutoscalingListener[],
): readonly AutoscalingListener[] {
  const names = new Set(sets.map((set) => keyText(keyOf(set))));
  return listeners.filter(({ spec }) =>
    names.has(`${spec?.autoscalingRunnerSetNamespace}/${spec?.autoscalingRunnerSetName}`)
  );
}
