/**
 * Tells people what happened to an object, as core/v1 Events. Best effort: repeats are counted instead of written, a
 * chatty object is cut short, a failure is tried again a few times and then a line in the log. Never throws into the work
 * that reports.
 */
import { backoffMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { disposition, errorCode, messageOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { type Random, randomText } from "../lib/random.ts";
import { redacted } from "../lib/redaction.ts";
import type { KubeClient } from "./client.ts";
import { isAlreadyExists, isNotFound } from "./errors.ts";
import { timeText } from "./meta.ts";
import { EVENTS } from "./resources.ts";
import { type Event, keyOf, type KubeObject, type ObjectKey } from "./types.ts";

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, "create" | "patch">;
  /** Who reports: `source.component` and `reportingComponent`. */
  readonly component: string;
  /** Which process of it, such as the pod's name. */
  readonly instance?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export interface Happened {
  /** The object as the server has stored it, with `apiVersion` and `kind`. */
  readonly about: KubeObject;
  readonly type: "Normal" | "Warning";
  /** CamelCase, one word, constant: `PodCreated`. */
  readonly reason: string;
  /** One sentence for a person; cut at 1024 characters. */
  readonly note: string;
}

export interface EventRecorder {
  /** Returns at once; {@link EventRecorder.run} writes. Beyond 1000 unwritten events new ones are dropped. */
  record(happened: Happened): void;
  /** A task: writes until `signal` aborts. Events that are not written by then are lost. */
  run(signal: AbortSignal): Promise<void>;
}

/** The same words about the same object within this time are one Event, in ms. */
const WINDOW_MS = 600_000;
/** The count of an Event is written at most this often, in ms. */
const COUNT_EVERY_MS = 60_000;
/** Different Events about one object within a window; more are dropped. */
const PER_OBJECT = 25;
const MAX_REMEMBERED = 4_096;
const MAX_WAITING = 1_000;
const MAX_NOTE = 1_024;
/** An Event that cannot be written is tried so often, with waits that double from 1 s, and then given up. */
const ATTEMPTS = 5;
const BACKOFF = { baseMs: 1_000, capMs: 30_000 };

/** What was said, and how often. */
interface Said {
  readonly happened: Happened;
  readonly firstMs: number;
  lastMs: number;
  count: number;
  /** The stored Event, once it is. */
  key: ObjectKey | undefined;
  /** Drawn once, so that an Event whose answer was lost is not made twice. */
  readonly suffix: string;
  /** In a row. */
  failures: number;
  writtenMs: number;
  isWaiting: boolean;
}

/** Writes nothing before {@link EventRecorder.run}. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, clock } = options;
  const said = new Map<string, Said>(); // the least recently said first
  const perObject = new Map<string, { readonly sinceMs: number; count: number }>();
  const waiting: Said[] = [];
  let wake = () => {};

  /** Whether there is room for another Event about this object. */
  function isAllowed(uid: string, nowMs: number): boolean {
    const budget = perObject.get(uid);
    if (budget !== undefined && nowMs - budget.sinceMs < WINDOW_MS) {
      return ++budget.count <= PER_OBJECT;
    }
    perObject.delete(uid);
    perObject.set(uid, { sinceMs: nowMs, count: 1 });
    forgetOldest(perObject);
    return true;
  }

  function enqueue(entry: Said): void {
    if (entry.isWaiting || waiting.length >= MAX_WAITING) return;
    entry.isWaiting = true;
    waiting.push(entry);
    wake();
  }

  function record(happened: Happened): void {
    const nowMs = clock.now().getTime();
    const { uid, name } = happened.about.metadata ?? {};
    const object = uid ?? `${happened.about.kind}/${name}`;
    const words = `${object}|${happened.type}|${happened.reason}|${happened.note}`;
    const before = said.get(words);
    if (before !== undefined && nowMs - before.firstMs < WINDOW_MS) {
      before.count++;
      before.lastMs = nowMs;
      said.delete(words);
      said.set(words, before);
      if (nowMs - before.writtenMs >= COUNT_EVERY_MS) enqueue(before);
      return;
    }
    if (!isAllowed(object, nowMs)) return;
    const entry: Said = {
      happened,
      firstMs: nowMs,
      lastMs: nowMs,
      count: 1,
      key: undefined,
      suffix: randomText(options.random, 16, "0123456789abcdef"),
      failures: 0,
      writtenMs: -Infinity,
      isWaiting: false,
    };
    said.delete(words);
    said.set(words, entry);
    forgetOldest(said);
    enqueue(entry);
  }

  async function write(entry: Said, signal: AbortSignal): Promise<void> {
    entry.writtenMs = clock.now().getTime();
    if (entry.key !== undefined) {
      const patch = { count: entry.count, lastTimestamp: timeText(new Date(entry.lastMs)) };
      try {
        await client.patch(EVENTS, entry.key, patch, { signal });
        return;
      } catch (thrown) {
        if (!isNotFound(thrown)) throw thrown;
      }
    }
    const event = eventOf(entry, options);
    try {
      await client.create(EVENTS, event, { signal });
    } catch (thrown) {
      if (!isAlreadyExists(thrown)) throw thrown;
    }
    entry.key = keyOf(event);
  }

  /** Whether it is worth another attempt, after a wait. The others wait too: the server is the same. */
  async function isTriedAgain(
    entry: Said,
    thrown: unknown,
    signal: AbortSignal,
  ): Promise<boolean> {
    entry.failures++;
    const wanted = disposition(thrown);
    if (wanted.kind === "stop" || entry.failures >= ATTEMPTS) return false;
    const backOffMs = backoffMs(entry.failures - 1, BACKOFF, options.random);
    const ms = wanted.kind === "retry-after" ? Math.min(wanted.ms, BACKOFF.capMs) : backOffMs;
    await clock.sleep(ms, signal);
    return true;
  }

  return {
    record,
    async run(signal) {
      const stop = () => wake();
      signal.addEventListener("abort", stop, { once: true });
      try {
        while (!signal.aborted) {
          const entry = waiting.shift();
          if (entry === undefined) {
            await new Promise<void>((resolve) => wake = resolve);
            continue;
          }
          entry.isWaiting = false;
          try {
            await write(entry, signal);
            entry.failures = 0;
          } catch (thrown) {
            if (signal.aborted) return;
            const isKept = await isTriedAgain(entry, thrown, signal).catch(() => false);
            if (signal.aborted) return;
            if (isKept) {
              entry.isWaiting = true;
              waiting.unshift(entry);
              continue;
            }
            entry.failures = 0;
            options.log.warn("Cannot write an Event", {
              reason: entry.happened.reason,
              code: errorCode(thrown),
              error: messageOf(thrown),
            });
          }
        }
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
  };
}

function forgetOldest(memory: Map<string, unknown>): void {
  if (memory.size > MAX_REMEMBERED) memory.delete(memory.keys().next().value ?? "");
}

function eventOf({ happened, ...said }: Said, options: EventRecorderOptions): Event {
  const { about, reason, type } = happened;
  const note = redacted(happened.note);
  const { namespace, name } = keyOf(about);
  const { uid, resourceVersion } = about.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: {
      namespace: namespace === "" ? "default" : namespace, // where those of the cluster's objects live
      name: `${name.slice(0, 236)}.${said.suffix}`,
    },
    involvedObject: {
      apiVersion: about.apiVersion ?? "",
      kind: about.kind ?? "",
      name,
      ...(namespace === "" ? undefined : { namespace }),
      ...(uid === undefined ? undefined : { uid }),
      ...(resourceVersion === undefined ? undefined : { resourceVersion }),
    },
    reason,
    message: note.length > MAX_NOTE ? `${note.slice(0, MAX_NOTE - 1)}…` : note,
    type,
    source: { component: options.component },
    reportingComponent: options.component,
    reportingInstance: options.instance ?? options.component,
    firstTimestamp: timeText(new Date(said.firstMs)),
    lastTimestamp: timeText(new Date(said.lastMs)),
    count: said.count,
  };
}
