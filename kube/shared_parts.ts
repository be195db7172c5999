/**
 * Equal parts of many objects, kept once: the siblings of a set carry the same template and the same labels, each as a
 * copy that came off the wire. Knows parts by a key; refuses to know what they mean.
 */
import { deepEqual } from "../lib/json.ts";
import type { KubeObject } from "./types.ts";

/** So many parts are remembered, the latest ones; what is forgotten is kept once more, and no harm done. */
const MOST = 4_096;

/** What was seen last under each key. Objects are never changed by us, so that many may hold the same part. */
export class SharedParts {
  readonly #latest = new Map<string, unknown>();

  /** The part that was given last under `key` where it is equal, else this one, which the next ones are compared with. */
  share<T>(key: string, part: T): T {
    const former = this.#latest.get(key);
    if (former !== undefined && deepEqual(former, part)) return former as T;
    this.#latest.delete(key);
    this.#latest.set(key, part);
    if (this.#latest.size > MOST) this.#latest.delete(this.#latest.keys().next().value ?? "");
    return part;
  }

  /** How many parts are remembered. */
  get size(): number {
    return this.#latest.size;
  }
}

/**
 * The object with its spec, labels and owner references shared among those that `siblings` gives the same text;
 * `undefined`: it has none.
 */
export function sharingParts<T extends KubeObject>(
  siblings: (object: T) => string | undefined,
): (object: T) => T {
  const parts = new SharedParts();
  return (object) => {
    const key = siblings(object);
    if (key === undefined) return object;
    const { spec, metadata } = object as KubeObject & { readonly spec?: unknown };
    const { labels, ownerReferences } = metadata ?? {};
    return {
      ...object,
      ...(metadata !== undefined && {
        metadata: {
          ...metadata,
          ...(labels && { labels: parts.share(`labels ${key}`, labels) }),
          ...(ownerReferences && {
            ownerReferences: parts.share(`owners ${key}`, ownerReferences),
          }),
        },
      }),
      ...(spec !== undefined && { spec: parts.share(`spec ${key}`, spec) }),
    };
  };
}
