import assert from "node:assert/strict";
import { createGitHubServices } from "../../controllers/github_services.ts";
import { GitHubError } from "../../github/errors.ts";
import type { ActionsService } from "../../github/service.ts";
import { silentLogger } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { fakeKube, kubeError, NEVER } from "./fakes.ts";
import { TARGET } from "./situations.ts";

const secretOf = (token: string) => ({ data: { github_token: btoa(token) } });

/** Services over one Secret, which a test may change. */
function world(first: () => unknown = () => secretOf("ghp_one")) {
  const state = { secret: first };
  const { kube, calls } = fakeKube(() => state.secret());
  const clock = new VirtualClock();
  const made: string[] = [];
  const services = createGitHubServices({
    kube,
    clock,
    random: seededRandom(1),
    log: silentLogger,
    forceGhes: false,
    createService: (url, credential) => {
      made.push(`${url.text} ${credential.kind === "pat" ? credential.token.reveal() : ""}`);
      return { prove: () => Promise.resolve() } as unknown as ActionsService;
    },
  });
  return { services, state, clock, made, reads: () => calls.length };
}

Deno.test("a Secret is read once for all who ask at the same time, and then for five minutes", async () => {
  const { services, clock, reads } = world();
  await Promise.all([services.check(TARGET, NEVER), services.service(TARGET, NEVER)]);
  await clock.advance(299_000);
  await services.service(TARGET, NEVER);
  assert.equal(reads(), 1);
  await clock.advance(1_000);
  await services.service(TARGET, NEVER);
  assert.equal(reads(), 2);
});

Deno.test("one credential for one URL is one service; another of either is another", async () => {
  const { services, state, clock, made } = world();
  const first = await services.service(TARGET, NEVER);
  assert.equal(await services.service(TARGET, NEVER), first);
  await services.service({ ...TARGET, configUrl: "https://github.com/other" }, NEVER);
  state.secret = () => secretOf("ghp_two");
  await clock.advance(600_000);
  assert.notEqual(await services.service(TARGET, NEVER), first);
  assert.deepEqual(made, [
    "https://github.com/acme ghp_one",
    "https://github.com/other ghp_one",
    "https://github.com/acme ghp_two",
  ]);
});

Deno.test("a rotated credential has another fingerprint, which tells nothing of it", async () => {
  const { services, state } = world();
  const { fingerprint } = await services.check(TARGET, NEVER);
  assert.ok(!fingerprint.includes("ghp_one"));
  state.secret = () => secretOf("ghp_two");
  services.distrust(TARGET);
  assert.notEqual((await services.check(TARGET, NEVER)).fingerprint, fingerprint);
});

const BROKEN: readonly (readonly [claim: string, secret: () => unknown, reason: string])[] = [
  ["is not there", () => undefined, "SecretMissing"],
  ["holds nothing", () => ({}), "SecretInvalid"],
  ["holds nonsense", () => ({ data: { github_token: "%" } }), "SecretInvalid"],
  ["may not be read", () => {
    throw kubeError("kube_forbidden");
  }, "SecretForbidden"],
];

for (const [claim, secret, reason] of BROKEN) {
  Deno.test(`a Secret that ${claim} is a problem in words, not an error`, async () => {
    const { services } = world(secret);
    const state = await services.check(TARGET, NEVER);
    assert.deepEqual([state.service, state.problem?.reason, state.fingerprint], [
      "none",
      reason,
      "",
    ]);
    await assert.rejects(services.service(TARGET, NEVER), { code: "github_no_credentials" });
  });

  Deno.test(`B5: when it later ${claim}, the last good credential stays in use`, async () => {
    const { services, state, clock } = world();
    const first = await services.service(TARGET, NEVER);
    state.secret = secret;
    await clock.advance(600_000);
    const { service, problem } = await services.check(TARGET, NEVER);
    assert.deepEqual([service, problem?.reason], ["usable", reason]);
    assert.equal(await services.service(TARGET, NEVER), first);
  });
}

Deno.test("a broken Secret is read again after ten seconds, so that mending it helps soon", async () => {
  const { services, state, clock, reads } = world(() => undefined);
  await services.check(TARGET, NEVER);
  await services.check(TARGET, NEVER);
  assert.equal(reads(), 1);
  state.secret = () => secretOf("ghp_one");
  await clock.advance(10_000);
  assert.equal((await services.check(TARGET, NEVER)).problem, undefined);
});

Deno.test("an API server that cannot answer is an error, and is asked again", async () => {
  const { services, state } = world(() => {
    throw kubeError("kube_internal");
  });
  await assert.rejects(services.check(TARGET, NEVER), { code: "kube_internal" });
  state.secret = () => secretOf("ghp_one");
  assert.equal((await services.check(TARGET, NEVER)).service, "usable");
});

Deno.test("a refused credential is read again at its next use", async () => {
  const { services, reads } = world();
  await services.check(TARGET, NEVER);
  services.distrust(TARGET);
  services.distrust({ ...TARGET, secretName: "unknown" });
  await services.check(TARGET, NEVER);
  assert.equal(reads(), 2);
});

Deno.test("a set that names no Secret is told so without a read", async () => {
  const { services, reads } = world();
  const { problem } = await services.check({ ...TARGET, secretName: "" }, NEVER);
  assert.deepEqual([problem?.reason, reads()], ["SecretMissing", 0]);
});

/** Services over one Secret, and a GitHub that says of each token what `answers` says. */
function judging(answers: Record<string, () => Promise<void> | void>) {
  const state = { secret: "ghp_one" as string | undefined };
  const { kube } = fakeKube(() => state.secret === undefined ? undefined : secretOf(state.secret));
  const clock = new VirtualClock();
  const shown: string[] = [];
  const told: string[] = [];
  const services = createGitHubServices({
    kube,
    clock,
    random: seededRandom(1),
    log: silentLogger,
    forceGhes: false,
    onForget: (name) => told.push(`forget ${name}`),
    createService: (_url, credential) => {
      const token = credential.kind === "pat" ? credential.token.reveal() : "";
      const prove = async () => {
        shown.push(token);
        await answers[token]?.();
      };
      return { prove, token } as unknown as ActionsService;
    },
  });
  services.onChange((target) => told.push(`changed ${target.secretName}`));
  const token = async () =>
    (await services.service(TARGET, NEVER) as unknown as { token: string }).token;
  const rotate = (secret: string | undefined) => {
    state.secret = secret;
    services.distrust(TARGET);
  };
  return { services, clock, shown, told, token, rotate };
}

const refuse = () => Promise.reject(new GitHubError("github_unauthorized", "no"));

Deno.test("F30: a newer credential that GitHub refuses keeps the older going, and is told", async () => {
  const { services, token, rotate, shown, clock } = judging({ ghp_two: refuse });
  assert.equal(await token(), "ghp_one");
  rotate("ghp_two");
  assert.equal(await token(), "ghp_one");
  const state = await services.check(TARGET, NEVER);
  assert.deepEqual([state.service, state.problem?.reason], ["usable", "Refused"]);
  assert.match(state.problem?.message ?? "", /^Secret "arc-runners\//);
  rotate("ghp_three");
  assert.equal(await token(), "ghp_three");
  assert.equal((await services.check(TARGET, NEVER)).problem, undefined);
  await clock.advance(3_600_000);
  assert.deepEqual(shown, ["ghp_one", "ghp_two", "ghp_three"]);
});

Deno.test("a credential that was refused from the start is none, and is shown ever less often", async () => {
  let isMended = false;
  const { services, shown, clock } = judging({ ghp_one: () => isMended ? undefined : refuse() });
  assert.equal((await services.check(TARGET, NEVER)).service, "none");
  await assert.rejects(services.service(TARGET, NEVER), { code: "github_no_credentials" });
  for (let second = 0; second < 3600; second += 5) {
    await services.check(TARGET, NEVER);
    await clock.advance(5_000);
  }
  assert.ok(shown.length <= 10, `${shown.length} times in an hour`);
  isMended = true; // at GitHub: the Secret is the same
  await clock.advance(600_000);
  assert.equal((await services.check(TARGET, NEVER)).service, "usable");
});

Deno.test("while GitHub is down a new credential waits, and the old one serves", async () => {
  const down = () => Promise.reject(new GitHubError("github_unavailable", "down"));
  const { services, token, rotate, shown } = judging({ ghp_two: down });
  await token();
  rotate("ghp_two");
  for (let i = 0; i < 5; i++) assert.equal(await token(), "ghp_one");
  assert.equal((await services.check(TARGET, NEVER)).problem?.reason, "NotTried");
  assert.deepEqual(shown, ["ghp_one", "ghp_two"]);
});

Deno.test("without an older one, a credential that could not be tried yet is used all the same", async () => {
  const down = () => Promise.reject(new GitHubError("github_unavailable", "down"));
  const { services, token } = judging({ ghp_one: down });
  const { service, problem, isUnproven } = await services.check(TARGET, NEVER);
  assert.deepEqual([service, problem, isUnproven], ["usable", undefined, true]);
  assert.equal(await token(), "ghp_one");
});

Deno.test("nobody waits longer than 5 s for GitHub's word, and who waited is told when it comes", async () => {
  const word = Promise.withResolvers<void>();
  const { services, clock, rotate, token, told } = judging({ ghp_two: () => word.promise });
  await token();
  rotate("ghp_two");
  let answer: string | undefined;
  token().then((value) => answer = value);
  await clock.advance(4_999);
  assert.equal(answer, undefined);
  await clock.advance(1);
  assert.equal(answer, "ghp_one");
  assert.equal(await token(), "ghp_one"); // at once now
  word.resolve();
  await clock.advance(0);
  assert.equal(told.at(-1), `changed ${TARGET.secretName}`);
  assert.equal(await token(), "ghp_two");
  assert.equal((await services.check(TARGET, NEVER)).problem, undefined);
});

Deno.test("a credential in use that GitHub comes to refuse is told, and shown again later", async () => {
  const { services, token, shown, clock } = judging({});
  await token();
  services.distrust(TARGET, new GitHubError("github_unauthorized", "no"));
  assert.equal((await services.check(TARGET, NEVER)).problem?.reason, "Refused");
  assert.equal(await token(), "ghp_one");
  await clock.advance(60_000);
  assert.equal((await services.check(TARGET, NEVER)).problem, undefined);
  assert.deepEqual(shown, ["ghp_one", "ghp_one"]);
  const passing = new GitHubError("github_unauthorized", "no", { disposition: { kind: "retry" } });
  services.distrust(TARGET, passing); // an admin token: says nothing of the credential
  assert.equal((await services.check(TARGET, NEVER)).problem, undefined);
});

Deno.test("what no set needs any more is forgotten", async () => {
  const { services, token, told, shown } = judging({});
  await token();
  services.retain([TARGET]);
  assert.deepEqual(told, []);
  services.retain([]);
  assert.deepEqual(told, [`forget ${TARGET.namespace}/${TARGET.secretName}`]);
  await token();
  assert.equal(shown.length, 2);
});
