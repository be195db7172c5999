/** The Kubernetes verbs, typed. Objects stay plain JSON, so fields that we do not know survive. */
import type { KubeObject, ObjectKey, ResourceType, Status } from "./types.ts";

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ListOptions extends CallOptions {
  /** Empty or absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
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
    options: ListOptions & { readonly resourceVersion: string; readonly timeoutSeconds: number },
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
