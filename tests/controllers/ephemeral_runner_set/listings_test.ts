import assert from "node:assert/strict";
import { type Listing, Listings } from "../../../controllers/ephemeral_runner_set/listings.ts";
import { pure } from "../situations.ts";

function listing(
  atMs: number,
  known: { readonly online?: readonly string[]; readonly offline?: readonly string[] } | undefined,
): Listing {
  const { online = [], offline = [] } = known ?? {};
  const sets = { online: new Set(online), offline: new Set(offline) };
  return {
    atMs,
    askedMs: atMs,
    session: "s",
    jitter: 0,
    known: known === undefined ? undefined : sets,
  };
}

const NAMES = new Set(["a", "b"]);

pure("who was online once is remembered, and since when a runner has been offline", () => {
  const listings = new Listings();
  listings.put("u", listing(1, { online: ["a"], offline: ["b"] }), NAMES);
  listings.put("u", listing(2, { offline: ["a", "b"] }), NAMES);
  assert.deepEqual([...listings.of("u")?.seenOnline ?? []], ["a"]);
  assert.deepEqual([...listings.of("u")?.offlineSince ?? []], [["a", 2], ["b", 1]]);
  listings.put("u", listing(3, { online: ["a", "b"] }), NAMES);
  assert.equal(listings.of("u")?.offlineSince.size, 0);
});

pure("since when a runner has been missing is remembered, until it is seen again", () => {
  const absent = () => [...listings.of("u")?.absentSince ?? []];
  const listings = new Listings();
  listings.put("u", listing(1, { online: ["a"] }), NAMES);
  listings.put("u", listing(2, {}), NAMES);
  listings.put("u", listing(3, undefined), NAMES);
  assert.deepEqual(absent(), [["a", 2], ["b", 1]]);
  listings.put("u", listing(4, { offline: ["a"] }), NAMES);
  assert.deepEqual(absent(), [["b", 1]]);
});

pure("a GitHub that did not answer changes nothing of what was learned", () => {
  const listings = new Listings();
  listings.put("u", listing(1, { online: ["a"], offline: ["b"] }), NAMES);
  listings.put("u", listing(2, undefined), NAMES);
  assert.deepEqual([...listings.of("u")?.seenOnline ?? []], ["a"]);
  assert.deepEqual([...listings.of("u")?.offlineSince ?? []], [["b", 1]]);
});

pure("who was spared is spared until the next listing", () => {
  const listings = new Listings();
  listings.spare("u", "a");
  assert.equal(listings.of("u"), undefined);
  listings.put("u", listing(1, {}), NAMES);
  listings.spare("u", "a");
  assert.deepEqual([...listings.of("u")?.spared ?? []], ["a"]);
  listings.put("u", listing(2, {}), NAMES);
  assert.equal(listings.of("u")?.spared.size, 0);
});

pure("nothing is kept of runners and sets that are gone", () => {
  const listings = new Listings();
  listings.put("u", listing(1, { online: ["a"], offline: ["b"] }), NAMES);
  listings.put("u", listing(2, { offline: ["b"] }), new Set(["c"]));
  assert.equal(listings.of("u")?.seenOnline.size, 0);
  assert.equal(listings.of("u")?.offlineSince.size, 0);
  listings.forget("u");
  assert.equal(listings.of("u"), undefined);
});
