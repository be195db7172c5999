import { deepEqual, doesNotThrow, equal, throws } from "node:assert/strict";
import { createBudgets } from "../../github/budget.ts";
import { parseCredential } from "../../github/credentials.ts";
import { GITHUB_METRICS } from "../../github/metrics.ts";
import { declareMetrics } from "../../lib/metrics.ts";
import { VirtualClock } from "../../sim/clock.ts";

const CALL = {
  operation: "get registration token",
  method: "POST",
  url: new URL("https://api.github.com/orgs/octo"),
};
const API = "https://api.github.com";
const ONE = parseCredential({ github_token: "ghp_one" });
const TWO = parseCredential({ github_token: "ghp_two" });

function answer(status: number, headers: Record<string, string> = {}) {
  return { status, headers: new Headers(headers), text: "" };
}

function setUp() {
  const clock = new VirtualClock();
  const metrics = declareMetrics(GITHUB_METRICS);
  const budgets = createBudgets({ clock, metrics });
  const inSeconds = (seconds: number) => String(clock.now().getTime() / 1000 + seconds);
  return { clock, metrics, budgets, inSeconds };
}

/** The answer, and how long calls of the same credential wait because of it, in s. */
const WAITS: readonly (readonly [
  claim: string,
  status: number,
  headers: (inSeconds: (seconds: number) => string) => Record<string, string>,
  waitS: number,
])[] = [
  ["a plain success", 201, () => ({}), 0],
  ["much left", 201, () => ({ "x-ratelimit-remaining": "4999" }), 0],
  [
    "nothing left until the reset",
    201,
    (at) => ({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": at(120) }),
    121,
  ],
  ["nothing left, no word of when", 403, () => ({ "x-ratelimit-remaining": "0" }), 60],
  ["F07: a secondary limit with Retry-After", 403, () => ({ "retry-after": "90" }), 90],
  ["F07: 429 with Retry-After", 429, () => ({ "retry-after": "40" }), 40],
  ["a wait beyond an hour", 429, () => ({ "retry-after": "999999" }), 3600],
  ["a server in trouble", 503, () => ({ "retry-after": "90" }), 0],
  ["a plain refusal", 403, () => ({}), 0],
  ["nonsense", 201, () => ({ "x-ratelimit-remaining": "-1" }), 0],
];

for (const [claim, status, headers, waitS] of WAITS) {
  Deno.test(`${claim}: calls of the credential wait ${waitS} s, those of others do not`, async () => {
    const { budgets, clock, inSeconds } = setUp();
    const budget = budgets.of(ONE, { apiBase: API, name: "a/s" });
    budget.note(answer(status, headers(inSeconds)));
    const same = budgets.of(ONE, { apiBase: API, name: "b/s" });
    doesNotThrow(() => budgets.of(TWO, { apiBase: API, name: "c/s" }).check(CALL));
    doesNotThrow(() => budgets.of(ONE, { apiBase: "https://ghes", name: "d/s" }).check(CALL));
    if (waitS > 0) {
      throws(() => same.check(CALL), {
        code: "github_rate_limited",
        disposition: { kind: "retry-after", ms: waitS * 1000 },
      });
      await clock.advance(waitS * 1000 - 1);
      throws(() => budget.check(CALL));
      await clock.advance(1);
    }
    doesNotThrow(() => same.check(CALL));
  });
}

async function series(setup: ReturnType<typeof setUp>): Promise<readonly string[]> {
  const text = await setup.metrics.render();
  return text.split("\n").filter((line) => line.startsWith("longshore_github_rate_limit"));
}

Deno.test("what is left is a series for each Secret with the credential, gone with the Secret", async () => {
  const setup = setUp();
  const { budgets } = setup;
  const budget = budgets.of(ONE, { apiBase: API, name: "a/s" });
  budgets.of(ONE, { apiBase: API, name: "b/s" });
  budget.note(answer(201, { "x-ratelimit-remaining": "12", "x-ratelimit-limit": "5000" }));
  deepEqual(await series(setup), [
    'longshore_github_rate_limit_remaining{credential="a/s"} 12',
    'longshore_github_rate_limit_remaining{credential="b/s"} 12',
    'longshore_github_rate_limit{credential="a/s"} 5000',
    'longshore_github_rate_limit{credential="b/s"} 5000',
  ]);
  budgets.forget("a/s");
  budgets.forget("b/s");
  deepEqual(await series(setup), []);
});

Deno.test("a rotated credential has a budget of its own under the same name", async () => {
  const setup = setUp();
  const { budgets } = setup;
  const old = budgets.of(ONE, { apiBase: API, name: "a/s" });
  budgets.of(TWO, { apiBase: API, name: "a/s" })
    .note(answer(201, { "x-ratelimit-remaining": "70" }));
  old.note(answer(201, { "x-ratelimit-remaining": "1" }));
  equal((await series(setup))[0], 'longshore_github_rate_limit_remaining{credential="a/s"} 70');
});
