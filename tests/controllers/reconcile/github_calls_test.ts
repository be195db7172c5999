import assert from "node:assert/strict";
import { createGitHubCalls } from "../../../controllers/reconcile/github_calls.ts";
import { GitHubError } from "../../../github/errors.ts";
import type { VirtualClock } from "../../../sim/clock.ts";
import { aRunnerSet, STORY } from "../../builders.ts";
import { executorContext, fakeGitHub, fakeKube, NEVER } from "../fakes.ts";
import { TARGET } from "../situations.ts";

function world() {
  const thrown: unknown[] = [];
  const github = fakeGitHub();
  const services = {
    ...github.services,
    distrust: (target: typeof TARGET, why: unknown) => {
      github.services.distrust(target);
      thrown.push(why);
    },
  };
  const { context, told } = executorContext({ kube: fakeKube().kube, services });
  const clock = context.clock as VirtualClock;
  return { ...createGitHubCalls(context), clock, told, thrown, distrusted: github.distrusted };
}

const LAST = {
  target: TARGET,
  orElse: { about: aRunnerSet(), type: "Warning", reason: "LeftBehind", note: "n" },
} as const;
const WHEN_BUSY = { signal: NEVER, whenBusyMs: 5_000 };

Deno.test("F30: a refusal of the credential is passed on with its reason, other failures are not", async () => {
  const { call, thrown, distrusted } = world();
  const refusal = new GitHubError("github_unauthorized", "no");
  await assert.rejects(call(TARGET, NEVER, () => Promise.reject(refusal)));
  await assert.rejects(
    call(TARGET, NEVER, () => Promise.reject(new GitHubError("github_unavailable", "no"))),
  );
  assert.deepEqual([distrusted, thrown], [[STORY.secret], [refusal]]);
});

Deno.test("a busy runner is waited for, and at the last time of asking left behind", async () => {
  const { ask, told } = world();
  const busy = () => Promise.resolve("busy");
  assert.deepEqual(await ask({ target: TARGET }, WHEN_BUSY, busy), { waitMs: 5_000 });
  assert.equal(await ask(LAST, WHEN_BUSY, busy), undefined);
  assert.deepEqual(told, ["LeftBehind"]);
  assert.deepEqual(await ask({ ...LAST, sparesJob: true }, WHEN_BUSY, busy), { waitMs: 5_000 });
});

Deno.test("F25: a GitHub that hangs is given up in time", async () => {
  const { ask, clock } = world();
  const hanging = ask(
    { target: TARGET, withinMs: 3_000 },
    WHEN_BUSY,
    (_service, signal) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true })
      ),
  );
  const rejected = assert.rejects(hanging, { code: "github_no_answer" });
  await clock.advance(3_000);
  await rejected;
});
