/** A synced, indexed, read-only view of one resource type, fed by reflectors. */
import type { KubeObject, ObjectKey } from "./types.ts";

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
   * Show what we just wrote until the watch catches up: until it delivers that same resourceVersion or a deletion, a
   * relist replaces it, or 30 s have passed.
   */
  absorb(written: T): void;
  /** As {@link absorb}, for an object that the server confirmed gone. */
  absorbDeletion(key: ObjectKey, uid: string): void;
}

/** What a named index files an object under. */
export type Indexes<T extends KubeObject> = Readonly<
  Record<string, (object: T) => readonly string[]>
>;
