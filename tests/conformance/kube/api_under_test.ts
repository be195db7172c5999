/**
 * What a claim may use of the world that it is made about. Knows raw calls and watches; refuses to know which world it
 * talks to, but for the few things that only the world itself can bring about.
 */
import type { KubeClient } from "../../../kube/client.ts";

/** A sentence about the Kubernetes API that we rely on, and its proof. */
export interface Claim {
  readonly says: string;
  readonly holds: (api: ApiUnderTest) => Promise<void>;
}

/** What a call answered. */
export interface Answer {
  readonly code: number;
  /** Parsed where it is JSON, else the text. */
  // deno-lint-ignore no-explicit-any
  readonly body: any;
  readonly headers: Headers;
}

export interface CallOptions {
  /** Sent as JSON; a text as it is. */
  readonly body?: unknown;
  /** Content type of the body; default JSON. */
  readonly type?: string;
  /** Bearer token; absent: the administrator; "": none. */
  readonly token?: string;
  readonly accept?: string;
}

export interface SeenEvent {
  readonly type: string;
  // deno-lint-ignore no-explicit-any
  readonly object: any;
}

/** A watch that collects its events until it ends. */
export interface WatchLog extends AsyncDisposable {
  readonly events: readonly SeenEvent[];
  /** "ADDED a", "MODIFIED a", … in order, without bookmarks. */
  readonly lines: () => readonly string[];
  /** Resolves when the events satisfy `enough`; throws when that takes too long, or when the stream ends before. */
  until(enough: (events: readonly SeenEvent[]) => boolean): Promise<void>;
  /** Resolves when the server has ended the stream. */
  readonly over: Promise<void>;
}

/** One of a role. */
export interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

export interface ApiUnderTest {
  /** A namespace that belongs to this claim alone; its default account is there. */
  readonly namespace: string;
  /** The administrator's client. */
  readonly kube: KubeClient;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** A call that must succeed; its body. */
  // deno-lint-ignore no-explicit-any
  done(method: string, path: string, options?: CallOptions): Promise<any>;
  watch(path: string, options?: Pick<CallOptions, "token">): Promise<WatchLog>;
  /** A resourceVersion from which no watch can start any more. */
  forgottenVersion(): Promise<string>;
  /** The continue token of a page, made too old. */
  forgottenPage(token: string): Promise<string>;
  /** A token of the claim's ServiceAccount of that name, whose time is over. */
  expiredToken(account: string): Promise<string>;
  /** From now on the server has no room for calls of the claim's ServiceAccount of that name. */
  throttle(account: string): Promise<void>;
}
