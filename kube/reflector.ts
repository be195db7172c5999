/**
 * Keeps one sink equal to one collection of the API server: list, then watch, then watch again, for ever. Knows lists
 * and streams; what follows from what is in `reflector_state.ts`.
 */
import { backoffMs } from "../lib/backoff.ts";
import { type Clock, DeadlineExceeded } from "../lib/clock.ts";
import { disposition, errorCode, HouseError, messageOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { type Metrics, silentMetrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import type { CacheSink } from "./cache.ts";
import type { KubeClient } from "./client.ts";
import { isGone, refusedByStatus } from "./errors.ts";
import { EMPTY, type Happening, move, type ReflectorState } from "./reflector_state.ts";
import type { KubeObject, ResourceType } from "./types.ts";

/** Listed whole, a watch open, or a failure, which is tried again. */
export type FollowState = "listed" | "watching" | { readonly failed: unknown };

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Pick<KubeClient, "listPage" | "watch">;
  readonly type: ResourceType<T>;
  readonly sink: CacheSink<T>;
  /** Empty or absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Drops what nobody reads from a page of a list while others are waited for. A cache does the same to all it takes. */
  readonly trim?: (object: T) => T;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: Metrics;
  /** Told how it goes. */
  readonly onState?: ((state: FollowState) => void) | undefined;
}

const PAGE = 500;
/** A watch is asked to last 290 s ± 20 s, so that a crowd of them does not come back at once. */
const WATCH_SECONDS = 290;
const WATCH_SPREAD_SECONDS = 20;
/** A stream that outlives its time by this much is dead: its server would have ended it. */
const OVERTIME_MS = 5_000;
/** API servers that send bookmarks send one a minute: one of them that is silent for so long, in ms, is not there. */
const SILENCE_MS = 90_000;
/** A watch that has not told of what we wrote so long ago, in ms, is dead, or its server is behind. */
const LAG_MS = 30_000;
/** Between two looks at a stream, in ms. */
const LOOK_MS = 10_000;
const BACKOFF = { baseMs: 400, capMs: 30_000 };

/**
 * A task: ends when `signal` aborts, and for no other reason. Failures are logged and tried again with back-off; what
 * the sink holds stays meanwhile, however old it gets.
 */
export async function reflect<T extends KubeObject>(
  options: ReflectorOptions<T>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, sink, type } = options;
  const metrics = options.metrics ?? silentMetrics;
  const log = options.log.with({
    resource: type.plural,
    namespace: options.namespace || undefined,
  });
  let state: ReflectorState<T> = EMPTY;
  const server = { sendsBookmarks: false };

  /** Moves on; returns whether a pause is due. */
  function happened(happening: Happening<T>): boolean {
    const { apply, failure, replace, state: next } = move(state, happening);
    if (replace !== undefined) {
      sink.replace(replace.items, replace);
      metrics.increment("longshore_kube_lists_total", { resource: type.plural });
      log.debug("Listed", { count: replace.items.length });
      options.onState?.("listed");
    }
    if (apply !== undefined) sink.apply(apply.type, apply.object);
    state = next; // last: what the sink could not take comes again
    if (failure === undefined) return false;
    options.onState?.({ failed: failure });
    report(failure);
    return true;
  }

  function report(failure: unknown): void {
    const fields = { code: errorCode(failure), error: messageOf(failure), attempt: state.failures };
    if (isGone(failure)) log.info("A watch expired: listing again", fields);
    else if (!(failure instanceof HouseError)) {
      const stack = failure instanceof Error ? failure.stack : undefined;
      log.error("Following a resource met a bug", { ...fields, stack });
    } else if (failure.disposition.kind === "stop") log.error("Cannot follow a resource", fields);
    else log.warn("Lost sight of a resource for a moment", fields);
  }

  async function pause(thrown: unknown): Promise<void> {
    const ms = backoffMs(state.failures - 1, BACKOFF, options.random);
    const asked = disposition(thrown);
    await clock.sleep(asked.kind === "retry-after" ? Math.max(ms, asked.ms) : ms, signal);
  }

  while (!signal.aborted) {
    const happening = state.at === "empty" || state.at === "listing"
      ? await nextPage(options, state, signal)
      : await follow(options, { from: state.resourceVersion, server, happened }, signal);
    if (signal.aborted) return;
    if (state.at === "listed" || state.at === "watching") {
      const because = causeOf(happening);
      metrics.increment("longshore_kube_watches_ended_total", { resource: type.plural, because });
    }
    if (!happened(happening)) continue;
    try {
      await pause(happening.what === "failed" ? happening.thrown : undefined);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
  }
}

async function nextPage<T extends KubeObject>(
  options: ReflectorOptions<T>,
  state: ReflectorState<T>,
  signal: AbortSignal,
): Promise<Happening<T>> {
  const { client, clock, fieldSelector, labelSelector, namespace, trim, type } = options;
  const sinceMs = clock.now().getTime();
  try {
    const page = await client.listPage(type, {
      namespace,
      labelSelector,
      fieldSelector,
      limit: PAGE,
      continue: state.at === "listing" ? state.continue : undefined,
      signal,
    });
    return {
      what: "page",
      page: trim === undefined ? page : { ...page, items: page.items.map(trim) },
      sinceMs,
    };
  } catch (thrown) {
    return { what: "failed", thrown, lastedMs: 0 };
  }
}

/** Where a watch begins, where its events go, and what is known of its server, which is written down here. */
interface Course<T extends KubeObject> {
  readonly from: string;
  readonly happened: (happening: Happening<T>) => void;
  readonly server: { sendsBookmarks: boolean };
}

/** One watch to its end. */
async function follow<T extends KubeObject>(
  options: ReflectorOptions<T>,
  { from: resourceVersion, happened, server }: Course<T>,
  signal: AbortSignal,
): Promise<Happening<T>> {
  const { client, clock, fieldSelector, labelSelector, namespace, sink, type } = options;
  const timeoutSeconds = WATCH_SECONDS +
    Math.round((2 * options.random() - 1) * WATCH_SPREAD_SECONDS);
  const startMs = clock.now().getTime();
  const lastedMs = () => clock.now().getTime() - startMs;
  let heardMs = startMs;
  let lags = false;
  let events = 0;
  const life = new AbortController();
  const timer = new AbortController();
  const forward = () => life.abort(signal.reason);
  signal.addEventListener("abort", forward, { once: true });
  const untilDead = async () => {
    const endMs = timeoutSeconds * 1000 + OVERTIME_MS;
    for (let leftMs = endMs; leftMs > 0; leftMs = endMs - lastedMs()) {
      await clock.sleep(Math.min(leftMs, LOOK_MS), timer.signal);
      lags = (sink.lagMs?.() ?? 0) >= LAG_MS;
      if (lags) return "did not tell what was written";
      if (server.sendsBookmarks && clock.now().getTime() - heardMs >= SILENCE_MS) {
        return "fell silent";
      }
    }
    return "outlived its time";
  };
  untilDead().then(
    // This reason tells the transport that the connection is dead, too.
    (how) => life.abort(new DeadlineExceeded(`A watch of ${type.plural} ${how}`)),
    () => {}, // cleared
  );
  try {
    const stream = client.watch(type, {
      namespace,
      labelSelector,
      fieldSelector,
      resourceVersion,
      timeoutSeconds,
      signal: life.signal,
      onOpen: () => options.onState?.("watching"),
    });
    for await (const event of stream) {
      if (event.type === "ERROR") {
        const thrown = refusedByStatus(`go on watching ${type.plural}`, event.object);
        return { what: "failed", thrown, lastedMs: lastedMs() };
      }
      heardMs = clock.now().getTime();
      if (event.type === "BOOKMARK") server.sendsBookmarks = true;
      else events++;
      happened({ what: "event", event });
    }
    if (life.signal.aborted) return { what: lags ? "behind" : "silent", lastedMs: lastedMs() };
    return { what: "ended", lastedMs: lastedMs(), events };
  } catch (thrown) {
    if (life.signal.aborted) return { what: lags ? "behind" : "silent", lastedMs: lastedMs() };
    return { what: "failed", thrown, lastedMs: lastedMs() };
  } finally {
    timer.abort();
    signal.removeEventListener("abort", forward);
  }
}

function causeOf<T extends KubeObject>(happening: Happening<T>): string {
  if (happening.what !== "failed") return happening.what;
  return isGone(happening.thrown) ? "expired" : "failed";
}
