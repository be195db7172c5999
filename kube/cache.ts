/** A synced, indexed, read-only view of one resource type, fed by reflectors. */
import type { Clock } from "../lib/clock.ts";
import { isFinished } from "./meta.ts";
import { createObjectStore } from "./object_store.ts";
import { keyOf, keyText, type KubeObject, type ObjectKey } from "./types.ts";

export interface Cache<T extends KubeObject> {
  /** Resolves after the first complete list of every reflector that feeds it. No reconcile starts before it. */
  readonly synced: Promise<void>;
  get(key: ObjectKey): T | undefined;
  all(): readonly T[];
  /** Objects whose declared index `name` contains `value`. */
  by(name: string, value: string): readonly T[];
  /** Called after every change, also for objects handed to `absorb`; `after` is undefined for a deletion. */
  onChange(notify: (before: T | undefined, after: T | undefined) => void): void;
  /**
   * Show what we just wrote until the watch catches up: until it delivers that same resourceVersion or a deletion, or a
   * relist that began later replaces it, see {@link CacheSink.lagMs}. What the watch has delivered already is not shown
   * again.
   */
  absorb(written: T): void;
  /** As {@link absorb}, for an object that the server confirmed gone. */
  absorbDeletion(key: ObjectKey, uid: string): void;
}

/** What a named index files an object under. */
export type Indexes<T extends KubeObject> = Readonly<
  Record<string, (object: T) => readonly string[]>
>;

/** Where a reflector puts what it hears. Each reflector has one of its own. */
export interface CacheSink<T extends KubeObject> {
  /**
   * A complete list: what this sink put before and is not in it is gone. `sinceMs` is when the list was asked for: what
   * was absorbed from then on may be newer than the list.
   */
  replace(items: readonly T[], options: { readonly sinceMs: number }): void;
  apply(type: "ADDED" | "MODIFIED" | "DELETED", object: T): void;
  /**
   * For how long the watch owes something that was absorbed, in ms; 0: nothing. Only a list can tell whether it is lost:
   * what we made is not forgotten because a watch is silent. Absent: nothing is absorbed.
   */
  lagMs?(): number;
}

export interface CacheOptions<T extends KubeObject> {
  readonly indexes?: Indexes<T>;
  readonly clock: Clock;
  /** How many sinks must have a complete list before `synced`; one per namespace watched. Default 1. */
  readonly feeds?: number;
  /** Drops what we never read, to save memory. Applied to all that enters, also to what is absorbed. */
  readonly trim?: (object: T) => T;
}

export interface FedCache<T extends KubeObject> extends Cache<T> {
  readonly hasSynced: boolean;
  /** A new sink, of the objects of a namespace or (empty) of all. Sinks must not overlap: no object may reach two. */
  sink(namespace?: string): CacheSink<T>;
}

/** How many delivered resourceVersions are remembered, for answers that arrive after their own event. */
const RECENT = 4096;

/** Something of ours that is shown although the watch has not told it yet. */
interface Absorbed<T> {
  /** `undefined`: a deletion. */
  readonly object: T | undefined;
  readonly uid: string | undefined;
  /** When it was absorbed, in ms. */
  readonly sinceMs: number;
  /** What the watch says meanwhile. */
  readonly told: T | undefined;
}

/** Empty and not synced until its feeds have listed. */
export function createCache<T extends KubeObject>(options: CacheOptions<T>): FedCache<T> {
  const { clock, feeds = 1 } = options;
  const trim = options.trim ?? ((object: T) => object);
  const shown = createObjectStore(options.indexes ?? {});
  const absorbed = new Map<string, Absorbed<T>>(); // oldest first
  const recent = new Set<string>();
  const listeners: ((before: T | undefined, after: T | undefined) => void)[] = [];
  const { promise: synced, resolve: resolveSynced } = Promise.withResolvers<void>();
  let hasSynced = false;
  let syncedSinks = 0;

  function show(key: string, after: T | undefined): void {
    const before = shown.get(key);
    if (before === after || (before && after && isSameVersion(before, after))) return;
    shown.set(key, after);
    for (const notify of listeners) notify(before, after);
  }

  function remember(version: string | undefined): void {
    if (version === undefined) return;
    recent.add(version);
    if (recent.size > RECENT) recent.delete(recent.values().next().value ?? "");
  }

  function absorb(key: string, entry: Omit<Absorbed<T>, "sinceMs" | "told">): void {
    const earlier = absorbed.get(key);
    const told = earlier === undefined ? shown.get(key) : earlier.told;
    absorbed.delete(key); // to the end of the order
    absorbed.set(key, { ...entry, told, sinceMs: clock.now().getTime() });
    show(key, entry.object);
  }

  function absorbDeletion(key: string, uid: string | undefined): void {
    if (shown.get(key)?.metadata?.uid === uid) absorb(key, { object: undefined, uid });
  }

  function relist(key: string, object: T | undefined, sinceMs: number): void {
    const ours = absorbed.get(key);
    if (ours !== undefined && ours.sinceMs >= sinceMs) tell(key, object);
    else settle(key, object);
  }

  function settle(key: string, object: T | undefined): void {
    absorbed.delete(key);
    show(key, object);
  }

  /** What the watch or a list says now; `gone` is the incarnation that a deletion event names. */
  function tell(key: string, object: T | undefined, gone?: T): void {
    const ours = absorbed.get(key);
    if (ours === undefined || hasCaughtUp(ours, object, gone)) return settle(key, object);
    absorbed.set(key, { ...ours, told: object });
  }

  function sink(namespace = ""): CacheSink<T> {
    let fed = new Set<string>();
    let isComplete = false;
    const owed = () =>
      [...absorbed.keys()].filter((key) => namespace === "" || key.startsWith(`${namespace}/`));
    return {
      replace(items, { sinceMs }) {
        const before = fed;
        fed = new Set();
        for (const item of items) {
          const key = keyText(keyOf(item));
          fed.add(key);
          before.delete(key);
          remember(item.metadata?.resourceVersion);
          relist(key, trim(item), sinceMs);
        }
        for (const key of new Set([...before, ...owed()])) {
          if (!fed.has(key)) relist(key, undefined, sinceMs);
        }
        if (isComplete) return;
        isComplete = true;
        if (++syncedSinks < feeds) return;
        hasSynced = true;
        resolveSynced();
      },
      apply(type, object) {
        const key = keyText(keyOf(object));
        remember(object.metadata?.resourceVersion);
        if (type === "DELETED") {
          fed.delete(key);
          tell(key, undefined, object);
          return;
        }
        fed.add(key);
        tell(key, trim(object));
      },
      lagMs() {
        const [oldest = ""] = owed();
        const { sinceMs } = absorbed.get(oldest) ?? {};
        return sinceMs === undefined ? 0 : clock.now().getTime() - sinceMs;
      },
    };
  }

  return {
    synced,
    get hasSynced() {
      return hasSynced;
    },
    sink,
    get: (key) => shown.get(keyText(key)),
    all: () => shown.all(),
    by: (name, value) => shown.by(name, value),
    onChange(notify) {
      listeners.push(notify);
    },
    absorb(written) {
      const key = keyText(keyOf(written));
      const { uid, resourceVersion } = written.metadata ?? {};
      const earlier = absorbed.get(key);
      if (earlier !== undefined && earlier.object === undefined && earlier.uid === uid) return;
      if (isFinished(written)) return absorbDeletion(key, uid);
      if (resourceVersion !== undefined && recent.has(resourceVersion)) return;
      if (isOlder(written, shown.get(key))) return;
      absorb(key, { object: trim(written), uid });
    },
    absorbDeletion: (key, uid) => absorbDeletion(keyText(key), uid),
  };
}

/** Whether the watch has caught up with what we show. */
function hasCaughtUp<T extends KubeObject>(
  ours: Absorbed<T>,
  object: T | undefined,
  gone: T | undefined,
): boolean {
  if (gone !== undefined) return gone.metadata?.uid === ours.uid;
  if (object === undefined) return ours.object === undefined;
  if (ours.object === undefined) {
    // Another incarnation is a later one only if the watch had come as far as the one that we deleted.
    return object.metadata?.uid !== ours.uid && ours.told?.metadata?.uid === ours.uid;
  }
  return isSameVersion(object, ours.object) || isOlder(ours.object, object);
}

function isSameVersion(a: KubeObject, b: KubeObject): boolean {
  const version = a.metadata?.resourceVersion;
  return version !== undefined && version === b.metadata?.resourceVersion &&
    a.metadata?.uid === b.metadata?.uid;
}

/** By generation, which does order the versions of one object, as far as it tells them apart. */
function isOlder(a: KubeObject, b: KubeObject | undefined): boolean {
  if (a.metadata?.uid !== b?.metadata?.uid) return false;
  return (a.metadata?.generation ?? 0) < (b?.metadata?.generation ?? 0);
}
