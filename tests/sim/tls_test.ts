import assert from "node:assert/strict";
import { serveLoopback } from "../../sim/loopback.ts";
import { loopbackIdentity } from "../../sim/tls.ts";
import { systemClock } from "../../lib/clock.ts";

Deno.test("clients that trust the authority talk HTTPS with the server; others do not", async () => {
  const identity = await loopbackIdentity(systemClock.now());
  const server = serveLoopback(() => Promise.resolve(new Response("hello")), identity);
  using trusting = Deno.createHttpClient({ caCerts: [identity.ca] });
  const answer = await fetch(server.origin, { client: trusting });
  assert.equal(await answer.text(), "hello");
  using stranger = Deno.createHttpClient({});
  await assert.rejects(() => fetch(server.origin, { client: stranger }), TypeError);
  await server.stop();
});

Deno.test("every identity has keys of its own", async () => {
  const now = new Date("2026-01-01T12:00:00Z");
  const [one, two] = await Promise.all([loopbackIdentity(now), loopbackIdentity(now)]);
  assert.notEqual(one.key, two.key);
  assert.notEqual(one.ca, two.ca);
});
