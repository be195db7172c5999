import assert from "node:assert/strict";
import type { Fetch } from "../../lib/http.ts";
import {
  checksRoute,
  type HttpServer,
  metricsRoute,
  startHttpServer,
} from "../../lib/http_server.ts";
import { declareMetrics } from "../../lib/metrics.ts";
import { settle, VirtualClock } from "../../sim/clock.ts";

function started(
  routes: Readonly<Record<string, Fetch>>,
  options: { readonly clock?: VirtualClock; readonly onError?: (thrown: unknown) => void } = {},
): HttpServer {
  return startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: new Map(Object.entries(routes)),
    clock: new VirtualClock(),
    ...options,
  });
}

/** Status and body of an answer. */
async function ask(
  server: HttpServer,
  path: string,
  init: RequestInit = {},
): Promise<readonly [number, string]> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
  return [response.status, await response.text()];
}

Deno.test("a server tells its real address and answers its paths only", async () => {
  await using server = started({ "/healthz": checksRoute(new Map()) });
  assert.equal(server.host, "127.0.0.1");
  assert.ok(server.port > 0);
  assert.deepEqual(await ask(server, "/healthz"), [200, "ok\n"]);
  assert.deepEqual(await ask(server, "/healthz?verbose"), [200, "ok\n"]);
  assert.deepEqual(await ask(server, "/healthz/"), [404, "not found\n"]);
  assert.deepEqual(await ask(server, "/"), [404, "not found\n"]);
});

Deno.test("only GET and HEAD are answered", async () => {
  await using server = started({ "/healthz": checksRoute(new Map()) });
  assert.deepEqual(await ask(server, "/healthz", { method: "HEAD" }), [200, ""]);
  const refused = await fetch(`http://127.0.0.1:${server.port}/healthz`, { method: "POST" });
  await refused.body?.cancel();
  assert.equal(refused.status, 405);
  assert.equal(refused.headers.get("allow"), "GET, HEAD");
});

Deno.test("readiness names every reason that stands against it, as of now", async () => {
  let reason: string | undefined = "not synced";
  await using server = started({
    "/readyz": checksRoute(new Map([["cache", () => reason], ["leader", () => undefined]])),
  });
  assert.deepEqual(await ask(server, "/readyz"), [503, "cache: not synced\n"]);
  reason = undefined;
  assert.deepEqual(await ask(server, "/readyz"), [200, "ok\n"]);
});

Deno.test("metrics are rendered for Prometheus", async () => {
  const metrics = declareMetrics([{ name: "up", kind: "gauge", help: "Up.", labels: [] }]);
  await using server = started({ "/metrics": metricsRoute(metrics) });
  const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  assert.match(await response.text(), /^up 0$/m);
});

Deno.test("a route that throws is answered 500 without details", async () => {
  const thrown: unknown[] = [];
  const failure = new Error("hush");
  await using server = started({ "/x": () => Promise.reject(failure) }, {
    onError: (error) => thrown.push(error),
  });
  assert.deepEqual(await ask(server, "/x"), [500, "internal error\n"]);
  assert.deepEqual(thrown, [failure]);
});

Deno.test("stopping waits for the answer under way and takes no more", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  const server = started({
    "/slow": () => {
      asked.resolve();
      return answer.promise;
    },
  });
  const slow = ask(server, "/slow");
  await asked.promise;
  const stopped = server.stop();
  answer.resolve(new Response("done"));
  assert.deepEqual(await slow, [200, "done"]);
  await stopped;
  await server.stop();
  await assert.rejects(ask(server, "/slow"), TypeError);
});

Deno.test("stopping refuses an answer that does not come in time", async () => {
  const clock = new VirtualClock();
  const asked = Promise.withResolvers<void>();
  const server = started({
    "/never": () => {
      asked.resolve();
      return new Promise(() => {});
    },
  }, { clock });
  const answers: unknown[] = [];
  const never = ask(server, "/never").then((answer) => answers.push(answer));
  await asked.promise;
  const stopped = server.stop();
  await clock.advance(4_999);
  await settle();
  assert.deepEqual(answers, []);
  await clock.advance(1);
  await never;
  await stopped;
  assert.deepEqual(answers, [[503, "stopping\n"]]);
});

Deno.test("a port that is taken is an error at once", async () => {
  await using server = started({});
  assert.throws(
    () =>
      startHttpServer({
        host: "127.0.0.1",
        port: server.port,
        routes: new Map(),
        clock: new VirtualClock(),
      }),
    Deno.errors.AddrInUse,
  );
});
