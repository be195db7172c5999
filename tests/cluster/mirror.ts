/**
 * What a real cluster holds, kept current by watches as its administrator. Knows the kinds that journeys look at; refuses
 * to know what they mean.
 */
import { KINDS } from "../../crds/kinds.ts";
import { createCache, type FedCache } from "../../kube/cache.ts";
import type { KubeClient } from "../../kube/client.ts";
import { reflect } from "../../kube/reflector.ts";
import {
  EVENTS,
  LEASES,
  NAMESPACES,
  PODS,
  ROLE_BINDINGS,
  ROLES,
  SECRETS,
  SERVICE_ACCOUNTS,
} from "../../kube/resources.ts";
import type { AnyType, KubeObject, ResourceType } from "../../kube/types.ts";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";

/** Everything that a journey may look at, and that is wiped after it. */
export const MIRRORED: readonly AnyType[] = [
  ...KINDS.map(({ type }) => type),
  PODS,
  SECRETS,
  SERVICE_ACCOUNTS,
  ROLES,
  ROLE_BINDINGS,
  EVENTS,
  LEASES,
  NAMESPACES,
];
/** Not of journeys: the cluster's own namespaces, and those of other suites. */
const FOREIGN = /^(?:kube-|default$|claim-|simulated-nodes$)/;

export interface Mirror extends AsyncDisposable {
  /** What is there now, without what is not of journeys. */
  stored<T extends KubeObject>(type: ResourceType<T>): readonly T[];
  /** Called after every change that is seen. */
  onChange<T extends KubeObject>(
    type: ResourceType<T>,
    notify: (before: T | undefined, after: T | undefined) => void,
  ): void;
}

/** Resolves when everything has been listed. */
export async function openMirror(kube: KubeClient): Promise<Mirror> {
  const clock = systemClock;
  const ending = new AbortController();
  const caches = new Map<string, FedCache<KubeObject>>();
  const tasks = MIRRORED.map((type) => {
    const cache = createCache<KubeObject>({ clock });
    caches.set(type.plural, cache);
    return reflect({
      client: kube,
      type: type as ResourceType<KubeObject>,
      sink: cache.sink(),
      clock,
      random: systemRandom,
      log: silentLogger,
    }, ending.signal);
  });
  const of = <T extends KubeObject>(type: ResourceType<T>) => {
    const cache = caches.get(type.plural);
    if (cache === undefined) throw new TypeError(`${type.plural} are not mirrored`);
    return cache as unknown as FedCache<T>;
  };
  await Promise.all([...caches.values()].map(({ synced }) => synced));
  return {
    stored: (type) => of(type).all().filter(isOurs),
    onChange: (type, notify) =>
      of(type).onChange((before, after) => {
        if (isOurs(after ?? before ?? {})) notify(before, after);
      }),
    [Symbol.asyncDispose]: async () => {
      ending.abort(new DOMException("The mirror is closed", "AbortError"));
      await Promise.all(tasks);
    },
  };
}

function isOurs({ kind, metadata }: KubeObject): boolean {
  const place = kind === "Namespace" ? metadata?.name : metadata?.namespace;
  return !FOREIGN.test(place ?? "");
}
