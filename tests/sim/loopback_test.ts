import assert from "node:assert/strict";
import { serveLoopback } from "../../sim/loopback.ts";

Deno.test("a handler answers over real HTTP on 127.0.0.1", async () => {
  const server = serveLoopback((request) =>
    Promise.resolve(new Response(new URL(request.url).pathname))
  );
  assert.match(server.origin, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(await (await fetch(`${server.origin}/path`)).text(), "/path");
  await server.stop();
});

Deno.test("stop hangs up on those who still wait", async () => {
  const asked = Promise.withResolvers<void>();
  const server = serveLoopback(() => {
    asked.resolve();
    return new Promise(() => {});
  });
  const answer = assert.rejects(() => fetch(server.origin), TypeError);
  await asked.promise;
  await server.stop();
  await answer;
});
