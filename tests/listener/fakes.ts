/**
 * A GitHub and a cluster in memory, as small as a listener can use them. They record calls and fail on request; whoever
 * uses them says which process calls, so that one can be dropped in the middle of a call.
 */
import type { AutoscalingListener } from "../../crds/autoscaling_listener.ts";
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import type { EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { SessionConflict, SessionLost } from "../../github/errors.ts";
import type { JobMessage, Statistics } from "../../github/messages.ts";
import type { ActionsService, MessageSession } from "../../github/service.ts";
import type { KubeClient, WatchEvent } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { keyText, type KubeObject, type ObjectKey } from "../../kube/types.ts";
import { applyMergePatch } from "../../lib/json.ts";
import type { VirtualClock } from "../../sim/clock.ts";
import { statistics } from "./jobs.ts";

/** Asked before every call. Throwing makes the call fail, `"hang"` makes it wait for its signal. */
export type Faults = (call: string, detail: unknown) => "hang" | void;

/** Between a process and the world: where it may be cut off. */
export type Gate = <T>(point: string, work: () => Promise<T>) => Promise<T>;

export function openGate<T>(_point: string, work: () => Promise<T>): Promise<T> {
  return work();
}

/** A process that is dropped at the nth point: neither what it awaits there nor anything later ever comes back. */
export class Mortal {
  readonly points: string[] = [];
  #dead = false;

  constructor(readonly dropAt = Infinity) {}

  get isDead(): boolean {
    return this.#dead;
  }

  readonly gate: Gate = async (point, work) => {
    await this.#pass(`before ${point}`);
    const result = await work();
    await this.#pass(`after ${point}`);
    return result;
  };

  #pass(point: string): Promise<void> {
    if (!this.#dead) this.points.push(point);
    this.#dead ||= this.points.length > this.dropAt;
    return this.#dead ? new Promise(() => {}) : Promise.resolve();
  }
}

/** How long an empty poll lasts. */
export const POLL_MS = 50_000;

export class FakeGitHub {
  readonly calls: string[] = [];
  statistics: Statistics = statistics(0);
  faults: Faults = () => {};
  isScaleSetKnown = true;
  /** Sessions held at present; one at most unless the test says so. */
  readonly sessions = new Set<string>();
  /** The most sessions that were ever held at once. */
  mostSessions = 0;
  readonly acknowledged: number[] = [];
  /** Called before a message is taken away. */
  onAcknowledge: (messageId: number) => void = () => {};
  #queue: JobMessage[] = [];
  #wake = new Set<() => void>();
  #ids = 0;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Delivered, again and again, until it is acknowledged. Its statistics become the present ones. */
  push(message: JobMessage): void {
    this.#queue.push(message);
    this.statistics = message.statistics;
    for (const wake of this.#wake) wake();
  }

  get undelivered(): readonly number[] {
    return this.#queue.map(({ messageId }) => messageId);
  }

  count(call: string): number {
    return this.calls.filter((one) => one.startsWith(call)).length;
  }

  /** The service as one process sees it. */
  service(gate: Gate = openGate): Pick<ActionsService, "openSession" | "endSession"> {
    return {
      endSession: (_scaleSetId, sessionId, options) =>
        gate("end", async () => {
          await this.#called(`end ${sessionId}`, sessionId, options?.signal);
          this.sessions.delete(sessionId);
        }),
      openSession: (scaleSetId, owner, options) =>
        gate("open", async () => {
          await this.#called(`open ${owner}`, scaleSetId, options?.signal);
          if (!this.isScaleSetKnown) return "no-scale-set";
          if (this.sessions.size > 0) throw new SessionConflict("A session is active", 20_000);
          const sessionId = `session-${++this.#ids}`;
          this.sessions.add(sessionId);
          this.mostSessions = Math.max(this.mostSessions, this.sessions.size);
          return this.#session(sessionId, gate);
        }),
    };
  }

  #session(sessionId: string, gate: Gate): MessageSession {
    const held = async (call: string, detail: unknown, signal: AbortSignal | undefined) => {
      await this.#called(call, detail, signal);
      if (!this.sessions.has(sessionId)) throw new SessionLost("The session is gone", 404);
    };
    return {
      sessionId,
      statistics: this.statistics,
      poll: (after, options) =>
        gate("poll", async () => {
          await held(`poll ${after.messageId} ${after.capacity}`, after, options?.signal);
          return await this.#next(after.messageId, options?.signal);
        }),
      acquire: (ids, options) =>
        gate("acquire", async () => {
          await held(`acquire ${ids}`, ids, options?.signal);
          return ids;
        }),
      acknowledge: (messageId, options) =>
        gate("acknowledge", async () => {
          await held(`acknowledge ${messageId}`, messageId, options?.signal);
          this.onAcknowledge(messageId);
          this.acknowledged.push(messageId);
          this.#queue = this.#queue.filter((message) => message.messageId !== messageId);
        }),
      [Symbol.asyncDispose]: () =>
        gate("close", async () => {
          await Promise.resolve();
          this.calls.push("close");
          this.sessions.delete(sessionId);
        }),
    };
  }

  async #next(after: number, signal?: AbortSignal): Promise<JobMessage | undefined> {
    const find = () => this.#queue.find(({ messageId }) => messageId > after);
    const found = find();
    if (found !== undefined) return { ...found, statistics: this.statistics };
    const woken = new AbortController();
    const wake = () => woken.abort();
    this.#wake.add(wake);
    signal?.addEventListener("abort", wake, { once: true });
    try {
      await this.#clock.sleep(POLL_MS, woken.signal).catch(() => {});
    } finally {
      this.#wake.delete(wake);
      signal?.removeEventListener("abort", wake);
    }
    signal?.throwIfAborted();
    const message = find();
    return message === undefined ? undefined : { ...message, statistics: this.statistics };
  }

  async #called(call: string, detail: unknown, signal: AbortSignal | undefined): Promise<void> {
    this.calls.push(call);
    await obey(this.faults(call, detail), signal);
    signal?.throwIfAborted();
  }
}

export const SET: ObjectKey = { namespace: "arc-runners", name: "linux" };
export const LISTENER: ObjectKey = { namespace: "arc-systems", name: "linux-1234-listener" };

export class FakeCluster {
  readonly patches: { readonly path: string; readonly body: unknown }[] = [];
  faults: Faults = () => {};
  runnerSet: EphemeralRunnerSet = {
    metadata: { ...SET },
    spec: { patchID: 0 },
    status: { currentReplicas: 0 },
  };
  readonly runners = new Map<string, EphemeralRunner>();
  /** Patches of runners that are under way, and the most there ever were. */
  readonly parallel = { now: 0, most: 0 };
  #listener: AutoscalingListener | undefined;
  readonly #watchers = new Set<(event: WatchEvent<KubeObject>) => void>();
  #version = 0;

  addRunner(name: string): void {
    this.runners.set(name, { metadata: { namespace: SET.namespace, name }, status: {} });
  }

  /** What the AutoscalingListener says from now on. */
  setListener(spec: Partial<NonNullable<AutoscalingListener["spec"]>>): void {
    this.#listener = {
      metadata: { ...LISTENER, uid: "u", resourceVersion: String(++this.#version) },
      spec: { ephemeralRunnerSetName: SET.name, ...spec },
    };
    for (const tell of this.#watchers) tell({ type: "MODIFIED", object: this.#listener });
  }

  /** What the set was told, in order: how many runners, under which number. */
  get orders(): readonly (readonly [target: number, patchId: number])[] {
    return this.patches.flatMap(({ path, body }) => {
      const { spec } = body as { readonly spec?: { readonly [key: string]: unknown } };
      if (path !== "ephemeralrunnersets" || spec?.patchID === undefined) return [];
      return [[Number(spec.replicas ?? 0), Number(spec.patchID)] as const];
    });
  }

  kube(gate: Gate = openGate): Pick<KubeClient, "patch" | "listPage" | "watch"> {
    return {
      patch: <T extends KubeObject>(...args: Parameters<KubeClient["patch"]>) =>
        gate(`patch ${args[0].plural}`, async () => {
          const [type, key, body, options] = args;
          const path = [type.plural, options?.subresource].filter(Boolean).join("/");
          this.parallel.now++;
          this.parallel.most = Math.max(this.parallel.most, this.parallel.now);
          try {
            await obey(this.faults(`patch ${path}`, key.name), options?.signal);
            await Promise.resolve();
            options?.signal?.throwIfAborted();
            this.patches.push({ path, body });
            return this.#patched(path, key, body) as T;
          } finally {
            this.parallel.now--;
          }
        }),
      listPage: <T extends KubeObject>() =>
        gate("list", async () => {
          await obey(this.faults("list", undefined), undefined);
          const items = this.#listener === undefined ? [] : [this.#listener];
          return { items: items as unknown as T[], resourceVersion: String(this.#version) };
        }),
      watch: (_type, options) => this.#watch(options.signal),
    };
  }

  #patched(path: string, key: ObjectKey, body: unknown): KubeObject {
    if (path === "ephemeralrunnersets") {
      return this.runnerSet = applyMergePatch(this.runnerSet, body) as EphemeralRunnerSet;
    }
    const runner = this.runners.get(key.name);
    if (runner === undefined) {
      throw new KubeError(`Cannot patch ${keyText(key)}: not found`, {
        code: "kube_not_found",
        httpStatus: 404,
      });
    }
    const patched = applyMergePatch(runner, body) as EphemeralRunner;
    this.runners.set(key.name, patched);
    return patched;
  }

  async *#watch<T extends KubeObject>(signal?: AbortSignal): AsyncIterable<WatchEvent<T>> {
    const events: WatchEvent<KubeObject>[] = [];
    let wake = () => {};
    const tell = (event: WatchEvent<KubeObject>) => {
      events.push(event);
      wake();
    };
    const stop = () => wake();
    this.#watchers.add(tell);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      while (!signal?.aborted) {
        for (let event = events.shift(); event; event = events.shift()) {
          yield event as unknown as WatchEvent<T>;
        }
        if (!signal?.aborted) await new Promise<void>((resolve) => wake = resolve);
      }
    } finally {
      this.#watchers.delete(tell);
      signal?.removeEventListener("abort", stop);
    }
  }
}

/** Lets a fault happen: a hanging call ends with its signal only. */
async function obey(fault: "hang" | void, signal: AbortSignal | undefined): Promise<void> {
  if (fault !== "hang") return;
  await new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
