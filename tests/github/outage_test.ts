import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { GitHubError } from "../../github/errors.ts";
import { Outage } from "../../github/outage.ts";
import { disposition } from "../../lib/errors.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";

const PURE = { permissions: "none" } as const;

/** Many who want the same for as long as `until`, each coming back when it was told to. */
function crowd(size: number, failsUntilMs: number) {
  const clock = new VirtualClock();
  const startMs = clock.now().getTime();
  const nowMs = () => clock.now().getTime() - startMs;
  const random = seededRandom(7);
  const outage = new Outage({ operation: "test", clock, random });
  const askedMs: number[] = [];
  const doneMs: number[] = [];
  const ask = async () => {
    askedMs.push(nowMs());
    await clock.sleep(2_000);
    if (nowMs() < failsUntilMs) throw new GitHubError("github_unavailable", "HTTP 503");
    return "answer";
  };
  const member = async () => {
    for (;;) {
      try {
        await outage.spared(ask);
        return void doneMs.push(nowMs());
      } catch (thrown) {
        const asked = disposition(thrown);
        await clock.sleep(asked.kind === "retry-after" ? asked.ms : 1_000);
      }
    }
  };
  const all = Promise.all(Array.from({ length: size }, member));
  return { clock, all, askedMs, doneMs };
}

Deno.test("while GitHub answers, everybody asks at once", PURE, async () => {
  const { clock, all, askedMs } = crowd(5, 0);
  await clock.advance(2_000);
  await all;
  deepEqual(askedMs, [0, 0, 0, 0, 0]);
});

Deno.test(
  "F06: in an outage one asks for all, and all are served within a minute of its end",
  PURE,
  async () => {
    const endMs = 3_600_000;
    const { clock, all, askedMs, doneMs } = crowd(100, endMs);
    await clock.advance(endMs + 60_000);
    await all;
    equal(doneMs.length, 100);
    const during = askedMs.slice(100).filter((ms) => ms < endMs);
    ok(during.length > 100 && during.length < 500, `${during.length} asked in the hour`);
    const gaps = during.slice(1).map((ms, index) => ms - (during[index] ?? 0));
    ok(Math.min(...gaps) >= 2_000 && Math.max(...gaps) <= 40_000, "one after the other");
  },
);

Deno.test("a wait that GitHub asked for is kept by all", PURE, async () => {
  const clock = new VirtualClock();
  const outage = new Outage({ operation: "test", clock, random: seededRandom(1) });
  const told = new GitHubError("github_unavailable", "HTTP 503", {
    disposition: { kind: "retry-after", ms: 90_000 },
  });
  await rejects(outage.spared(() => Promise.reject(told)));
  await clock.advance(89_999);
  await rejects(
    outage.spared(() => Promise.resolve(1)),
    /^GitHubError: Cannot test: GitHub did not/,
  );
  await clock.advance(1);
  equal(await outage.spared(() => Promise.resolve(1)), 1);
});

Deno.test("a refusal is an answer, an aborted call is none", PURE, async () => {
  const clock = new VirtualClock();
  const outage = new Outage({ operation: "test", clock, random: seededRandom(1) });
  const fail = (thrown: unknown) => rejects(outage.spared(() => Promise.reject(thrown)));
  await fail(new GitHubError("github_forbidden", "HTTP 403"));
  equal(await outage.spared(() => Promise.resolve(1)), 1);
  await fail(new GitHubError("github_unreachable", "no answer"));
  await clock.advance(4_000);
  await fail(new DOMException("stopped", "AbortError"));
  await fail(new GitHubError("github_unreachable", "no answer"));
  let asked = 0;
  await rejects(outage.spared(() => Promise.resolve(asked++)));
  equal(asked, 0, "the failure was remembered");
});
