/** The Kubernetes verbs, typed. Objects stay plain JSON, so fields that we do not know survive. */
import { isAbsence, isOtherIncarnation } from "./errors.ts";
import { isDeleting, isFinished } from "./meta.ts";
import { queryText } from "./paths.ts";
import type { KubeCall, Transport } from "./transport.ts";
import {
  type AnyType,
  apiVersionOf,
  keyOf,
  type KubeObject,
  type ObjectKey,
  type ResourceType,
  type Status,
} from "./types.ts";
import { watchEvents } from "./watch_stream.ts";

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ListOptions extends CallOptions {
  /** Empty or absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface WatchOptions extends ListOptions {
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
  /** Called once, when the server has taken the watch. */
  readonly onOpen?: (() => void) | undefined;
}

export interface ListPage<T extends KubeObject> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  /** Present while more pages follow. */
  readonly continue?: string | undefined;
}

export type WatchEvent<T extends KubeObject> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly object: T }
  | { readonly type: "ERROR"; readonly object: Status };

export type Propagation = "Background" | "Foreground" | "Orphan";

/** Every call throws `KubeError` (with its disposition) unless its comment says otherwise. */
export interface KubeClient {
  /** Absence is `undefined`, not a throw. A live read: loops read caches instead. */
  get<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    options?: CallOptions,
  ): Promise<T | undefined>;

  /** One page; `limit` and `continue` as the API has them. Items come with `apiVersion` and `kind` set. */
  listPage<T extends KubeObject>(
    type: ResourceType<T>,
    options: ListOptions & { readonly limit?: number; readonly continue?: string | undefined },
  ): Promise<ListPage<T>>;

  /** All pages. */
  list<T extends KubeObject>(type: ResourceType<T>, options?: ListOptions): Promise<readonly T[]>;

  /**
   * Events after `resourceVersion`, with bookmarks, until the server ends the stream (after about `timeoutSeconds`) or
   * `signal` aborts (a normal end). An expired version is `KubeError` "kube_gone" or an ERROR event. A stream that is
   * silent past its time is the caller's to end.
   */
  watch<T extends KubeObject>(
    type: ResourceType<T>,
    options: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>;

  create<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    options?: CallOptions & { readonly dryRun?: boolean },
  ): Promise<T>;

  /** JSON merge patch; `subresource: "status"` writes the status. `null` members are removed. */
  patch<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    patch: unknown,
    options?: CallOptions & { readonly subresource?: "status" },
  ): Promise<T>;

  /** JSON patch (RFC 6902). */
  jsonPatch<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    patch: readonly unknown[],
    options?: CallOptions & { readonly subresource?: "status" },
  ): Promise<T>;

  /** Server-side apply as `fieldManager`, forced. */
  apply<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    options: CallOptions & { readonly fieldManager: string; readonly subresource?: "status" },
  ): Promise<T>;

  /** Full replacement; 409 when `metadata.resourceVersion` is no longer current. */
  update<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    options?: CallOptions & { readonly subresource?: "status" },
  ): Promise<T>;

  /**
   * With `uid`, deletes only that incarnation: another one, or an object already gone, is a success. Returns the object
   * as the server left it when finalizers or a grace period hold it back, `undefined` when it is gone.
   */
  delete<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    options?: CallOptions & {
      readonly uid?: string | undefined;
      readonly propagation?: Propagation;
      readonly gracePeriodSeconds?: number;
    },
  ): Promise<T | undefined>;
}

/** Page size of {@link KubeClient.list}; what kubectl uses. */
const PAGE = 500;

/** The verbs over a transport. Stateless: one per connection is enough. */
export function createKubeClient(transport: Transport): KubeClient {
  async function write<T extends KubeObject>(
    call: Omit<KubeCall, "place">,
    object: T,
    options: CallOptions & { readonly subresource?: "status" },
  ): Promise<T> {
    const { namespace, name } = keyOf(object);
    return await transport.request({
      ...call,
      place: { namespace, name, subresource: options.subresource },
      body: typed(call.type, object),
      signal: options.signal,
    }) as T;
  }

  async function patch<T extends KubeObject>(
    call: Pick<KubeCall, "type" | "body" | "contentType">,
    key: ObjectKey,
    options: CallOptions & { readonly subresource?: "status" } = {},
  ): Promise<T> {
    return await transport.request({
      ...call,
      verb: "patch",
      method: "PATCH",
      place: { ...key, subresource: options.subresource },
      signal: options.signal,
    }) as T;
  }

  const client: KubeClient = {
    async get<T extends KubeObject>(
      type: ResourceType<T>,
      key: ObjectKey,
      options: CallOptions = {},
    ) {
      try {
        const call: KubeCall = { verb: "get", method: "GET", type, place: key, ...options };
        return await transport.request(call) as T;
      } catch (thrown) {
        if (isAbsence(thrown)) return undefined;
        throw thrown;
      }
    },

    async listPage<T extends KubeObject>(
      type: ResourceType<T>,
      options: ListOptions & { readonly limit?: number; readonly continue?: string | undefined },
    ) {
      const { labelSelector, fieldSelector, limit } = options;
      const list = await transport.request({
        verb: "list",
        method: "GET",
        type,
        place: { namespace: options.namespace },
        query: queryText({ labelSelector, fieldSelector, limit, continue: options.continue }),
        signal: options.signal,
      }) as WireList<T>;
      return {
        items: (list.items ?? []).map((item) => typed(type, item)),
        resourceVersion: list.metadata?.resourceVersion ?? "",
        continue: list.metadata?.continue || undefined,
      };
    },

    async list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}) {
      const items: T[] = [];
      let page = await client.listPage(type, { ...options, limit: PAGE });
      items.push(...page.items);
      while (page.continue !== undefined) {
        page = await client.listPage(type, { ...options, limit: PAGE, continue: page.continue });
        items.push(...page.items);
      }
      return items;
    },

    watch: (type, options) => watchEvents(transport, type, options),

    async create<T extends KubeObject>(
      type: ResourceType<T>,
      object: T,
      options: CallOptions & { readonly dryRun?: boolean } = {},
    ) {
      const { namespace } = keyOf(object);
      return await transport.request({
        verb: "create",
        method: "POST",
        type,
        place: { namespace },
        query: options.dryRun ? "?dryRun=All" : "",
        body: typed(type, object),
        signal: options.signal,
      }) as T;
    },

    patch: (type, key, body, options) =>
      patch({ type, body, contentType: "application/merge-patch+json" }, key, options),

    jsonPatch: (type, key, body, options) =>
      patch({ type, body, contentType: "application/json-patch+json" }, key, options),

    apply: (type, object, options) =>
      write(
        {
          verb: "apply",
          method: "PATCH",
          type,
          query: queryText({ fieldManager: options.fieldManager, force: "true" }),
          contentType: "application/apply-patch+yaml", // JSON is YAML
        },
        object,
        options,
      ),

    update: (type, object, options = {}) =>
      write({ verb: "update", method: "PUT", type }, object, options),

    async delete<T extends KubeObject>(
      type: ResourceType<T>,
      key: ObjectKey,
      options: Parameters<KubeClient["delete"]>[2] = {},
    ) {
      const { uid, propagation, gracePeriodSeconds, signal } = options;
      try {
        const answer = await transport.request({
          verb: "delete",
          method: "DELETE",
          type,
          place: key,
          body: {
            apiVersion: "v1",
            kind: "DeleteOptions",
            ...(uid === undefined ? undefined : { preconditions: { uid } }),
            ...(propagation === undefined ? undefined : { propagationPolicy: propagation }),
            ...(gracePeriodSeconds === undefined ? undefined : { gracePeriodSeconds }),
          },
          signal,
        }) as KubeObject;
        return isHeldBack(answer) ? answer as T : undefined;
      } catch (thrown) {
        if (isAbsence(thrown) || (uid !== undefined && isOtherIncarnation(thrown))) {
          return undefined;
        }
        throw thrown;
      }
    },
  };
  return client;
}

interface WireList<T> {
  readonly items?: readonly T[] | null;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

/** With `apiVersion` and `kind`, which items of lists lack. */
function typed<T extends KubeObject>(type: AnyType, object: T): T {
  if (object.apiVersion !== undefined && object.kind !== undefined) return object;
  return { apiVersion: apiVersionOf(type), kind: type.kind, ...object };
}

/** The answer to a delete is a `Status`, the object as it last was, or the object that waits for its end. */
function isHeldBack(object: KubeObject): boolean {
  return object.kind !== "Status" && isDeleting(object) && !isFinished(object);
}
