/** Watches: from changes to a stream of lines, with bookmarks, a time limit and an end. Knows no HTTP. */
import type { Clock } from "../../lib/clock.ts";
import { type Document, withMetadata } from "./document.ts";
import type { Change } from "./history.ts";
import type { Matches } from "./selectors.ts";
import { expired, type StatusBody } from "./status.ts";
import type { Shelf } from "./store.ts";
import type { EventType } from "./wire.ts";
import { madeLine } from "./wire.ts";

/** How long a watch with bookmarks stays silent at most, in ms. */
const BOOKMARK_EVERY_MS = 60_000;

/** What a watch tells, and for how long. */
export interface WatchPlan {
  readonly shelf: Shelf;
  /** "" for all namespaces. */
  readonly namespace: string;
  readonly matches: Matches;
  /** Changes after this; `undefined`: first everything that is stored, as additions. */
  readonly after: number | undefined;
  readonly bookmarks: boolean;
  /** Ends the initial additions with a bookmark that says so (`sendInitialEvents`). */
  readonly marksInitialEnd: boolean;
  readonly timeoutMs: number;
  readonly render: (type: EventType, object: Document) => Uint8Array<ArrayBuffer>;
  /** Names the kind in bookmarks. */
  readonly kind: { readonly apiVersion: string; readonly kind: string };
  readonly revision: () => number;
  readonly clock: Clock;
  /** The caller's: aborting it fails the stream. Absent where the transport cancels the stream instead. */
  readonly signal: AbortSignal | undefined;
}

/** A watch that is under way. */
export interface OpenWatch {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Ends the stream as the server does when its time is up. */
  end(): void;
  /** Breaks the stream as a lost connection does. */
  fail(reason: unknown): void;
  /** Sends an ERROR event and ends the stream. */
  refuse(status: StatusBody): void;
}

/** What a change means to a watch that sees only what matches; `undefined`: nothing. */
export function seenAs(
  change: Change,
  matches: Matches,
): { readonly type: EventType; readonly object: Document } | undefined {
  const was = change.before !== undefined && matches(change.before);
  const is = change.type !== "DELETED" && matches(change.object);
  if (is) return { type: was ? "MODIFIED" : "ADDED", object: change.object };
  if (!was) return undefined;
  if (change.type === "DELETED") return { type: "DELETED", object: change.object };
  const { resourceVersion } = change.object.metadata;
  return {
    type: "DELETED",
    object: withMetadata(change.before as Document, {
      ...(resourceVersion ? { resourceVersion } : {}),
    }),
  };
}

function bookmark(plan: WatchPlan, annotations?: Readonly<Record<string, string>>) {
  return madeLine("BOOKMARK", {
    ...plan.kind,
    metadata: {
      resourceVersion: String(plan.revision()),
      creationTimestamp: null,
      ...(annotations ? { annotations } : {}),
    },
  });
}

function initialLines(plan: WatchPlan): readonly Uint8Array<ArrayBuffer>[] {
  if (plan.after !== undefined) {
    const changes = plan.shelf.history.since(plan.after) ?? [];
    return changes.flatMap((change) => {
      if (plan.namespace !== "" && change.object.metadata.namespace !== plan.namespace) return [];
      const seen = seenAs(change, plan.matches);
      return seen ? [plan.render(seen.type, seen.object)] : [];
    });
  }
  const stored = plan.shelf.list(plan.namespace === "" ? undefined : plan.namespace)
    .filter(plan.matches).map((object) => plan.render("ADDED", object));
  if (!plan.marksInitialEnd) return stored;
  return [...stored, bookmark(plan, { "k8s.io/initial-events-end": "true" })];
}

/** The refusal of a watch that starts before what the history holds; `undefined` when it may start. */
export function tooOld(plan: Pick<WatchPlan, "shelf" | "after">): StatusBody | undefined {
  if (plan.after === undefined || plan.shelf.history.since(plan.after)) return undefined;
  return expired(`too old resource version: ${plan.after} (${plan.shelf.history.oldest})`).status;
}

/** Starts the watch; `ended` is called once, when its stream is over for whatever reason. */
export function openWatch(plan: WatchPlan, ended: () => void): OpenWatch {
  const over = new AbortController();
  let sink: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  let unsubscribe = () => {};

  const finish = (last?: (sink: ReadableStreamDefaultController) => void) => {
    if (over.signal.aborted) return;
    unsubscribe();
    plan.signal?.removeEventListener("abort", aborted);
    over.abort();
    if (sink) last?.(sink);
    ended();
  };
  // A moment later, because a real HTTP server cancels the body itself, and complains of one that fails before.
  const aborted = () => queueMicrotask(() => finish((stream) => stream.error(plan.signal?.reason)));
  const watch: OpenWatch = {
    body: new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        sink = controller;
        for (const line of initialLines(plan)) controller.enqueue(line);
        unsubscribe = plan.shelf.watch(plan.namespace, (change) => {
          const seen = seenAs(change, plan.matches);
          if (seen) controller.enqueue(plan.render(seen.type, seen.object));
        });
      },
      cancel: () => finish(),
    }),
    end: () => finish((stream) => stream.close()),
    fail: (reason) => finish((stream) => stream.error(reason)),
    refuse: (status) =>
      finish((stream) => {
        stream.enqueue(madeLine("ERROR", status));
        stream.close();
      }),
  };
  if (plan.signal?.aborted) aborted();
  else plan.signal?.addEventListener("abort", aborted, { once: true });
  keepAlive(plan, over.signal, (line) => sink?.enqueue(line)).then(watch.end, () => {});
  return watch;
}

/** Sends bookmarks until the time of the watch is up; rejects when `over` aborts. */
async function keepAlive(
  plan: WatchPlan,
  over: AbortSignal,
  send: (line: Uint8Array<ArrayBuffer>) => void,
): Promise<void> {
  let leftMs = plan.timeoutMs;
  while (leftMs > 0) {
    const waitMs = plan.bookmarks ? Math.min(leftMs, BOOKMARK_EVERY_MS) : leftMs;
    await plan.clock.sleep(waitMs, over);
    leftMs -= waitMs;
    if (plan.bookmarks) send(bookmark(plan));
  }
}
