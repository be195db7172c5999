import assert from "node:assert/strict";
import type { KubeClient } from "../../kube/client.ts";
import { KubeError, refused } from "../../kube/errors.ts";
import { createEventRecorder, type EventRecorder, type Happened } from "../../kube/events.ts";
import type { Event, ObjectKey } from "../../kube/types.ts";
import { silentLogger } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";

const ABOUT: Happened = {
  about: {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: "a", name: "b", uid: "u", resourceVersion: "3" },
  },
  type: "Warning",
  reason: "PodFailed",
  note: "The pod failed",
};

class Stage implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly created: Event[] = [];
  readonly patched: { readonly key: ObjectKey; readonly patch: unknown }[] = [];
  readonly warned: string[] = [];
  createRefusal: KubeError | undefined;
  patchRefusal: KubeError | undefined;
  readonly recorder: EventRecorder;
  readonly #abort = new AbortController();
  readonly #running: Promise<void>;

  constructor() {
    this.recorder = createEventRecorder({
      client: {
        create: (_type: unknown, event: Event) => {
          if (this.createRefusal !== undefined) return Promise.reject(this.createRefusal);
          this.created.push(event);
          return Promise.resolve(event);
        },
        patch: (_type: unknown, key: ObjectKey, patch: unknown) => {
          if (this.patchRefusal !== undefined) return Promise.reject(this.patchRefusal);
          this.patched.push({ key, patch });
          return Promise.resolve();
        },
      } as unknown as Pick<KubeClient, "create" | "patch">,
      component: "longshore",
      instance: "pod-1",
      clock: this.clock,
      random: seededRandom(1),
      log: { ...silentLogger, warn: (sentence) => void this.warned.push(sentence) },
    });
    this.#running = this.recorder.run(this.#abort.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }
}

Deno.test("an Event says what happened to which object, and who saw it", async () => {
  await using stage = new Stage();
  stage.recorder.record(ABOUT);
  await stage.clock.advance(0);
  const [event] = stage.created;
  assert.match(event?.metadata?.name ?? "", /^b\.[0-9a-f]{16}$/);
  assert.deepEqual({ ...event, metadata: undefined }, {
    apiVersion: "v1",
    kind: "Event",
    metadata: undefined,
    involvedObject: {
      apiVersion: "v1",
      kind: "Pod",
      namespace: "a",
      name: "b",
      uid: "u",
      resourceVersion: "3",
    },
    reason: "PodFailed",
    message: "The pod failed",
    type: "Warning",
    source: { component: "longshore" },
    reportingComponent: "longshore",
    reportingInstance: "pod-1",
    firstTimestamp: "2026-01-01T12:00:00Z",
    lastTimestamp: "2026-01-01T12:00:00Z",
    count: 1,
  });
});

Deno.test("an object of the cluster has its Events in the default namespace", async () => {
  await using stage = new Stage();
  stage.recorder.record({ ...ABOUT, about: { kind: "Namespace", metadata: { name: "n" } } });
  await stage.clock.advance(0);
  assert.equal(stage.created[0]?.metadata?.namespace, "default");
  assert.equal(stage.created[0]?.involvedObject.namespace, undefined);
});

Deno.test("the same words again are counted, and the count is written once a minute", async () => {
  await using stage = new Stage();
  for (let second = 0; second <= 120; second++) {
    stage.recorder.record(ABOUT);
    await stage.clock.advance(1_000);
  }
  assert.equal(stage.created.length, 1);
  assert.deepEqual(stage.patched.map(({ patch }) => patch), [
    { count: 61, lastTimestamp: "2026-01-01T12:01:00Z" },
    { count: 121, lastTimestamp: "2026-01-01T12:02:00Z" },
  ]);
  assert.equal(stage.patched[0]?.key.name, stage.created[0]?.metadata?.name);
});

Deno.test("after 10 minutes the same words are a new Event", async () => {
  await using stage = new Stage();
  stage.recorder.record(ABOUT);
  await stage.clock.advance(600_000);
  stage.recorder.record(ABOUT);
  await stage.clock.advance(0);
  assert.equal(stage.created.length, 2);
});

Deno.test("an Event that the server has dropped is made again", async () => {
  await using stage = new Stage();
  stage.recorder.record(ABOUT);
  await stage.clock.advance(60_000);
  stage.patchRefusal = refused("patch events", { httpStatus: 404 });
  stage.recorder.record(ABOUT);
  await stage.clock.advance(0);
  assert.deepEqual(stage.created.map(({ count }) => count), [1, 2]);
});

Deno.test("a chatty object is cut short, others are not", async () => {
  await using stage = new Stage();
  for (let i = 0; i < 100; i++) stage.recorder.record({ ...ABOUT, note: `Line ${i}` });
  const other = { ...ABOUT.about, metadata: { ...ABOUT.about.metadata, uid: "other" } };
  stage.recorder.record({ ...ABOUT, about: other });
  await stage.clock.advance(0);
  assert.equal(stage.created.length, 26);
});

Deno.test("a long note is cut", async () => {
  await using stage = new Stage();
  stage.recorder.record({ ...ABOUT, note: "x".repeat(5_000) });
  await stage.clock.advance(0);
  assert.equal(stage.created[0]?.message?.length, 1_024);
});

Deno.test("what has the looks of a secret is masked", async () => {
  await using stage = new Stage();
  stage.recorder.record({ ...ABOUT, note: "The plugin said ghp_hunter2hunter2 and ended" });
  await stage.clock.advance(0);
  assert.equal(stage.created[0]?.message, "The plugin said [redacted] and ended");
});

Deno.test("a failure is a line in the log, and the next Event is written", async () => {
  await using stage = new Stage();
  stage.createRefusal = refused("create events", { httpStatus: 403 });
  stage.recorder.record(ABOUT);
  await stage.clock.advance(0);
  stage.createRefusal = undefined;
  stage.recorder.record({ ...ABOUT, note: "Another" });
  await stage.clock.advance(0);
  assert.equal(stage.warned.length, 1);
  assert.deepEqual(stage.created.map(({ message }) => message), ["Another"]);
});

Deno.test("B7: an Event that could not be written is tried again, and once made is one", async () => {
  await using stage = new Stage();
  stage.createRefusal = refused("create events", { httpStatus: 503 });
  stage.recorder.record(ABOUT);
  await stage.clock.advance(1_500);
  assert.deepEqual([stage.created.length, stage.warned.length], [0, 0]);
  // The answer to an attempt was lost: the Event is there.
  stage.createRefusal = refused("create events", {
    httpStatus: 409,
    status: { kind: "Status", reason: "AlreadyExists" },
  });
  await stage.clock.advance(70_000);
  stage.createRefusal = undefined;
  stage.recorder.record(ABOUT);
  await stage.clock.advance(0);
  assert.deepEqual([stage.created.length, stage.patched.length, stage.warned.length], [0, 1, 0]);
});

Deno.test("an Event is given up after five attempts, and the others are written", async () => {
  await using stage = new Stage();
  stage.createRefusal = refused("create events", { httpStatus: 503 });
  stage.recorder.record(ABOUT);
  await stage.clock.advance(120_000);
  assert.equal(stage.warned.length, 1);
  stage.createRefusal = undefined;
  stage.recorder.record({ ...ABOUT, reason: "Other" });
  await stage.clock.advance(1);
  assert.deepEqual(stage.created.map(({ reason }) => reason), ["Other"]);
});

Deno.test("no more than 1000 Events wait to be written", async () => {
  await using stage = new Stage();
  for (let i = 0; i < 20_000; i++) {
    stage.recorder.record({ ...ABOUT, about: { metadata: { name: `p${i}`, uid: `u${i}` } } });
  }
  await stage.clock.advance(0);
  assert.equal(stage.created.length, 1_000);
});
