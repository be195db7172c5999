/**
 * The states of a reflector and what moves it from one to the next. Pure; the loop in `reflector.ts` does what the state
 * asks for and tells what happened.
 */
import type { ListPage, WatchEvent } from "./client.ts";
import { isGone, KubeError } from "./errors.ts";
import type { KubeObject } from "./types.ts";

/** `failures` counts those in a row; a watch that lasted resets it. */
export type ReflectorState<T extends KubeObject> =
  | { readonly at: "empty"; readonly failures: number }
  | {
    readonly at: "listing";
    readonly failures: number;
    readonly continue: string;
    readonly items: readonly T[];
    /** When the first page was asked for. */
    readonly sinceMs: number;
  }
  | {
    readonly at: "listed" | "watching";
    readonly failures: number;
    /** Watch from here. */
    readonly resourceVersion: string;
  };

/** What the loop met. Times in ms. */
export type Happening<T extends KubeObject> =
  | { readonly what: "page"; readonly page: ListPage<T>; readonly sinceMs: number }
  | { readonly what: "event"; readonly event: WatchedEvent<T> }
  /** The server ended the stream of a watch that had brought so many events, bookmarks not counted. */
  | { readonly what: "ended"; readonly lastedMs: number; readonly events: number }
  /** We ended it, because it was silent too long. */
  | { readonly what: "silent"; readonly lastedMs: number }
  /** We ended it, because it did not tell of something that the server confirmed to us. */
  | { readonly what: "behind"; readonly lastedMs: number }
  /** A list or a watch; an ERROR event is one of these. `lastedMs` is 0 for a list. */
  | { readonly what: "failed"; readonly thrown: unknown; readonly lastedMs: number };

export type WatchedEvent<T extends KubeObject> = Exclude<WatchEvent<T>, { type: "ERROR" }>;

/** Where the reflector is now, what goes to the sink, and whether to pause before going on. */
export interface Move<T extends KubeObject> {
  readonly state: ReflectorState<T>;
  readonly replace?: { readonly items: readonly T[]; readonly sinceMs: number };
  readonly apply?: { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T };
  /** Present: back off first, by `state.failures`; the error is for the log. */
  readonly failure?: unknown;
}

/** A watch that lasted this long worked, whatever ended it, in ms. */
const LASTED_MS = 5_000;
/** After so many broken watches in a row the version itself is suspected (a restored etcd), and listed again. */
const BROKEN_WATCHES = 4;

/** Where every reflector begins. */
export const EMPTY: ReflectorState<never> = { at: "empty", failures: 0 };

/** The next state. A happening that does not fit the state is a bug of the loop. */
export function move<T extends KubeObject>(
  state: ReflectorState<T>,
  happening: Happening<T>,
): Move<T> {
  switch (happening.what) {
    case "page":
      return afterPage(state, happening.page, happening.sinceMs);
    case "event":
      return afterEvent(state, happening.event);
    case "ended":
      // A server in a burst drops who does not keep up. Who got further may ask again at once: events run out.
      if (happening.lastedMs < LASTED_MS && happening.events === 0) {
        // A server that ends each watch at once would be asked without pause.
        const thrown = new KubeError("The watch ended at once", { code: "kube_unavailable" });
        return afterFailure(state, thrown, happening.lastedMs);
      }
      return { state: { ...state, failures: 0 } };
    case "silent":
      return { state: { ...state, failures: 0 } };
    case "behind":
      // Only a list says whether it will ever come.
      return { state: { at: "empty", failures: 0 } };
    case "failed":
      return afterFailure(state, happening.thrown, happening.lastedMs);
    default:
      return happening satisfies never;
  }
}

function afterPage<T extends KubeObject>(
  state: ReflectorState<T>,
  page: ListPage<T>,
  askedMs: number,
): Move<T> {
  const { failures } = state;
  const isNext = state.at === "listing";
  const items = isNext ? state.items.concat(page.items) : page.items;
  const sinceMs = isNext ? state.sinceMs : askedMs;
  if (page.continue !== undefined) {
    return { state: { at: "listing", failures, continue: page.continue, items, sinceMs } };
  }
  return {
    state: { at: "listed", failures, resourceVersion: page.resourceVersion },
    replace: { items, sinceMs },
  };
}

function afterEvent<T extends KubeObject>(
  state: ReflectorState<T>,
  event: WatchedEvent<T>,
): Move<T> {
  const resourceVersion = event.object.metadata?.resourceVersion;
  const next: ReflectorState<T> = resourceVersion === undefined
    ? state
    : { at: "watching", failures: state.failures, resourceVersion };
  if (event.type === "BOOKMARK") return { state: next };
  return { state: next, apply: { type: event.type, object: event.object } };
}

function afterFailure<T extends KubeObject>(
  state: ReflectorState<T>,
  failure: unknown,
  lastedMs: number,
): Move<T> {
  const failures = (lastedMs >= LASTED_MS ? 0 : state.failures) + 1;
  const isWatch = state.at === "listed" || state.at === "watching";
  const startOver = isGone(failure) || state.at === "empty" ||
    (isWatch && failures % BROKEN_WATCHES === 0);
  return {
    state: startOver ? { at: "empty", failures } : { ...state, failures },
    failure,
  };
}
