import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { Admin } from "../../github/admin.ts";
import { GitHubError } from "../../github/errors.ts";
import type { AdminConnection } from "../../github/registration.ts";
import { Secret } from "../../lib/secret.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { finished } from "./scripted.ts";

interface Setup {
  readonly clock: VirtualClock;
  readonly admin: Admin;
  readonly signals: readonly AbortSignal[];
}

/** Registers in a second, with tokens that live for `seconds`; `refuse` is asked each time. */
function setUp(seconds: number, refuse: (attempt: number) => boolean = () => false): Setup {
  const clock = new VirtualClock();
  const signals: AbortSignal[] = [];
  const admin = new Admin(async (signal): Promise<AdminConnection> => {
    const attempt = signals.push(signal);
    await clock.sleep(1000, signal);
    if (refuse(attempt)) throw new Error("refused");
    return {
      url: new URL(`https://svc.example/${attempt}/`),
      token: new Secret(`token ${attempt}`),
      expiresAt: new Date(clock.now().getTime() + seconds * 1000),
    };
  }, clock);
  return { clock, admin, signals };
}

async function path({ clock, admin }: Setup): Promise<string> {
  return (await finished(clock, admin.connection())).url.pathname;
}

function refused(): GitHubError {
  return new GitHubError("github_forbidden", "no");
}

Deno.test("a refused credential is not shown again for 30 s, unless it is another one or asked to", async () => {
  const clock = new VirtualClock();
  let attempts = 0;
  let credential = "one";
  const admin = new Admin(
    () => {
      attempts++;
      return Promise.reject(refused());
    },
    clock,
    () => credential,
  );
  for (let i = 0; i < 9; i++) await rejects(admin.connection(), { code: "github_forbidden" });
  equal(attempts, 1);
  await clock.advance(30_000);
  await rejects(admin.connection());
  equal(attempts, 2);
  credential = "two";
  await rejects(admin.connection());
  equal(attempts, 3);
  await rejects(admin.renew());
  equal(attempts, 4);
});

Deno.test("renewing registers although the token is fresh", async () => {
  const setup = setUp(600);
  await path(setup);
  await finished(setup.clock, setup.admin.renew());
  equal(await path(setup), "/2/");
});

Deno.test("§20.18 §20.19 §20.21 a token is replaced with less than 60 s left, and the new address used", async () => {
  const setup = setUp(600);
  equal(setup.signals.length, 0);
  equal(await path(setup), "/1/");
  await setup.clock.advance(539_000); // 61 s left
  equal(await path(setup), "/1/");
  await setup.clock.advance(1_000); // 60 s left
  equal(await path(setup), "/1/");
  await setup.clock.advance(1_000); // 59 s left
  equal(await path(setup), "/2/");
});

Deno.test("§20.22 callers at the same time share one registration", async () => {
  const setup = setUp(600);
  const paths = await Promise.all([path(setup), path(setup), path(setup)]);
  deepEqual(paths, ["/1/", "/1/", "/1/"]);
  equal(setup.signals.length, 1);
});

Deno.test("a registration that fails leaves nothing behind, and the next call tries again", async () => {
  const setup = setUp(600, (attempt) => attempt === 1);
  await rejects(path(setup), /refused/);
  equal(await path(setup), "/2/");
});

Deno.test("one caller that gives up does not spoil the registration for the others", async () => {
  const { clock, admin, signals } = setUp(600);
  const gone = new AbortController();
  const first = admin.connection(gone.signal);
  const second = admin.connection();
  gone.abort(new Error("gone"));
  await rejects(first, /gone/);
  equal((await finished(clock, second)).url.pathname, "/1/");
  equal(signals.length, 1);
});

Deno.test("a registration ends when everybody who waits for it has gone", async () => {
  const { clock, admin, signals } = setUp(600);
  const gone = new AbortController();
  const waiting = admin.connection(gone.signal);
  gone.abort(new Error("gone"));
  await rejects(waiting, /gone/);
  ok(signals[0]?.aborted);
  equal((await finished(clock, admin.connection())).url.pathname, "/2/");
});

Deno.test("a distrusted token is replaced unless it is younger than a minute", async () => {
  const setup = setUp(3600);
  const connection = await finished(setup.clock, setup.admin.connection());
  setup.admin.distrust(connection);
  equal(await path(setup), "/1/");
  await setup.clock.advance(60_000);
  setup.admin.distrust(connection);
  equal(await path(setup), "/2/");
  await setup.clock.advance(60_000);
  setup.admin.distrust(connection); // not the current one
  equal(await path(setup), "/2/");
});
