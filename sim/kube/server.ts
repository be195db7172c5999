/**
 * The simulated Kubernetes API server put together: a plain handler that real clients talk to, over HTTP or in memory,
 * with the controllers that belong to a control plane behind it.
 */
import type { Clock } from "../../lib/clock.ts";
import type { Fetch } from "../../lib/http.ts";
import type { Random } from "../../lib/random.ts";
import { checkEscalation } from "./authorization.ts";
import { FIRST_OBJECTS } from "./bootstrap.ts";
import { startDefinitions } from "./definitions.ts";
import { type Document, withMetadata } from "./document.ts";
import { type Engine, internalCall, type Write } from "./engine.ts";
import { startGarbageCollector } from "./garbage_collector.ts";
import { Lists } from "./lists.ts";
import { startNamespaces } from "./namespaces.ts";
import { startQuotas } from "./quota.ts";
import { Authorizer } from "./rbac.ts";
import type { ReadContext } from "./reads.ts";
import { Registry } from "./registry.ts";
import { RequestLog } from "./request_log.ts";
import { answerTo, type Intercept } from "./router.ts";
import { expired } from "./status.ts";
import { type Key, keyOf, type ShelfName, Store } from "./store.ts";
import { ADMIN, Tokens, type TokenSubject } from "./tokens.ts";
import type { OpenWatch } from "./watch.ts";
import { create, replace } from "./writes.ts";

/** Changes per resource from which watches can start. */
const DEFAULT_HISTORY = 10_000;
/** How long the control plane takes to react, in ms. */
const DEFAULT_REACTION_MS = 50;

/** Where time, randomness and faults come from, and how large the server's memory is. */
export interface KubeApiOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** How many changes each resource remembers at least; default 10,000. */
  readonly historyLength?: number;
  /** How long garbage collector, namespaces and quotas take to react, in ms; default 50. */
  readonly reactionMs?: number;
  /** Faults: may answer, delay or break any request. */
  readonly intercept?: Intercept;
  /** Sees each completed write, also the control plane's own. */
  readonly onWrite?: (write: Write) => void;
}

/** What is stored, seen without permission checks. Objects must not be changed. */
export interface StoredObjects {
  /** `undefined` when there is none; `namespace` is "" for objects of the cluster. */
  get(type: ShelfName, key: Key): Document | undefined;
  /** By namespace, then name; `namespace` absent: all. */
  list(type: ShelfName, namespace?: string): readonly Document[];
  /** The newest resourceVersion. */
  readonly revision: number;
}

/** A running server, from outside and from above. */
export interface KubeApi {
  /**
   * The server: give it to `Deno.serve` as it is (what that passes besides the request tells real HTTP from memory), or
   * call it directly. In memory, aborting the request's signal fails the body of a watch. Rejects only where `intercept`
   * does.
   */
  readonly handle: Fetch;
  readonly store: StoredObjects;
  /** What clients asked for, by user, verb and resource. */
  readonly requests: RequestLog;
  /** How many watches are open. */
  readonly watchCount: number;
  /** A bearer token: of the administrator, of a ServiceAccount (which dies with it), or of a user by name. */
  tokenFor(subject: "admin" | TokenSubject): string;
  /** Makes a token unknown: its bearer gets 401 from now on. */
  revoke(token: string): void;
  /** Creates the documents as the administrator, in order, or replaces those that exist. Throws what the API would. */
  install(documents: readonly Document[]): void;
  /**
   * Forgets all history: watches from older versions and further pages of lists answer 410. `answer` says how watches
   * are refused from now on: inside the stream (the default, as the real server does), or by the HTTP status.
   */
  compact(options?: { readonly answer?: "event" | "status" }): void;
  /** Ends all open watches: as at the end of their time, as a lost connection, or with an ERROR event of 410. */
  endWatches(how: "close" | "break" | "expire"): void;
  /** Ends the watches and the controllers for good. */
  stop(): void;
}

/** Starts a server with an empty cluster: the first namespaces and roles, nothing else. */
export function startKubeApi(options: KubeApiOptions): KubeApi {
  const { clock, random } = options;
  const store = new Store({ historyLength: options.historyLength ?? DEFAULT_HISTORY });
  const authorizer = new Authorizer(store);
  const engine: Engine = {
    clock,
    random,
    store,
    registry: new Registry(),
    mayGrant: (_identity, call, document) => checkEscalation(authorizer, call, document),
    onWrite: options.onWrite ?? (() => {}),
  };
  const over = new AbortController();
  const watches = new Map<OpenWatch, ShelfName>();
  const control = {
    delayMs: options.reactionMs ?? DEFAULT_REACTION_MS,
    signal: over.signal,
  };
  startGarbageCollector(engine, control);
  startNamespaces(engine, control);
  startQuotas(engine, control);
  startDefinitions(engine, {
    ...control,
    gone: (name) => {
      for (const [watch, shelf] of [...watches]) {
        if (shelf.group === name.group && shelf.plural === name.plural) watch.end();
      }
    },
  });
  install(engine, FIRST_OBJECTS);

  const lists = new Lists(store);
  const tokens = new Tokens({ clock, random, store });
  const requests = new RequestLog();
  let expiredAnswer: "event" | "status" = "event";
  const reads: ReadContext = {
    engine,
    lists,
    opened: (watch, call) => watches.set(watch, call.resource),
    closed: (watch) => watches.delete(watch),
    expiredAnswer: () => expiredAnswer,
  };
  const context = {
    reads,
    tokens,
    authorizer,
    log: requests,
    ...(options.intercept ? { intercept: options.intercept } : {}),
  };
  return {
    handle: (request: Request, ...served: readonly unknown[]) =>
      answerTo(context, { request, signal: served.length > 0 ? undefined : request.signal }),
    store: {
      get: (type, key) => store.shelf(type).get(key),
      list: (type, namespace) => store.shelf(type).list(namespace),
      get revision() {
        return store.revision;
      },
    },
    requests,
    get watchCount() {
      return watches.size;
    },
    tokenFor: (subject) =>
      tokens.mint(subject === "admin" ? { user: ADMIN.user, groups: ADMIN.groups } : subject),
    revoke: (token) => tokens.revoke(token),
    install: (documents) => install(engine, documents),
    compact: (settings = {}) => {
      expiredAnswer = settings.answer ?? "event";
      store.compact();
      lists.compact();
    },
    endWatches: (how) => endAll(watches, how),
    stop: () => {
      endAll(watches, "close");
      over.abort(new Error("the server has stopped"));
    },
  };
}

function endAll(watches: ReadonlyMap<OpenWatch, ShelfName>, how: "close" | "break" | "expire") {
  for (const watch of [...watches.keys()]) {
    if (how === "close") watch.end();
    else if (how === "break") watch.fail(new TypeError("connection reset"));
    else watch.refuse(expired("The resourceVersion for the provided watch is too old.").status);
  }
}

function install(engine: Engine, documents: readonly Document[]): void {
  for (const document of documents) {
    const resource = engine.registry.ofKind(document.apiVersion ?? "", document.kind ?? "");
    if (!resource) throw new TypeError(`Cannot install a "${document.kind}": no such kind`);
    const placed = resource.namespaced && !document.metadata.namespace
      ? withMetadata(document, { namespace: "default" })
      : document;
    const verb = "create" as const;
    const call = {
      ...internalCall(ADMIN, { verb, resource, object: placed }),
      fieldManager: "install",
    };
    const before = engine.store.shelf(resource).get(keyOf(placed));
    if (!before) {
      create(engine, call, placed);
      continue;
    }
    const sent = withMetadata(placed, { resourceVersion: before.metadata.resourceVersion });
    replace(engine, { ...call, verb: "update" }, { before, sent });
  }
}
