import assert from "node:assert/strict";
import { seededRandom } from "../../../lib/random.ts";
import { VirtualClock } from "../../../sim/clock.ts";
import { Tokens } from "../../../sim/github/tokens.ts";

Deno.test("a token is good for its kind and its time, until it is revoked", async () => {
  const clock = new VirtualClock();
  const tokens = new Tokens(clock, seededRandom(1));
  const { value, expiresAt } = tokens.issue("registration", { lifetimeMs: 10, scope: "orgs/octo" });
  assert.equal(tokens.grant(value, "registration")?.scope, "orgs/octo");
  assert.equal(tokens.grant(value, "admin"), undefined);
  assert.equal(expiresAt.getTime() - clock.now().getTime(), 10);
  await clock.advance(10);
  assert.equal(tokens.grant(value, "registration"), undefined);
  const { value: other } = tokens.issue("queue", { lifetimeMs: 10, sessionId: "s" });
  tokens.revoke(other);
  assert.equal(tokens.grant(other, "queue"), undefined);
});

Deno.test("an admin token is a JWT without padding that says when it ends", () => {
  const clock = new VirtualClock();
  const { value } = new Tokens(clock, seededRandom(1)).issue("admin", { lifetimeMs: 90_000 });
  const [header = "", claims = "", signature = ""] = value.split(".");
  assert.deepEqual(JSON.parse(atob(header)), { alg: "RS256", typ: "JWT" });
  assert.equal(JSON.parse(atob(claims)).exp, clock.now().getTime() / 1000 + 90);
  assert.match(`${header}${claims}${signature}`, /^[\w-]+$/);
});

Deno.test("expired tokens are not kept", async () => {
  const clock = new VirtualClock();
  const tokens = new Tokens(clock, seededRandom(1));
  const { value } = tokens.issue("installation", { lifetimeMs: 1_000 });
  for (let i = 0; i < 1_000; i++) tokens.issue("registration", { lifetimeMs: 1 });
  await clock.advance(1);
  for (let i = 0; i < 1_000; i++) tokens.issue("registration", { lifetimeMs: 1 });
  assert.ok(tokens.grant(value, "installation"));
  assert.ok(tokens.size <= 1_001);
});
