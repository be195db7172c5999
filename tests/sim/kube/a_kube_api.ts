/** A server in memory on virtual time, and a few words to talk to it. For the tests of `sim/kube/`. */
import { seededRandom } from "../../../lib/random.ts";
import { VirtualClock } from "../../../sim/clock.ts";
import type { Document } from "../../../sim/kube/document.ts";
import { type KubeApi, type KubeApiOptions, startKubeApi } from "../../../sim/kube/server.ts";

/** What a call answered. */
export interface Answer {
  readonly code: number;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
  readonly headers: Headers;
}

export interface Talk {
  readonly api: KubeApi;
  readonly clock: VirtualClock;
  /** A call as the administrator, or with `token`; a body is sent as JSON unless `type` says otherwise. */
  call(
    method: string,
    path: string,
    options?: {
      readonly body?: unknown;
      readonly type?: string;
      readonly token?: string;
      readonly accept?: string;
    },
  ): Promise<Answer>;
  /** A call that must succeed; its body. */
  // deno-lint-ignore no-explicit-any
  done(...call: Parameters<Talk["call"]>): Promise<any>;
  /** The raw exchange. */
  raw(path: string, signal?: AbortSignal): Promise<Response>;
}

export function aKubeApi(options: Partial<KubeApiOptions> = {}): Talk {
  const clock = new VirtualClock();
  const api = startKubeApi({ clock, random: seededRandom(1), ...options });
  const admin = api.tokenFor("admin");
  const headersOf = (token: string) => ({ authorization: `Bearer ${token}` });
  const talk: Talk = {
    api,
    clock,
    async call(method, path, { body, type, token = admin, accept } = {}) {
      const response = await api.handle(
        new Request(`https://kube${path}`, {
          method,
          headers: {
            ...(token === "" ? {} : headersOf(token)),
            ...(accept ? { accept } : {}),
            "content-type": type ?? "application/json",
          },
          ...(body === undefined
            ? {}
            : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        }),
      );
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json");
      return {
        code: response.status,
        body: isJson ? JSON.parse(text) : text,
        headers: response.headers,
      };
    },
    async done(...call) {
      const answer = await talk.call(...call);
      if (answer.code >= 400) throw new Error(`${call[0]} ${call[1]}: ${answer.body.message}`);
      return answer.body;
    },
    raw: (path, signal) =>
      api.handle(
        new Request(`https://kube${path}`, {
          headers: headersOf(admin),
          ...(signal ? { signal } : {}),
        }),
      ),
  };
  return talk;
}

/** One event as the tests compare them. */
export interface SeenEvent {
  readonly type: string;
  // deno-lint-ignore no-explicit-any
  readonly object: any;
}

/** A watch that collects its events until it ends. */
export interface WatchLog {
  readonly events: SeenEvent[];
  /** "ADDED a", "MODIFIED a", … in order. */
  readonly lines: () => readonly string[];
  /** Resolves when the stream is over; rejects when it breaks. */
  readonly over: Promise<void>;
  cancel(): Promise<void>;
}

/** Starts a watch and reads it from now on. */
export async function watching(talk: Talk, path: string): Promise<WatchLog> {
  const response = await talk.raw(path);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const events: SeenEvent[] = [];
  const decoder = new TextDecoder();
  let rest = "";
  const over = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      events.push(...lines.map((line) => JSON.parse(line)));
    }
  })();
  over.catch(() => {});
  return {
    events,
    lines: () => events.map((event) => `${event.type} ${event.object.metadata?.name ?? ""}`.trim()),
    over,
    cancel: () => reader.cancel(),
  };
}

export const PODS = "/api/v1/namespaces/default/pods";
export const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
export const NAMESPACES = "/api/v1/namespaces";

/** A pod that the server accepts. */
export function aPod(name: string, more: Readonly<Record<string, unknown>> = {}): Document {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { containers: [{ name: "main", image: "busybox:1" }] },
    ...more,
  };
}

export function aConfigMap(
  name: string,
  metadata: Readonly<Record<string, unknown>> = {},
): Document {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata } };
}

/** A definition of `widgets.test.dev` with the given schema of `spec`. */
export function aDefinition(
  spec: Readonly<Record<string, unknown>>,
  version: Readonly<Record<string, unknown>> = {},
): Document {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.test.dev" },
    spec: {
      group: "test.dev",
      scope: "Namespaced",
      names: { kind: "Widget", plural: "widgets", shortNames: ["wd"] },
      versions: [{
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec,
              status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
            },
          },
        },
        ...version,
      }],
    },
  };
}

export const WIDGETS = "/apis/test.dev/v1/namespaces/default/widgets";

export function aWidget(
  name: string,
  spec: Readonly<Record<string, unknown>> = {},
  metadata: Readonly<Record<string, unknown>> = {},
): Document {
  return { apiVersion: "test.dev/v1", kind: "Widget", metadata: { name, ...metadata }, spec };
}

/** An owner reference to a stored object. */
export function ownedBy(
  owner: Document,
  more: Readonly<Record<string, unknown>> = {},
): { readonly ownerReferences: readonly unknown[] } {
  return {
    ownerReferences: [{
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.metadata.name,
      uid: owner.metadata.uid,
      ...more,
    }],
  };
}

export const MERGE = "application/merge-patch+json";
export const JSON_PATCH = "application/json-patch+json";
export const STRATEGIC = "application/strategic-merge-patch+json";
export const APPLY = "application/apply-patch+yaml";
