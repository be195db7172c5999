/** What the controllers see of the cluster: our objects only, found by labels, trimmed of what nobody reads. */
import {
  AUTOSCALING_LISTENERS,
  type AutoscalingListener,
  autoscalingListenerKind,
} from "../crds/autoscaling_listener.ts";
import {
  AUTOSCALING_RUNNER_SETS,
  type AutoscalingRunnerSet,
  autoscalingRunnerSetKind,
} from "../crds/autoscaling_runner_set.ts";
import { conforming } from "../crds/conforming.ts";
import {
  EPHEMERAL_RUNNER_SETS,
  type EphemeralRunnerSet,
  ephemeralRunnerSetKind,
} from "../crds/ephemeral_runner_set.ts";
import {
  EPHEMERAL_RUNNERS,
  type EphemeralRunner,
  ephemeralRunnerKind,
} from "../crds/ephemeral_runner.ts";
import { LABELS } from "../crds/group.ts";
import type { KindDefinition } from "../crds/kind.ts";
import { createCache, type FedCache, type Indexes } from "../kube/cache.ts";
import type { KubeClient } from "../kube/client.ts";
import { controllerOf } from "../kube/meta.ts";
import { reflect } from "../kube/reflector.ts";
import { PODS, ROLE_BINDINGS, ROLES, SERVICE_ACCOUNTS } from "../kube/resources.ts";
import { sharingParts } from "../kube/shared_parts.ts";
import type {
  AnyType,
  KubeObject,
  Pod,
  ResourceType,
  Role,
  RoleBinding,
  ServiceAccount,
} from "../kube/types.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import type { Task } from "../lib/tasks.ts";
import type { Followings } from "./followings.ts";
import { listenerIndexValue, scaleSetIndexValue } from "./metadata.ts";

/** Indexes: `owner` by UID of the controlling owner; `scaleSet`, `runnerSet` and `listener` by "namespace/name". */
export interface Caches {
  readonly runnerSets: FedCache<AutoscalingRunnerSet>;
  /** By `runnerSet`. */
  readonly listeners: FedCache<AutoscalingListener>;
  /** By `owner`. */
  readonly ephemeralRunnerSets: FedCache<EphemeralRunnerSet>;
  /** By `owner` and `scaleSet`. */
  readonly runners: FedCache<EphemeralRunner>;
  /** Of runners and listeners. By `owner` and `scaleSet`. */
  readonly pods: FedCache<Pod>;
  /** Of listeners. */
  readonly serviceAccounts: FedCache<ServiceAccount>;
  /** Of listeners. By `listener`. */
  readonly roles: FedCache<Role>;
  readonly roleBindings: FedCache<RoleBinding>;
}

export interface CacheContext {
  readonly kube: KubeClient;
  /** Empty: all of the cluster. */
  readonly namespaces: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Is told how each collection is followed. */
  readonly followings?: Followings | undefined;
}

/** The caches, and the tasks that keep them equal to the cluster. */
export function createCaches(context: CacheContext): { caches: Caches; tasks: readonly Task[] } {
  const tasks: Task[] = [];
  const namespaces = context.namespaces.length === 0 ? [""] : [...new Set(context.namespaces)];

  function follow<T extends KubeObject>(
    type: ResourceType<T>,
    options: {
      readonly indexes?: Indexes<T>;
      readonly labelSelector?: string;
      readonly trim?: (object: T) => T;
    } = {},
  ): FedCache<T> {
    const trim = options.trim ?? withoutManagedFields;
    const cache = createCache<T>({
      clock: context.clock,
      feeds: namespaces.length,
      trim,
      ...(options.indexes && { indexes: options.indexes }),
    });
    for (const namespace of namespaces) {
      const sink = cache.sink(namespace);
      const where = namespace === "" ? "all namespaces" : `namespace "${namespace}"`;
      const onState = context.followings?.add(`${type.plural} in ${where}`);
      tasks.push((signal) =>
        reflect({
          client: context.kube,
          type,
          sink,
          namespace,
          labelSelector: options.labelSelector,
          trim,
          clock: context.clock,
          random: context.random,
          log: context.log.child("reflector"),
          metrics: context.metrics,
          onState,
        }, signal)
      );
    }
    return cache;
  }

  const ours = { labelSelector: LABELS.scaleSetName };
  const caches: Caches = {
    runnerSets: follow(AUTOSCALING_RUNNER_SETS, { trim: fitting(autoscalingRunnerSetKind) }),
    listeners: follow(AUTOSCALING_LISTENERS, {
      indexes: { runnerSet: runnerSetOf },
      trim: fitting(autoscalingListenerKind),
    }),
    ephemeralRunnerSets: follow(EPHEMERAL_RUNNER_SETS, {
      indexes: { owner: ownerOf },
      trim: fitting(ephemeralRunnerSetKind),
    }),
    runners: follow(EPHEMERAL_RUNNERS, {
      indexes: { owner: ownerOf, scaleSet: scaleSetIndexValue },
      trim: inTurn(fitting(ephemeralRunnerKind), sharingParts((runner) => ownerOf(runner)[0])),
    }),
    pods: follow(PODS, {
      ...ours,
      indexes: { owner: ownerOf, scaleSet: scaleSetIndexValue },
      trim: inTurn(trimPod, sharingParts((pod) => scaleSetIndexValue(pod)[0])),
    }),
    serviceAccounts: follow(SERVICE_ACCOUNTS, ours),
    roles: follow(ROLES, { ...ours, indexes: { listener: listenerIndexValue } }),
    roleBindings: follow(ROLE_BINDINGS, { ...ours, indexes: { listener: listenerIndexValue } }),
  };
  return { caches, tasks };
}

function inTurn<T>(first: (object: T) => T, then: (object: T) => T): (object: T) => T {
  return (object) => then(first(object));
}

function ownerOf(object: KubeObject): readonly string[] {
  const owner = controllerOf(object);
  return owner === undefined ? [] : [owner.uid];
}

function runnerSetOf(listener: AutoscalingListener): readonly string[] {
  const { autoscalingRunnerSetNamespace, autoscalingRunnerSetName } = listener.spec ?? {};
  return [`${autoscalingRunnerSetNamespace}/${autoscalingRunnerSetName}`];
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = { managedFields: undefined, ...object.metadata };
  return { ...object, metadata };
}

/** As our tables say that it is: what was stored past them is left out, and named. */
function fitting<T extends KubeObject>(kind: KindDefinition): (object: T) => T {
  return (object) => conforming(kind, withoutManagedFields(object));
}

/** Of a pod's spec, plans read which init containers are sidecars and what restarts. */
function trimPod(pod: Pod): Pod {
  const { metadata, spec, status } = withoutManagedFields(pod);
  return {
    ...(metadata && { metadata }),
    ...(spec && {
      spec: {
        containers: [],
        ...(spec.restartPolicy && { restartPolicy: spec.restartPolicy }),
        ...(spec.initContainers && {
          initContainers: spec.initContainers.map(({ name, restartPolicy }) => ({
            name,
            ...(restartPolicy && { restartPolicy }),
          })),
        }),
      },
    }),
    ...(status && { status }),
  };
}

/** The cache that shows objects of a type; `undefined`: nobody follows them. */
export function cachesByType(caches: Caches): (type: AnyType) => FedCache<KubeObject> | undefined {
  const byKind = new Map<string, FedCache<KubeObject>>(
    ([
      [AUTOSCALING_RUNNER_SETS, caches.runnerSets],
      [AUTOSCALING_LISTENERS, caches.listeners],
      [EPHEMERAL_RUNNER_SETS, caches.ephemeralRunnerSets],
      [EPHEMERAL_RUNNERS, caches.runners],
      [PODS, caches.pods],
      [SERVICE_ACCOUNTS, caches.serviceAccounts],
      [ROLES, caches.roles],
      [ROLE_BINDINGS, caches.roleBindings],
    ] as const).map(([type, cache]) => [type.kind, cache as FedCache<KubeObject>]),
  );
  return (type) => byKind.get(type.kind);
}
