import assert from "node:assert/strict";
import { isGone, KubeError, refused } from "../../kube/errors.ts";
import { EMPTY, type Happening, move, type ReflectorState } from "../../kube/reflector_state.ts";
import type { KubeObject } from "../../kube/types.ts";

type State = ReflectorState<KubeObject>;

const A: KubeObject = { metadata: { name: "a", resourceVersion: "3" } };
const B: KubeObject = { metadata: { name: "b", resourceVersion: "4" } };
const DOWN = new KubeError("down", { code: "kube_unreachable" });
const GONE = refused("watch", { httpStatus: 410 });

function page(items: readonly KubeObject[], next?: string): Happening<KubeObject> {
  return { what: "page", page: { items, resourceVersion: "9", continue: next }, sinceMs: 50 };
}

function failed(thrown: unknown, lastedMs = 0): Happening<KubeObject> {
  return { what: "failed", thrown, lastedMs };
}

function listing(failures = 0): State {
  return { at: "listing", failures, continue: "c", items: [A], sinceMs: 10 };
}

function watching(failures = 0): State {
  return { at: "watching", failures, resourceVersion: "9" };
}

const rows: Readonly<Record<string, readonly [State, Happening<KubeObject>, State]>> = {
  "the only page is the list": [
    EMPTY,
    page([A]),
    { at: "listed", failures: 0, resourceVersion: "9" },
  ],
  "a first page waits for the next": [
    EMPTY,
    page([A], "c"),
    { ...listing(), sinceMs: 50 } as State,
  ],
  "a page in between remembers when the list began": [
    listing(),
    page([B], "d"),
    { at: "listing", failures: 0, continue: "d", items: [A, B], sinceMs: 10 },
  ],
  "a failed list stays empty": [EMPTY, failed(DOWN), { at: "empty", failures: 1 }],
  "a failed page is asked for again": [listing(), failed(DOWN), listing(1)],
  "an expired page starts over": [listing(), failed(GONE), { at: "empty", failures: 1 }],
  "an event moves the version": [
    watching(),
    { what: "event", event: { type: "MODIFIED", object: B } },
    { at: "watching", failures: 0, resourceVersion: "4" },
  ],
  "a bookmark moves the version": [
    watching(),
    { what: "event", event: { type: "BOOKMARK", object: B } },
    { at: "watching", failures: 0, resourceVersion: "4" },
  ],
  "a watch that ended in its time goes on": [
    watching(3),
    { what: "ended", lastedMs: 290_000, events: 0 },
    watching(),
  ],
  "a silent watch goes on from where it was": [
    watching(3),
    { what: "silent", lastedMs: 295_000 },
    watching(),
  ],
  "a watch that owes something that was written starts over": [
    watching(3),
    { what: "behind", lastedMs: 40_000 },
    EMPTY,
  ],
  "a watch that ends at once counts as a failure": [
    watching(),
    { what: "ended", lastedMs: 10, events: 0 },
    watching(1),
  ],
  "a watch that ends soon, but brought something, goes on at once": [
    watching(2),
    { what: "ended", lastedMs: 10, events: 1 },
    watching(),
  ],
  "a broken watch goes on from where it was": [watching(1), failed(DOWN, 100), watching(2)],
  "a watch that broke late is the first failure again": [
    watching(7),
    failed(DOWN, 60_000),
    watching(1),
  ],
  "an expired watch starts over": [watching(), failed(GONE, 60_000), { at: "empty", failures: 1 }],
  "the fourth broken watch in a row starts over": [
    watching(3),
    failed(DOWN),
    { at: "empty", failures: 4 },
  ],
};

for (const [claim, [state, happening, expected]] of Object.entries(rows)) {
  Deno.test({
    name: `a reflector: ${claim}`,
    permissions: "none",
    fn: () => assert.deepEqual(move(state, happening).state, expected),
  });
}

Deno.test({
  name: "the sink gets the whole list with its last page, and events but no bookmarks",
  permissions: "none",
  fn() {
    assert.equal(move(EMPTY, page([A], "c")).replace, undefined);
    assert.deepEqual(move(listing(), page([B])).replace, { items: [A, B], sinceMs: 10 });
    const event = { type: "DELETED", object: B } as const;
    assert.deepEqual(move(watching(), { what: "event", event }).apply, event);
    const bookmark = { type: "BOOKMARK", object: B } as const;
    assert.equal(move(watching(), { what: "event", event: bookmark }).apply, undefined);
  },
});

Deno.test({
  name: "every failure asks for a pause, the end of a watch does not",
  permissions: "none",
  fn() {
    assert.ok(isGone(move(watching(), failed(GONE)).failure));
    assert.ok(
      move(watching(), { what: "ended", lastedMs: 10, events: 0 }).failure instanceof KubeError,
    );
    assert.equal(
      move(watching(), { what: "ended", lastedMs: 290_000, events: 0 }).failure,
      undefined,
    );
    assert.equal(move(EMPTY, page([])).failure, undefined);
  },
});
