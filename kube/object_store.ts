/** Objects by key and by declared index. Knows nothing of watches or time. */
import type { Indexes } from "./cache.ts";
import type { KubeObject } from "./types.ts";

export interface ObjectStore<T extends KubeObject> {
  get(key: string): T | undefined;
  /** Puts, replaces or (`undefined`) removes. */
  set(key: string, object: T | undefined): void;
  /** The same array until something changes. */
  all(): readonly T[];
  /** As {@link all}, of one value of one index. A name that was not declared is a bug and throws. */
  by(name: string, value: string): readonly T[];
}

interface Bucket<T> {
  readonly objects: Map<string, T>;
  list: readonly T[] | undefined;
}

const NONE: readonly never[] = [];

/** Empty. */
export function createObjectStore<T extends KubeObject>(indexes: Indexes<T>): ObjectStore<T> {
  const whole: Bucket<T> = { objects: new Map(), list: undefined };
  const files = Object.entries(indexes).map(([name, valuesOf]) => ({
    name,
    valuesOf,
    buckets: new Map<string, Bucket<T>>(),
  }));

  return {
    get: (key) => whole.objects.get(key),
    set(key, object) {
      const before = whole.objects.get(key);
      put(whole, key, object);
      for (const { valuesOf, buckets } of files) {
        const old = before === undefined ? NONE : valuesOf(before);
        const now = object === undefined ? NONE : valuesOf(object);
        for (const value of old) {
          if (now.includes(value)) continue;
          const bucket = buckets.get(value);
          if (bucket === undefined) continue;
          put(bucket, key, undefined);
          if (bucket.objects.size === 0) buckets.delete(value);
        }
        for (const value of now) {
          let bucket = buckets.get(value);
          if (bucket === undefined) {
            bucket = { objects: new Map(), list: undefined };
            buckets.set(value, bucket);
          }
          put(bucket, key, object);
        }
      }
    },
    all: () => listOf(whole),
    by(name, value) {
      const file = files.find((one) => one.name === name);
      if (file === undefined) throw new TypeError(`No index "${name}" was declared`);
      const bucket = file.buckets.get(value);
      return bucket === undefined ? NONE : listOf(bucket);
    },
  };
}

function put<T>(bucket: Bucket<T>, key: string, object: T | undefined): void {
  bucket.list = undefined;
  if (object === undefined) bucket.objects.delete(key);
  else bucket.objects.set(key, object);
}

function listOf<T>(bucket: Bucket<T>): readonly T[] {
  return bucket.list ??= [...bucket.objects.values()];
}
