/**
 * Where the objects are: one shelf per resource, one revision counter for all, indexes by namespace, uid and owner, and
 * who wants to hear of changes. Knows no rule of the API: whoever writes here has checked everything.
 */
import { type Document, withMetadata } from "./document.ts";
import { type Change, History } from "./history.ts";

/** Names a stored resource; versions of one resource share a shelf. */
export interface ShelfName {
  readonly group: string;
  readonly plural: string;
}

/** Names one object; `namespace` is "" for objects of the cluster. */
export interface Key {
  readonly namespace: string;
  readonly name: string;
}

/** A stored object and where it stands. */
export interface Located {
  readonly shelf: ShelfName;
  readonly object: Document;
}

/** Called after each change, in order, before the call that caused it returns. */
export type Notify = (change: Change) => void;

/** The objects of one resource. */
export class Shelf implements ShelfName {
  readonly group: string;
  readonly plural: string;
  readonly history: History;
  readonly #byNamespace = new Map<string, Map<string, Document>>();
  readonly #watchers = new Map<string, Set<Notify>>();
  readonly #sorted = new Map<string, readonly string[]>();

  constructor(name: ShelfName, historyLength: number) {
    this.group = name.group;
    this.plural = name.plural;
    this.history = new History(historyLength);
  }

  get(key: Key): Document | undefined {
    return this.#byNamespace.get(key.namespace)?.get(key.name);
  }

  /** In the order of the API: by namespace, then by name. `undefined`: all namespaces. */
  list(namespace?: string): readonly Document[] {
    const spaces = namespace === undefined ? [...this.#byNamespace.keys()].sort() : [namespace];
    return spaces.flatMap((space) => {
      const objects = this.#byNamespace.get(space);
      if (!objects) return [];
      return this.#names(space, objects).map((name) => objects.get(name) as Document);
    });
  }

  count(namespace?: string): number {
    if (namespace !== undefined) return this.#byNamespace.get(namespace)?.size ?? 0;
    let sum = 0;
    for (const objects of this.#byNamespace.values()) sum += objects.size;
    return sum;
  }

  /** Hears changes in one namespace ("" for all of them) until the returned function is called. */
  watch(namespace: string, notify: Notify): () => void {
    const watchers = this.#watchers.get(namespace) ?? new Set();
    this.#watchers.set(namespace, watchers);
    watchers.add(notify);
    return () => {
      watchers.delete(notify);
    };
  }

  /** For the store only. */
  set(key: Key, object: Document | undefined): void {
    const objects = this.#byNamespace.get(key.namespace) ?? new Map<string, Document>();
    if (objects.has(key.name) !== (object !== undefined)) this.#sorted.delete(key.namespace);
    if (object === undefined) objects.delete(key.name);
    else objects.set(key.name, object);
    if (objects.size === 0) this.#byNamespace.delete(key.namespace);
    else this.#byNamespace.set(key.namespace, objects);
  }

  /** For the store only. */
  announce(namespace: string, change: Change): void {
    this.history.push(change);
    for (const notify of this.#watchers.get("") ?? []) notify(change);
    if (namespace === "") return;
    for (const notify of this.#watchers.get(namespace) ?? []) notify(change);
  }

  #names(namespace: string, objects: ReadonlyMap<string, Document>): readonly string[] {
    const known = this.#sorted.get(namespace);
    if (known) return known;
    const names = [...objects.keys()].sort();
    this.#sorted.set(namespace, names);
    return names;
  }
}

/** All shelves, and the counter behind every resourceVersion. */
export class Store {
  readonly #historyLength: number;
  readonly #shelves = new Map<string, Shelf>();
  readonly #dependents = new Map<string, Map<string, Located>>();
  readonly #byUid = new Map<string, Located>();
  readonly #listeners = new Set<(located: Located, change: Change) => void>();
  #revision = 0;

  constructor(options: { readonly historyLength: number }) {
    this.#historyLength = options.historyLength;
  }

  /** The newest resourceVersion that was given out. */
  get revision(): number {
    return this.#revision;
  }

  shelf(name: ShelfName): Shelf {
    const id = `${name.group}/${name.plural}`;
    const known = this.#shelves.get(id);
    if (known) return known;
    const shelf = new Shelf(name, this.#historyLength);
    shelf.history.compact(this.#revision);
    this.#shelves.set(id, shelf);
    return shelf;
  }

  shelves(): Iterable<Shelf> {
    return this.#shelves.values();
  }

  byUid(uid: string): Located | undefined {
    return this.#byUid.get(uid);
  }

  /** Objects that name `uid` among their owners. */
  dependents(uid: string): readonly Located[] {
    return [...this.#dependents.get(uid)?.values() ?? []];
  }

  /** Stores the object under the next revision and returns it as stored. */
  put(name: ShelfName, object: Document): Document {
    const shelf = this.shelf(name);
    const key = keyOf(object);
    const before = shelf.get(key);
    const revision = ++this.#revision;
    const stored = withMetadata(object, { resourceVersion: String(revision) });
    shelf.set(key, stored);
    this.#index({ shelf, object: stored }, before);
    const change: Change = before
      ? { type: "MODIFIED", object: stored, before, revision }
      : { type: "ADDED", object: stored, revision };
    this.#announce({ shelf, object: stored }, change);
    return stored;
  }

  /** Removes the object and returns its last state, stamped with the revision of the removal. */
  remove(name: ShelfName, key: Key): Document | undefined {
    const shelf = this.shelf(name);
    const before = shelf.get(key);
    if (!before) return undefined;
    const revision = ++this.#revision;
    const last = withMetadata(before, { resourceVersion: String(revision) });
    shelf.set(key, undefined);
    this.#unindex(before);
    this.#announce({ shelf, object: last }, { type: "DELETED", object: last, before, revision });
    return last;
  }

  /** Hears every change of every resource until the returned function is called. */
  onChange(listener: (located: Located, change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Forgets the history of all resources: older watches and continue tokens answer 410. */
  compact(): void {
    for (const shelf of this.#shelves.values()) shelf.history.compact(this.#revision);
  }

  #announce(located: Located, change: Change): void {
    (located.shelf as Shelf).announce(located.object.metadata.namespace ?? "", change);
    for (const listener of this.#listeners) listener(located, change);
  }

  #index(located: Located, before: Document | undefined): void {
    const { uid = "", ownerReferences = [] } = located.object.metadata;
    this.#byUid.set(uid, located);
    if (before && before.metadata.ownerReferences !== located.object.metadata.ownerReferences) {
      this.#unindexOwners(before);
    }
    for (const owner of ownerReferences) {
      const dependents = this.#dependents.get(owner.uid) ?? new Map<string, Located>();
      this.#dependents.set(owner.uid, dependents.set(uid, located));
    }
  }

  #unindex(before: Document): void {
    this.#byUid.delete(before.metadata.uid ?? "");
    this.#unindexOwners(before);
  }

  #unindexOwners(before: Document): void {
    for (const owner of before.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(before.metadata.uid ?? "");
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}

/** Where an object is stored. */
export function keyOf(object: Document): Key {
  return { namespace: object.metadata.namespace ?? "", name: object.metadata.name ?? "" };
}
