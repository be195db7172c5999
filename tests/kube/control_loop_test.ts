import assert from "node:assert/strict";
import { type AttemptResult, runControlLoop } from "../../kube/control_loop.ts";
import { KubeError, refused } from "../../kube/errors.ts";
import { createWorkQueue, type WorkQueue } from "../../kube/work_queue.ts";
import type { LogFields, Logger } from "../../lib/log.ts";
import { type Metrics, silentMetrics } from "../../lib/metrics.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";

type Attempt = (key: string, signal: AbortSignal) => Promise<AttemptResult>;

interface Line {
  readonly level: string;
  readonly sentence: string;
  readonly fields: LogFields;
}

function recordingLogger(lines: Line[], bound: LogFields = {}): Logger {
  const at = (level: string) => (sentence: string, fields: LogFields = {}) =>
    void lines.push({ level, sentence, fields: { ...bound, ...fields } });
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => recordingLogger(lines, { ...bound, ...fields }),
    child: () => recordingLogger(lines, bound),
  };
}

class Stage implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly queue: WorkQueue = createWorkQueue({
    name: "test",
    clock: this.clock,
    random: seededRandom(1),
  });
  readonly lines: Line[] = [];
  readonly results: string[] = [];
  readonly attempts: { readonly key: string; readonly atMs: number }[] = [];
  keys: readonly string[] = [];
  readonly #abort = new AbortController();
  readonly #running: Promise<void>;

  constructor(attempt: Attempt, workers = 1) {
    const startMs = this.clock.now().getTime();
    const metrics: Metrics = {
      ...silentMetrics,
      increment: (name, labels, by) => {
        if (name === "controller_runtime_reconcile_total" && by !== 0) {
          this.results.push(labels?.result ?? "");
        }
      },
    };
    this.#running = runControlLoop({
      name: "pods",
      queue: this.queue,
      workers,
      attempt: (key, signal) => {
        this.attempts.push({ key, atMs: this.clock.now().getTime() - startMs });
        return attempt(key, signal);
      },
      keys: () => this.keys,
      clock: this.clock,
      random: seededRandom(2),
      log: recordingLogger(this.lines),
      metrics,
    }, this.#abort.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort(new Error("stopping"));
    await this.#running;
  }
}

function done(): Promise<AttemptResult> {
  return Promise.resolve({});
}

Deno.test("an attempt that succeeds is not made again", async () => {
  await using stage = new Stage(done);
  stage.queue.add("a/b");
  await stage.clock.advance(60_000);
  assert.deepEqual(stage.attempts, [{ key: "a/b", atMs: 0 }]);
  assert.deepEqual(stage.results, ["success"]);
  assert.deepEqual(stage.lines, []);
});

Deno.test("an attempt may ask to look again", async () => {
  await using stage = new Stage((_key) => Promise.resolve({ lookAgainMs: 30_000 }));
  stage.queue.add("a/b");
  await stage.clock.advance(59_999);
  assert.deepEqual(stage.attempts.map(({ atMs }) => atMs), [0, 30_000]);
  assert.deepEqual(stage.results, ["requeue_after", "requeue_after"]);
});

Deno.test("a transient failure is warned of and made again with back-off", async () => {
  let failures = 2;
  const conflict = new KubeError("no", { code: "kube_conflict" });
  await using stage = new Stage(() => failures-- > 0 ? Promise.reject(conflict) : done());
  stage.queue.add("a/b");
  await stage.clock.advance(60_000);
  assert.deepEqual(stage.results, ["error", "error", "success"]);
  assert.deepEqual(stage.lines.map(({ level }) => level), ["warn", "warn"]);
  assert.deepEqual(stage.lines[1]?.fields, {
    controller: "pods",
    namespace: "a",
    name: "b",
    attempt: 2,
    code: "kube_conflict",
    error: "no",
  });
});

Deno.test("a server that says when is asked then, changes or not", async () => {
  const quota = refused("create pods", {
    httpStatus: 403,
    status: { kind: "Status", message: "exceeded quota: q" },
  });
  await using stage = new Stage(() => Promise.reject(quota));
  stage.queue.add("a/b");
  for (let second = 0; second < 25; second++) {
    await stage.clock.advance(1_000);
    stage.queue.add("a/b");
  }
  assert.deepEqual(stage.attempts.map(({ atMs }) => atMs), [0, 10_000, 20_000]);
  assert.deepEqual(stage.results, ["requeue", "requeue", "requeue"]);
});

Deno.test("F34: in a storm of 429 each key comes later each time, up to every 10 s", async () => {
  const storm = refused("create pods", { httpStatus: 429, retryAfter: "1" });
  await using stage = new Stage(() => Promise.reject(storm), 8);
  for (let key = 0; key < 100; key++) stage.queue.add(`a/${key}`);
  await stage.clock.advance(60_000);
  assert.ok(stage.attempts.length < 1_500, `${stage.attempts.length} calls in a minute`);
  const before = stage.attempts.length;
  await stage.clock.advance(60_000);
  assert.ok(stage.attempts.length - before <= 1_200, `${stage.attempts.length - before} then`);
  const moments = new Set(stage.attempts.slice(-100).map(({ atMs }) => atMs));
  assert.ok(moments.size > 50, "not all at the same time");
});

Deno.test("what only a change can help waits for one, ever longer, up to 5 minutes", async () => {
  const invalid = refused("create pods", { httpStatus: 422 });
  await using stage = new Stage(() => Promise.reject(invalid));
  stage.queue.add("a/b");
  await stage.clock.advance(3_600_000);
  const gaps = stage.attempts.slice(1).map(({ atMs }, at) =>
    atMs - (stage.attempts[at]?.atMs ?? 0)
  );
  assert.ok(gaps.every((gap, at) => gap >= Math.min(5_000 * 2 ** at, 150_000)), gaps.join(" "));
  assert.ok(gaps.every((gap) => gap <= 300_000), gaps.join(" "));
  assert.ok(stage.attempts.length < 25, `${stage.attempts.length} attempts in an hour`);
  const before = stage.attempts.length;
  await stage.clock.advance(1_000);
  stage.queue.add("a/b");
  await stage.clock.advance(0);
  assert.ok(stage.attempts.length > before);
  assert.ok(stage.lines.every(({ level, fields }) => level === "error" && !("stack" in fields)));
});

Deno.test("a bug is an error with its stack, and made again", async () => {
  let isBroken = true;
  await using stage = new Stage(() => {
    if (!isBroken) return done();
    isBroken = false;
    return Promise.reject(new TypeError("x is undefined"));
  });
  stage.queue.add("a/b");
  await stage.clock.advance(1_000);
  assert.deepEqual(stage.results, ["error", "success"]);
  const [line] = stage.lines;
  assert.equal(line?.level, "error");
  assert.equal(line.fields.code, "bug");
  assert.match(String(line.fields.stack), /control_loop_test/);
});

Deno.test("as many attempts at a time as there are workers, never two at one key", async () => {
  let running = 0;
  let most = 0;
  const busy = new Set<string>();
  const clockOf = { sleep: (_signal: AbortSignal): Promise<void> => Promise.resolve() };
  await using stage = new Stage(async (key, signal) => {
    assert.ok(!busy.has(key));
    busy.add(key);
    most = Math.max(most, ++running);
    await clockOf.sleep(signal);
    running--;
    busy.delete(key);
    return {};
  }, 3);
  clockOf.sleep = (signal) => stage.clock.sleep(1_000, signal);
  for (let round = 0; round < 3; round++) {
    for (const key of ["a", "b", "c", "d", "e"]) stage.queue.add(key);
    await stage.clock.advance(500);
  }
  await stage.clock.advance(60_000);
  assert.equal(most, 3);
  assert.ok(stage.lines.every(({ level }) => level !== "error"), JSON.stringify(stage.lines));
});

Deno.test("every key is looked at again about every 10 minutes", async () => {
  await using stage = new Stage(done);
  stage.keys = ["a", "b"];
  await stage.clock.advance(530_000);
  assert.equal(stage.attempts.length, 0);
  await stage.clock.advance(140_000);
  assert.deepEqual(stage.attempts.map(({ key }) => key), ["a", "b"]);
});

Deno.test("the end aborts attempts and says nothing", async () => {
  const lines: Line[] = [];
  let seen: unknown;
  {
    await using stage = new Stage((_key, signal) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          seen = signal.reason;
          reject(signal.reason);
        })
      )
    );
    stage.queue.add("a/b");
    await stage.clock.advance(0);
    lines.push(...stage.lines);
  }
  assert.match(String(seen), /stopping/);
  assert.deepEqual(lines, []);
});
