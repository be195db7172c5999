import assert from "node:assert/strict";
import fc from "fast-check";
import { createCache } from "../../kube/cache.ts";
import type { KubeClient, ListPage, WatchEvent } from "../../kube/client.ts";
import { KubeError, refused } from "../../kube/errors.ts";
import { reflect } from "../../kube/reflector.ts";
import { PODS } from "../../kube/resources.ts";
import type { KubeObject } from "../../kube/types.ts";
import { DeadlineExceeded } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { ModelServer, versionsOf } from "./model_server.ts";

interface Step {
  readonly event?: WatchEvent<KubeObject>;
  /** Ends the stream, with an error or without. */
  readonly end?: "ended" | KubeError;
}

/** A stream that is fed by hand, and ends when its signal aborts. */
class Feed {
  readonly #steps: Step[] = [];
  #wake = () => {};

  push(step: Step): void {
    this.#steps.push(step);
    this.#wake();
  }

  async *events(signal: AbortSignal | undefined): AsyncGenerator<WatchEvent<KubeObject>> {
    signal?.addEventListener("abort", () => this.#wake(), { once: true });
    while (!signal?.aborted) {
      const step = this.#steps.shift();
      if (step === undefined) {
        await new Promise<void>((resolve) => this.#wake = resolve);
        continue;
      }
      if (step.event !== undefined) yield step.event;
      if (step.end instanceof KubeError) throw step.end;
      if (step.end !== undefined) return;
    }
  }
}

const DOWN = new KubeError("down", { code: "kube_unreachable" });

/** A reflector at work on a scripted API; answers are functions, called in turn, the last one for ever. */
class Stage implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly cache = createCache<KubeObject>({ clock: this.clock });
  readonly states: string[] = [];
  readonly calls: { readonly what: string; readonly atMs: number }[] = [];
  readonly watches: { readonly feed: Feed; readonly signal: AbortSignal | undefined }[] = [];
  readonly #startMs = this.clock.now().getTime();
  readonly #abort = new AbortController();
  readonly #running: Promise<void>;

  constructor(list: (call: number, continueFrom?: string) => ListPage<KubeObject>) {
    let lists = 0;
    const client = {
      listPage: (_type: unknown, options: { readonly continue?: string | undefined }) => {
        this.#note(`list ${options.continue ?? ""}`.trim());
        return Promise.resolve().then(() => list(lists++, options.continue));
      },
      watch: (_type: unknown, options: {
        readonly resourceVersion: string;
        readonly signal?: AbortSignal | undefined;
        readonly onOpen?: () => void;
      }) => {
        this.#note(`watch ${options.resourceVersion}`);
        options.onOpen?.();
        const feed = new Feed();
        this.watches.push({ feed, signal: options.signal });
        return feed.events(options.signal);
      },
    } as unknown as Pick<KubeClient, "listPage" | "watch">;
    this.#running = reflect({
      client,
      type: PODS,
      sink: this.cache.sink(),
      clock: this.clock,
      random: seededRandom(1),
      log: silentLogger,
      onState: (state) => this.states.push(typeof state === "string" ? state : "failed"),
    }, this.#abort.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  get feed(): Feed {
    return this.watches.at(-1)?.feed ?? assert.fail("no watch");
  }

  get shown(): readonly string[] {
    return versionsOf(this.cache.all());
  }

  get lines(): readonly string[] {
    return this.calls.map(({ what }) => what);
  }

  #note(what: string): void {
    this.calls.push({ what, atMs: this.clock.now().getTime() - this.#startMs });
  }
}

function pod(name: string, version: number): KubeObject {
  return {
    metadata: { namespace: "a", name, uid: `uid-${name}`, resourceVersion: String(version) },
  };
}

function listOf(version: number, ...items: readonly KubeObject[]): ListPage<KubeObject> {
  return { items, resourceVersion: String(version), continue: undefined };
}

Deno.test("all pages are listed, then watched from the list's version", async () => {
  await using stage = new Stage((_call, from) =>
    from === undefined ? { ...listOf(5, pod("x", 1)), continue: "c1" } : listOf(5, pod("y", 2))
  );
  await stage.clock.advance(0);
  assert.deepEqual(stage.lines, ["list", "list c1", "watch 5"]);
  assert.deepEqual(stage.shown, ["x@1", "y@2"]);
  stage.feed.push({ event: { type: "ADDED", object: pod("z", 6) } });
  stage.feed.push({ event: { type: "DELETED", object: pod("x", 7) } });
  await stage.clock.advance(0);
  assert.deepEqual(stage.shown, ["y@2", "z@6"]);
});

Deno.test("how it goes is told: failures, a whole list, an open watch", async () => {
  await using stage = new Stage((call) => {
    if (call === 0) throw DOWN;
    return listOf(5);
  });
  await stage.clock.advance(1_000);
  assert.deepEqual(stage.states, ["failed", "listed", "watching"]);
  stage.feed.push({ end: DOWN });
  await stage.clock.advance(1_000);
  assert.deepEqual(stage.states.slice(3), ["failed", "watching"]);
});

Deno.test("a watch that ends goes on from the last version, bookmarks included", async () => {
  await using stage = new Stage(() => listOf(5));
  await stage.clock.advance(290_000);
  stage.feed.push({ event: { type: "BOOKMARK", object: pod("", 42) }, end: "ended" });
  await stage.clock.advance(0);
  assert.deepEqual(stage.lines, ["list", "watch 5", "watch 42"]);
});

Deno.test("a silent stream is left after its time and 5 s, as a dead connection", async () => {
  await using stage = new Stage(() => listOf(5));
  await stage.clock.advance(274_000);
  assert.equal(stage.watches.length, 1);
  await stage.clock.advance(42_000);
  assert.equal(stage.watches.length, 2);
  const [first] = stage.watches;
  assert.ok(first?.signal?.reason instanceof DeadlineExceeded);
});

Deno.test("F34: once a server sent a bookmark, 90 s of silence are a dead connection", async () => {
  await using stage = new Stage(() => listOf(5));
  await stage.clock.advance(1_000);
  stage.feed.push({ event: { type: "BOOKMARK", object: pod("", 42) } });
  await stage.clock.advance(60_000);
  stage.feed.push({ event: { type: "ADDED", object: pod("x", 43) } });
  await stage.clock.advance(89_000);
  assert.equal(stage.watches.length, 1);
  await stage.clock.advance(11_000);
  assert.deepEqual(stage.lines, ["list", "watch 5", "watch 43"]);
  assert.ok(stage.watches[0]?.signal?.reason instanceof DeadlineExceeded);
});

Deno.test("F34: a watch that does not tell in 30 s what was written is left, and all is listed again", async () => {
  await using stage = new Stage((call) => call === 0 ? listOf(5) : listOf(9, pod("x", 7)));
  await stage.clock.advance(1_000);
  stage.cache.absorb(pod("x", 7));
  stage.cache.absorb(pod("y", 8));
  await stage.clock.advance(28_000);
  assert.deepEqual(stage.shown, ["x@7", "y@8"]);
  assert.equal(stage.watches.length, 1);
  await stage.clock.advance(12_000);
  assert.deepEqual(stage.lines, ["list", "watch 5", "list", "watch 9"]);
  assert.deepEqual(stage.shown, ["x@7"], "y was deleted by somebody");
  assert.ok(stage.watches[0]?.signal?.reason instanceof DeadlineExceeded);
});

for (
  const [how, end] of Object.entries(
    {
      "by status": { end: refused("watch", { httpStatus: 410 }) },
      "by event": { event: { type: "ERROR", object: { kind: "Status", code: 410 } } },
    } satisfies Record<string, Step>,
  )
) {
  Deno.test(`an expired watch lists again, and nothing flickers meanwhile (${how})`, async () => {
    await using stage = new Stage((call) =>
      call === 0 ? listOf(5, pod("x", 1), pod("y", 2)) : listOf(9, pod("y", 2), pod("z", 8))
    );
    await stage.clock.advance(0);
    const changes: string[] = [];
    stage.cache.onChange((before, after) =>
      changes.push(`${before?.metadata?.name ?? ""}>${after?.metadata?.name ?? ""}`)
    );
    stage.feed.push(end);
    await stage.clock.advance(1_000);
    assert.deepEqual(stage.lines, ["list", "watch 5", "list", "watch 9"]);
    assert.deepEqual(stage.shown, ["y@2", "z@8"]);
    assert.deepEqual(changes.sort(), [">z", "x>"]);
  });
}

Deno.test("a failed list empties nothing and is tried again, more and more slowly", async () => {
  await using stage = new Stage((call) => {
    if (call === 0) return listOf(5, pod("x", 1));
    throw DOWN;
  });
  await stage.clock.advance(0);
  stage.feed.push({ end: refused("watch", { httpStatus: 410 }) });
  await stage.clock.advance(600_000);
  assert.deepEqual(stage.shown, ["x@1"]);
  const gaps = stage.calls.slice(2).map(({ atMs }, i) => atMs - (stage.calls[i + 1]?.atMs ?? 0));
  assert.ok(gaps.length > 15 && gaps.length < 60, String(gaps.length));
  assert.ok(gaps.every((gap, i) => gap >= 200 && gap <= Math.min(30_000, 400 * 2 ** i)), `${gaps}`);
});

Deno.test("a server that expires every watch at once is not asked without pause", async () => {
  await using stage = new Stage(() => listOf(5));
  for (let second = 0; second < 60; second++) {
    stage.watches.at(-1)?.feed.push({ end: refused("watch", { httpStatus: 410 }) });
    await stage.clock.advance(1_000);
  }
  assert.ok(stage.calls.length < 30, String(stage.calls.length));
});

Deno.test("the pause is at least what the server asks for", async () => {
  await using stage = new Stage((call) => {
    if (call === 0) throw refused("list", { httpStatus: 429, retryAfter: "20" });
    return listOf(5);
  });
  await stage.clock.advance(19_999);
  assert.deepEqual(stage.lines, ["list"]);
  await stage.clock.advance(1);
  assert.deepEqual(stage.lines, ["list", "list", "watch 5"]);
});

Deno.test("whatever breaks, the cache equals a re-list in the end", async () => {
  const name = fc.constantFrom("x", "y", "z");
  const actions = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("write", "delete"), name }) },
      fc.record({ do: fc.constantFrom("ended", "broken", "expired", "compacted"), name }),
    ),
    { size: "max", maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(actions, async (all) => {
      const server = new ModelServer();
      await using stage = new Stage(() => listOf(server.revision, ...server.list()));
      await stage.clock.advance(0);
      const told = new Map<Feed, number>();
      for (const action of all) {
        if (action.do === "write") server.write(action.name);
        else if (action.do === "delete") server.delete(action.name);
        else if (action.do === "ended") stage.feed.push({ end: "ended" });
        else if (action.do === "broken") stage.feed.push({ end: DOWN });
        else stage.feed.push({ end: refused("watch", { httpStatus: 410 }) });
        await catchUp(stage, server, told);
      }
      await catchUp(stage, server, told);
      assert.deepEqual(stage.shown, versionsOf(server.list()));
    }),
    { numRuns: 60 },
  );
});

/** Lets the reflector come back from its pause, and sends the newest watch what it has not heard. */
async function catchUp(stage: Stage, server: ModelServer, told: Map<Feed, number>): Promise<void> {
  await stage.clock.advance(31_000);
  const from = told.get(stage.feed) ?? Number(stage.lines.at(-1)?.split(" ")[1]);
  for (const { object, revision, type } of server.history) {
    if (revision > from) stage.feed.push({ event: { type, object } });
  }
  told.set(stage.feed, server.revision);
  await stage.clock.advance(0);
}
