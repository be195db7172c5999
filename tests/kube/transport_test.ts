import assert from "node:assert/strict";
import { KubeError } from "../../kube/errors.ts";
import { createRateLimit } from "../../kube/rate_limit.ts";
import { PODS, SECRETS } from "../../kube/resources.ts";
import { createTransport, type KubeCall, type TransportOptions } from "../../kube/transport.ts";
import type { Fetch } from "../../lib/http.ts";
import { type LabelValues, silentMetrics } from "../../lib/metrics.ts";
import { settle, VirtualClock } from "../../sim/clock.ts";

const GET: KubeCall = {
  verb: "get",
  method: "GET",
  type: PODS,
  place: { namespace: "a", name: "b" },
};
const TOKEN = "abcdef-secret-token";

function transportTo(
  fetch: Fetch,
  options: Partial<TransportOptions> & { readonly abandon?: (request: Request) => void } = {},
) {
  const clock = new VirtualClock();
  const counted: LabelValues[] = [];
  const transport = createTransport({
    connection: {
      server: "https://kube.test",
      headers: () => Promise.resolve({ authorization: `Bearer ${TOKEN}` }),
      fetch,
      ...(options.abandon && { abandon: options.abandon }),
    },
    clock,
    metrics: { ...silentMetrics, increment: (_name, labels = {}) => void counted.push(labels) },
    ...options,
  });
  return { transport, clock, counted };
}

async function errorOf(work: Promise<unknown>): Promise<KubeError> {
  const thrown = await work.then(() => undefined, (error) => error);
  assert.ok(thrown instanceof KubeError, String(thrown));
  return thrown;
}

Deno.test("a request says who we are, what we want and what we send", async () => {
  const seen: Request[] = [];
  const { transport, counted } = transportTo((request) => {
    seen.push(request);
    return Promise.resolve(Response.json({ ok: 1 }));
  });
  const answer = await transport.request({
    ...GET,
    method: "PATCH",
    query: "?force=true",
    body: { a: 1 },
    contentType: "application/merge-patch+json",
  });
  assert.deepEqual(answer, { ok: 1 });
  const [request] = seen;
  assert.ok(request);
  assert.equal(request.url, "https://kube.test/api/v1/namespaces/a/pods/b?force=true");
  assert.equal(request.method, "PATCH");
  assert.equal(request.headers.get("authorization"), `Bearer ${TOKEN}`);
  assert.equal(request.headers.get("content-type"), "application/merge-patch+json");
  assert.equal(request.headers.get("user-agent"), "longshore");
  assert.deepEqual(await request.json(), { a: 1 });
  assert.deepEqual(counted, [{ code: "200", method: "PATCH" }]);
});

Deno.test("a refusal is an error with the server's words and a count", async () => {
  const { transport, counted } = transportTo(() =>
    Promise.resolve(Response.json(
      { kind: "Status", reason: "TooManyRequests", message: "slow down" },
      { status: 429, headers: { "retry-after": "5" } },
    ))
  );
  const error = await errorOf(transport.request(GET));
  assert.equal(error.message, 'Cannot get pods "a/b": slow down');
  assert.deepEqual(error.disposition, { kind: "retry-after", ms: 5_000 });
  assert.deepEqual(counted, [{ code: "429", method: "GET" }]);
});

Deno.test("bodies that are no Status are not quoted", async () => {
  const { transport } = transportTo(() =>
    Promise.resolve(new Response(`<html>${TOKEN}</html>`, { status: 502 }))
  );
  const error = await errorOf(transport.request(GET));
  assert.equal(error.message, 'Cannot get pods "a/b": HTTP 502');
});

Deno.test("what is wrong with a Secret is not quoted either", async () => {
  const { transport } = transportTo(() =>
    Promise.resolve(Response.json(
      { kind: "Status", reason: "Invalid", message: `data: ${TOKEN}` },
      { status: 422 },
    ))
  );
  const error = await errorOf(transport.request({ ...GET, type: SECRETS }));
  assert.ok(!error.message.includes(TOKEN));
});

Deno.test("no answer is unreachable, without the credential", async () => {
  const { transport, counted } = transportTo(() => Promise.reject(new TypeError("reset")));
  const error = await errorOf(transport.request(GET));
  assert.equal(error.code, "kube_unreachable");
  assert.deepEqual(error.disposition, { kind: "retry", withinMs: 30_000 });
  assert.equal(error.message, 'Cannot get pods "a/b": reset');
  assert.deepEqual(counted, [{ code: "<error>", method: "GET" }]);
});

Deno.test("an answer that is no JSON is tried again", async () => {
  const { transport } = transportTo(() => Promise.resolve(new Response("hello")));
  assert.equal((await errorOf(transport.request(GET))).code, "kube_bad_response");
});

Deno.test("a silent server is a timeout, and its connection is abandoned", async () => {
  const abandoned: Request[] = [];
  const { transport, clock } = transportTo(() => new Promise(() => {}), {
    timeoutMs: 3_000,
    abandon: (request) => abandoned.push(request),
  });
  const failed = errorOf(transport.request(GET));
  await clock.advance(2_999);
  assert.equal(abandoned.length, 0);
  await clock.advance(1);
  assert.equal((await failed).code, "kube_timeout");
  assert.equal(abandoned.length, 1);
});

Deno.test("a call that gets no answer breaks the streams that were open before it, and no later one", async () => {
  const { transport, clock } = transportTo(
    (request) =>
      new URL(request.url).search.startsWith("?watch")
        ? Promise.resolve(new Response(new ReadableStream()))
        : new Promise(() => {}),
    { timeoutMs: 3_000, abandon: () => {} },
  );
  using before = await transport.open({ ...GET, query: "?watch=before" });
  const broken = before.body.getReader().read().then(() => "ended", () => "broke");
  const failed = errorOf(transport.request(GET));
  await clock.advance(1_000);
  using after = await transport.open({ ...GET, query: "?watch=after" });
  await clock.advance(2_000);
  await failed;
  assert.equal(await broken, "broke");
  await after.body.cancel();
});

Deno.test("an abort is thrown as it came, and costs no connection", async () => {
  const abandoned: Request[] = [];
  const { transport } = transportTo(() => new Promise(() => {}), {
    abandon: (request) => abandoned.push(request),
  });
  const abort = new AbortController();
  const asked = transport.request({ ...GET, signal: abort.signal });
  const reason = new Error("stopping");
  await settle();
  abort.abort(reason);
  await assert.rejects(asked, reason);
  await assert.rejects(transport.request({ ...GET, signal: abort.signal }), reason);
  assert.equal(abandoned.length, 0);
});

Deno.test("an answer that comes too late is cancelled", async () => {
  const late = Promise.withResolvers<Response>();
  const { transport, clock } = transportTo(() => late.promise, { timeoutMs: 1_000 });
  const failed = errorOf(transport.request(GET));
  await clock.advance(1_000);
  await failed;
  let cancelled = false;
  late.resolve(new Response(new ReadableStream({ cancel: () => void (cancelled = true) })));
  await settle();
  assert.ok(cancelled);
});

Deno.test("a limit of our own spreads the requests", async () => {
  const clock = new VirtualClock();
  let sent = 0;
  const { transport } = transportTo(() => {
    sent++;
    return Promise.resolve(Response.json({}));
  }, { clock, rateLimit: createRateLimit({ qps: 2, burst: 1, clock }) });
  const all = Promise.all([1, 2, 3].map(() => transport.request(GET)));
  await clock.advance(0);
  assert.equal(sent, 1);
  await clock.advance(1_000);
  assert.equal(sent, 3);
  await all;
});

Deno.test("a stream outlives the time limit of its headers, and ends with its signal", async () => {
  const signals: AbortSignal[] = [];
  const { transport, clock } = transportTo((request) => {
    signals.push(request.signal);
    return Promise.resolve(new Response(new ReadableStream()));
  }, { timeoutMs: 1_000 });
  const abort = new AbortController();
  const stream = await transport.open({ ...GET, signal: abort.signal });
  await clock.advance(3_600_000);
  assert.ok(signals[0] && !signals[0].aborted);
  abort.abort();
  assert.ok(signals[0].aborted);
  stream[Symbol.dispose]();
  await stream.body.cancel();
});

Deno.test("a stream whose headers never come is a timeout", async () => {
  const { transport, clock } = transportTo(() => new Promise(() => {}), { timeoutMs: 1_000 });
  const failed = errorOf(transport.open(GET));
  await clock.advance(1_000);
  assert.equal((await failed).code, "kube_timeout");
});

Deno.test("why the network failed is told in the platform's own words, without the address", async () => {
  const { transport } = transportTo(() =>
    Promise.reject(
      new TypeError("fetch failed", {
        cause: new Error(
          "error sending request for url (https://kube.test/a?b=(c)): client error (Connect): refused",
        ),
      }),
    )
  );
  const error = await errorOf(transport.request(GET));
  assert.equal(error.code, "kube_unreachable");
  assert.equal(error.message, 'Cannot get pods "a/b": client error (Connect): refused');
});

Deno.test("a path of its own comes in place of a resource's", async () => {
  const seen: string[] = [];
  const { transport } = transportTo((request) => {
    seen.push(request.url);
    return Promise.resolve(Response.json({}));
  });
  await transport.request({ ...GET, path: "/apis/example.com/v1" });
  assert.deepEqual(seen, ["https://kube.test/apis/example.com/v1"]);
});
