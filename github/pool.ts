/**
 * One service per config URL, credential and way to the network, shared by all who ask with the same; gone when nobody
 * uses it any more. Knows when two services would be the same, not how one is made.
 */
import type { ActionsService } from "./service.ts";

/** Who wants a service, and (the rest) what makes two services the same. */
export interface ServiceKey {
  /** Who asks, e.g. the key of a runner set: it holds one service at a time. */
  readonly user: string;
  /** `ConfigUrl.text`. */
  readonly configUrl: string;
  /** `credentialFingerprint`: a rotated Secret is another service by construction. */
  readonly credential: string;
  /** A fingerprint of proxy and trusted certificates; "" for the machine's own. */
  readonly connection: string;
}

/** Synchronous, so that two who ask at the same time get the same service. */
export interface ServicePool {
  /**
   * The service of `key`, made if nobody has it yet. The user gives up the service that it held with another key, so a
   * superseded credential is not kept.
   */
  get(key: ServiceKey, make: () => ActionsService): ActionsService;
  /** `user` needs no service any more. */
  release(user: string): void;
  /** How many services are held. */
  readonly size: number;
}

interface Entry {
  readonly service: ActionsService;
  readonly users: Set<string>;
}

/** An empty pool. A service that left the pool still works for whoever holds it (the last good credential). */
export function createServicePool(): ServicePool {
  const entries = new Map<string, Entry>();
  const held = new Map<string, string>();

  function release(user: string): void {
    const name = held.get(user);
    const entry = name === undefined ? undefined : entries.get(name);
    held.delete(user);
    entry?.users.delete(user);
    if (name !== undefined && entry?.users.size === 0) entries.delete(name);
  }

  return {
    get(key, make) {
      const { user } = key;
      const name = JSON.stringify([key.configUrl, key.credential, key.connection]);
      const entry = entries.get(name) ?? { service: make(), users: new Set() };
      if (held.get(user) !== name) release(user);
      entries.set(name, entry);
      entry.users.add(user);
      held.set(user, name);
      return entry.service;
    },
    release,
    get size() {
      return entries.size;
    },
  };
}
