/**
 * Secrets and ConfigMaps that users name: read when they are needed, and followed one by one where that is allowed, so
 * that a change is seen at once. Knows what is in them as data; what it means is for others to say.
 */
import { isForbidden } from "../kube/errors.ts";
import type { KubeClient } from "../kube/client.ts";
import { type FollowState, reflect } from "../kube/reflector.ts";
import { CONFIG_MAPS, SECRETS } from "../kube/resources.ts";
import type { KubeObject, ResourceType } from "../kube/types.ts";
import type { Clock } from "../lib/clock.ts";
import { messageOf } from "../lib/errors.ts";
import { deepEqual } from "../lib/json.ts";
import type { Logger } from "../lib/log.ts";
import { silentLogger } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";

/** Names one of them. */
export interface DocumentKey {
  readonly kind: "Secret" | "ConfigMap";
  readonly namespace: string;
  readonly name: string;
}

/** What was found. Values of a Secret are base64, those of a ConfigMap plain. */
export type Reading =
  | { readonly found: "data"; readonly data: Readonly<Record<string, string>> }
  | { readonly found: "nothing" }
  | { readonly found: "refusal"; readonly message: string };

export interface DocumentsOptions {
  readonly kube: Pick<KubeClient, "get" | "listPage" | "watch">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

interface Entry {
  readonly key: DocumentKey;
  reading: Reading | undefined;
  /** When it was last known to be so. */
  atMs: number;
  /** A watch tells of every change. */
  isFollowed: boolean;
  underWay: Promise<Reading> | undefined;
  stop: AbortController | undefined;
}

/** Rights may be extended while we run. */
const ASK_AGAIN_MS = 3_600_000;

const TYPES: Readonly<
  Record<
    DocumentKey["kind"],
    ResourceType<KubeObject & { readonly data?: Readonly<Record<string, string>> }>
  >
> = { Secret: SECRETS, ConfigMap: CONFIG_MAPS };

/** For messages and as a key: unique in a cluster. */
export function documentText({ kind, namespace, name }: DocumentKey): string {
  return `${kind} "${namespace}/${name}"`;
}

/** Reads Secrets and ConfigMaps when they are first asked for, and follows them where that is allowed. One for a process. */
export class Documents {
  readonly #options: DocumentsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners: ((key: DocumentKey) => void)[] = [];
  readonly #following = new Set<Promise<void>>();
  #life: AbortSignal | undefined;

  constructor(options: DocumentsOptions) {
    this.#options = options;
  }

  /** Called when one of those that were read is not what it was. */
  onChange(notify: (key: DocumentKey) => void): void {
    this.#listeners.push(notify);
  }

  /**
   * As it is now where it is followed, else no older than `maxAgeMs`. One read at a time per document, shared by all who
   * wait for it. Throws what the API server's failure is, but not that reading is forbidden.
   */
  async read(
    key: DocumentKey,
    options: { readonly maxAgeMs: number; readonly signal: AbortSignal },
  ): Promise<Reading> {
    const entry = this.#entry(key);
    const ageMs = this.#nowMs() - entry.atMs;
    if (entry.reading && (entry.isFollowed || ageMs < options.maxAgeMs)) return entry.reading;
    entry.underWay ??= this.#ask(entry, options.signal).finally(() => entry.underWay = undefined);
    return await entry.underWay;
  }

  /** Something that was made of it did not work: what is not followed is read again at its next use. */
  distrust(key: DocumentKey): void {
    const entry = this.#entries.get(documentText(key));
    if (entry) entry.atMs = -Infinity;
  }

  /** Forgets all others. */
  retain(keys: readonly DocumentKey[]): void {
    const wanted = new Set(keys.map(documentText));
    for (const [name, entry] of this.#entries) {
      if (wanted.has(name)) continue;
      this.#entries.delete(name);
      entry.stop?.abort(new DOMException("Nobody needs it any more", "AbortError"));
    }
  }

  /** A task: follows what is read, where that is allowed, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#life = signal;
    for (const entry of this.#entries.values()) this.#startFollowing(entry);
    await new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    this.#life = undefined;
    await Promise.all(this.#following);
  }

  #nowMs(): number {
    return this.#options.clock.now().getTime();
  }

  #entry(key: DocumentKey): Entry {
    const name = documentText(key);
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const entry: Entry = {
      key,
      reading: undefined,
      atMs: -Infinity,
      isFollowed: false,
      underWay: undefined,
      stop: undefined,
    };
    this.#entries.set(name, entry);
    this.#startFollowing(entry);
    return entry;
  }

  async #ask(entry: Entry, signal: AbortSignal): Promise<Reading> {
    const { kind, namespace, name } = entry.key;
    let reading: Reading;
    try {
      const object = await this.#options.kube.get(TYPES[kind], { namespace, name }, { signal });
      reading = readingOf(object);
    } catch (thrown) {
      if (!isForbidden(thrown)) throw thrown;
      reading = { found: "refusal", message: messageOf(thrown) };
    }
    this.#take(entry, reading);
    return reading;
  }

  #take(entry: Entry, reading: Reading): void {
    const before = entry.reading;
    entry.reading = reading;
    entry.atMs = this.#nowMs();
    if (before === undefined || deepEqual(before, reading)) return;
    for (const notify of this.#listeners) notify(entry.key);
  }

  #startFollowing(entry: Entry): void {
    const life = this.#life;
    if (life === undefined || entry.stop !== undefined) return;
    const stop = new AbortController();
    entry.stop = stop;
    const end = () => stop.abort(life.reason);
    life.addEventListener("abort", end, { once: true });
    const following = this.#follow(entry, stop.signal).finally(() => {
      life.removeEventListener("abort", end);
      entry.stop = undefined;
      this.#following.delete(following);
    });
    this.#following.add(following);
  }

  /** Where it is refused, reading has to do, until somebody extends our rights. */
  async #follow(entry: Entry, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const { kind, namespace, name } = entry.key;
    while (!signal.aborted) {
      const thrown = await this.#followUntilRefused(entry, signal);
      entry.isFollowed = false;
      if (thrown === undefined) return;
      const fields = { kind, namespace, name, error: messageOf(thrown) };
      log.debug("Not allowed to follow: it is read again as it is needed", fields);
      await clock.sleep(ASK_AGAIN_MS, signal).catch(() => {}); // aborted
    }
  }

  /** The refusal; `undefined`: `signal` aborted. */
  async #followUntilRefused(entry: Entry, signal: AbortSignal): Promise<unknown> {
    const { kube: client, clock, random } = this.#options;
    const { kind, namespace, name } = entry.key;
    const life = new AbortController();
    const end = () => life.abort(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    let refusal: unknown;
    const take = (object: KubeObject | undefined) => this.#take(entry, readingOf(object));
    await reflect({
      client,
      type: TYPES[kind],
      namespace,
      fieldSelector: `metadata.name=${name}`,
      sink: {
        replace: ([object]) => take(object),
        apply: (type, object) => take(type === "DELETED" ? undefined : object),
      },
      onState: (state: FollowState) => {
        entry.isFollowed = state === "watching";
        if (typeof state === "string" || !isForbidden(state.failed)) return;
        refusal = state.failed;
        life.abort(refusal);
      },
      clock,
      random,
      log: silentLogger, // reading goes on meanwhile: nothing is lost
    }, life.signal);
    signal.removeEventListener("abort", end);
    return refusal;
  }
}

function readingOf(
  object: KubeObject & { readonly data?: Readonly<Record<string, string>> } | undefined,
): Reading {
  return object === undefined ? { found: "nothing" } : { found: "data", data: object.data ?? {} };
}
