import assert from "node:assert/strict";
import { Listings } from "../../../controllers/ephemeral_runner_set/listings.ts";
import {
  type ObservedVerification,
  planVerification,
} from "../../../controllers/ephemeral_runner_set/verification.ts";
import { anEphemeralRunnerSet, aRunner } from "../../builders.ts";
import { after } from "../../times.ts";
import { only, outline, pure, TARGET } from "../situations.ts";

const LIMITS = { registerMs: 300_000, offlineMs: 300_000, checkMs: 600_000 };
const since = { sinceMs: after(0).getTime() };
const runners = [{ runner: aRunner({ name: "r" }), ...since }];
const busy = { runners: [{ runner: aRunner({ name: "r", hasJob: true }), ...since }] };

interface Look {
  readonly at: number;
  readonly says: "online" | "offline" | "absent" | "nothing";
}

/** The runner "r", idle unless `rest` says otherwise, which runs since second 0, after these looks. */
function observed(
  looks: readonly Look[] = [],
  rest: Partial<ObservedVerification> = {},
): ObservedVerification {
  const listings = new Listings();
  for (const { at, says } of looks) {
    const atMs = after(at).getTime();
    const names = (word: Look["says"]) => new Set(says === word ? ["r"] : []);
    const known = says === "nothing"
      ? undefined
      : { online: names("online"), offline: names("offline") };
    listings.put(
      "u",
      { atMs, askedMs: atMs, session: undefined, jitter: 0.5, known },
      new Set("r"),
    );
  }
  const record = listings.of("u");
  return { set: anEphemeralRunnerSet(), runners, record, limits: LIMITS, ...rest };
}

const ROWS: readonly {
  readonly claim: string;
  readonly observed: ObservedVerification;
  readonly at: number;
  readonly steps: readonly string[];
  readonly lookAgainS?: number;
}[] = [
  {
    claim: "nobody runs: GitHub is not asked",
    observed: observed([], { runners: [] }),
    at: 9_999,
    steps: [],
  },
  {
    claim: "the flag says never",
    observed: observed([], { limits: { ...LIMITS, checkMs: 0 } }),
    at: 9_999,
    steps: [],
  },
  {
    claim: "the set goes",
    observed: observed([], { set: anEphemeralRunnerSet({ deleting: true }) }),
    at: 9_999,
    steps: [],
  },
  { claim: "a fresh runner has time", observed: observed(), at: 100, steps: [], lookAgainS: 200 },
  {
    claim: "one that is of age is looked up",
    observed: observed(),
    at: 300,
    steps: ["list-runners"],
    lookAgainS: 0.001,
  },
  {
    claim: "one that is online is left alone until the next look",
    observed: observed([{ at: 300, says: "online" }]),
    at: 301,
    steps: [],
    lookAgainS: 599,
  },
  {
    claim: "one that GitHub does not know is replaced",
    observed: observed([{ at: 300, says: "absent" }]),
    at: 301,
    steps: ["replace-runner r"],
    lookAgainS: 599,
  },
  {
    claim: "one that is offline gets a second look",
    observed: observed([{ at: 300, says: "offline" }]),
    at: 301,
    steps: [],
    lookAgainS: 119,
  },
  {
    claim: "one that was offline twice is replaced",
    observed: observed([{ at: 300, says: "offline" }, { at: 420, says: "offline" }]),
    at: 421,
    steps: ["replace-runner r"],
    lookAgainS: 599,
  },
  {
    claim: "one that was online once has longer to come back",
    observed: observed([
      { at: 300, says: "online" },
      { at: 900, says: "offline" },
      { at: 1_020, says: "offline" },
    ]),
    at: 1_021,
    steps: [],
    lookAgainS: 179,
  },
  {
    claim: "one that did not come back is replaced",
    observed: observed([
      { at: 300, says: "online" },
      { at: 900, says: "offline" },
      { at: 1_200, says: "offline" },
    ]),
    at: 1_201,
    steps: ["replace-runner r"],
    lookAgainS: 599,
  },
  {
    claim: "a listing from before a runner was of age says nothing of it",
    observed: observed([{ at: 299, says: "absent" }]),
    at: 301,
    steps: [],
    lookAgainS: 118,
  },
  {
    claim: "a GitHub that did not answer costs nobody anything",
    observed: observed([{ at: 300, says: "nothing" }]),
    at: 301,
    steps: [],
    lookAgainS: 599,
  },
  {
    claim: "one with a job that GitHub sees is left alone",
    observed: observed([{ at: 300, says: "online" }], busy),
    at: 301,
    steps: [],
    lookAgainS: 599,
  },
  {
    claim: "one with a job may be offline for as long as it likes",
    observed: observed([{ at: 300, says: "offline" }, { at: 9_000, says: "offline" }], busy),
    at: 9_001,
    steps: [],
    lookAgainS: 599,
  },
  {
    claim: "F31: one with a job that GitHub does not know gets a second look",
    observed: observed([{ at: 300, says: "absent" }], busy),
    at: 301,
    steps: [],
    lookAgainS: 119,
  },
  {
    claim: "F31: one with a job that GitHub did not know twice is replaced",
    observed: observed([{ at: 300, says: "absent" }, { at: 420, says: "absent" }], busy),
    at: 421,
    steps: ["replace-runner r"],
    lookAgainS: 599,
  },
  {
    claim: "F31: one with a job is kept while GitHub does not answer the second time",
    observed: observed([{ at: 300, says: "absent" }, { at: 420, says: "nothing" }], busy),
    at: 421,
    steps: [],
    lookAgainS: 599,
  },
  {
    claim: "one with a job that GitHub knew in between is not missing any more",
    observed: observed([
      { at: 300, says: "absent" },
      { at: 420, says: "online" },
      { at: 1_020, says: "absent" },
    ], busy),
    at: 1_021,
    steps: [],
    lookAgainS: 119,
  },
  {
    claim: "F06: after a new session it is looked again soon",
    observed: observed([{ at: 300, says: "online" }], {
      set: anEphemeralRunnerSet({ spec: { listenerSession: "new" } }),
    }),
    at: 301,
    steps: [],
    lookAgainS: 119,
  },
];

for (const { claim, observed, at, steps, lookAgainS } of ROWS) {
  pure(`B11, F17: looking runners up: ${claim}`, () => {
    const plan = planVerification(observed, after(at));
    assert.deepEqual(outline(plan), steps);
    assert.equal(plan.lookAgainMs, lookAgainS && lookAgainS * 1_000);
  });
}

pure("GitHub has the last word, and a runner that is absent is asked for by name first", () => {
  const [absent] = only(
    planVerification(observed([{ at: 300, says: "absent" }]), after(301)),
    "replace-runner",
  );
  assert.deepEqual([absent?.onlyIf, absent?.reason, absent?.target], [
    "absent",
    "NotRegistered",
    TARGET,
  ]);
  const gone: readonly Look[] = [{ at: 300, says: "absent" }, { at: 420, says: "absent" }];
  const [over] = only(planVerification(observed(gone, busy), after(421)), "replace-runner");
  assert.deepEqual([over?.onlyIf, over?.reason], ["absent", "NotRegistered"]);
  const looks: readonly Look[] = [{ at: 300, says: "offline" }, { at: 420, says: "offline" }];
  const [offline] = only(planVerification(observed(looks), after(421)), "replace-runner");
  assert.deepEqual([offline?.onlyIf, offline?.reason], [undefined, "NotRegistered"]);
  assert.equal(offline?.lost?.uid, aRunner({ name: "r" }).metadata?.uid);
});

pure("a runner that GitHub would not let go is not asked for again before the next look", () => {
  const listings = new Listings();
  const atMs = after(300).getTime();
  const known = { online: new Set<string>(), offline: new Set<string>() };
  listings.put("u", { atMs, askedMs: atMs, session: undefined, jitter: 0, known }, new Set("r"));
  listings.spare("u", "r");
  const plan = planVerification(observed([], { record: listings.of("u") }), after(301));
  assert.deepEqual(outline(plan), []);
});

pure("a shared answer is old, and the set asks no sooner for that", () => {
  const listings = new Listings();
  const known = { online: new Set("r"), offline: new Set<string>() };
  const asked = { askedMs: after(300).getTime(), session: undefined, jitter: 0, known };
  listings.put("u", { ...asked, atMs: after(200).getTime() }, new Set("r"));
  const plan = planVerification(observed([], { record: listings.of("u") }), after(301));
  assert.deepEqual([outline(plan), plan.lookAgainMs], [[], 119_000]);
});
