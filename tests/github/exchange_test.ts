import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { GitHubError } from "../../github/errors.ts";
import { type Answer, type Call, createExchange } from "../../github/exchange.ts";
import type { Fetch } from "../../lib/http.ts";
import { silentLogger } from "../../lib/log.ts";
import { type Metrics, silentMetrics } from "../../lib/metrics.ts";
import type { Random } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { finished, type Script, scriptedGitHub } from "./scripted.ts";

const CALL: Call = {
  operation: "test",
  method: "POST",
  url: new URL("https://svc.example/a?b=c"),
  headers: { "Authorization": "Bearer sesame", "Content-Type": "application/json" },
  timeoutMs: 30_000,
};

function status(code: number, headers: HeadersInit = {}): () => Response {
  return () => new Response("{}", { status: code, headers });
}

function send(
  clock: VirtualClock,
  fetch: Fetch,
  options: { readonly call?: Partial<Call>; readonly random?: Random; readonly metrics?: Metrics },
): Promise<Answer> {
  const { random = () => 0, metrics = silentMetrics } = options;
  const exchange = createExchange({ fetch, clock, random, metrics, log: silentLogger });
  return finished(clock, exchange({ ...CALL, ...options.call }, (answer) => answer));
}

Deno.test("§20.24 §20.25 what passes is tried again, at most four times, after at least 1, 2, 4, 8 s", async () => {
  const date = "Thu, 01 Jan 2026 12:00:20 GMT";
  const rows: readonly (readonly [readonly Script[], last: number, atMs: readonly number[]])[] = [
    [[status(200)], 200, [0]],
    [[status(500), status(200)], 200, [0, 1000]],
    [[status(503, { "retry-after": "7" }), status(200)], 200, [0, 7000]],
    [[status(429, { "retry-after": date }), status(200)], 200, [0, 20_000]],
    [[status(500, { "retry-after": "7" }), status(200)], 200, [0, 1000]],
    [[status(429), status(429), status(200)], 200, [0, 1000, 3000]],
    [[status(502)], 502, [0, 1000, 3000, 7000, 15_000]],
    [[status(501)], 501, [0]],
    [[status(400)], 400, [0]],
    [[status(401)], 401, [0]],
    [[status(404)], 404, [0]],
    [[status(409)], 409, [0]],
    // A pause longer than 30 s is the caller's to make.
    [[status(429, { "retry-after": "31" }), status(200)], 429, [0]],
    [[() => Promise.reject(new TypeError("reset")), status(200)], 200, [0, 1000]],
  ];
  for (const [script, last, atMs] of rows) {
    const clock = new VirtualClock();
    const github = scriptedGitHub(clock, { "POST /a": script });
    equal((await send(clock, github.fetch, {})).status, last);
    deepEqual(github.sent.map((sent) => sent.atMs), atMs);
  }
});

Deno.test("waits are spread by randomness, up to twice the least", async () => {
  const clock = new VirtualClock();
  const github = scriptedGitHub(clock, { "POST /a": [status(500), status(500), status(200)] });
  await send(clock, github.fetch, { random: () => 0.5 });
  deepEqual(github.sent.map((sent) => sent.atMs), [0, 1500, 4500]);
});

Deno.test("no connection at all is github_unreachable, without query or token in its text", async () => {
  const clock = new VirtualClock();
  let attempts = 0;
  const fetch = () => {
    attempts++;
    const cause = new Error("error sending request for url (https://svc.example/a?b=c): reset");
    return Promise.reject(new TypeError("fetch failed: sesame", { cause }));
  };
  await rejects(send(clock, fetch, {}), (thrown: unknown) => {
    ok(thrown instanceof GitHubError);
    equal(thrown.code, "github_unreachable");
    equal(
      thrown.message,
      "Cannot test: POST https://svc.example/a got no answer: " +
        "error sending request for url (https://svc.example/a): reset",
    );
    return thrown.disposition.kind === "retry";
  });
  equal(attempts, 5);
});

Deno.test("an untrusted certificate and a host outside the sandbox are told at once", async () => {
  const rows: readonly (readonly [Error, string])[] = [
    [new TypeError("invalid peer certificate: UnknownIssuer"), "github_unreachable"],
    [new Deno.errors.NotCapable('Requires net access to "svc.example:443"'), "github_host_denied"],
  ];
  for (const [reason, code] of rows) {
    let attempts = 0;
    const fetch = () => {
      attempts++;
      return Promise.reject(reason);
    };
    await rejects(send(new VirtualClock(), fetch, {}), (thrown: unknown) => {
      return thrown instanceof GitHubError && thrown.code === code &&
        thrown.disposition.kind === "stop";
    });
    equal(attempts, 1);
  }
});

Deno.test("an attempt that hangs, in the headers or in the body, ends at its time limit", async () => {
  const hangs: readonly Fetch[] = [
    () => new Promise(() => {}),
    () => Promise.resolve(new Response(new ReadableStream({ pull: () => new Promise(() => {}) }))),
  ];
  for (const hang of hangs) {
    const clock = new VirtualClock();
    const startMs = clock.now().getTime();
    await rejects(send(clock, hang, { call: { timeoutMs: 1000 } }), /No answer within 1000 ms/);
    equal(clock.now().getTime() - startMs, 5 * 1000 + 15_000);
  }
});

Deno.test("an abort ends the call at once with its reason, even if nobody else listens", async () => {
  const clock = new VirtualClock();
  const waits: readonly Fetch[] = [
    () => new Promise(() => {}),
    () => Promise.resolve(status(500)()),
  ];
  for (const fetch of waits) {
    const caller = new AbortController();
    const startMs = clock.now().getTime();
    const work = send(clock, fetch, { call: { signal: caller.signal } });
    await clock.advance(500);
    caller.abort(new Error("stop"));
    await rejects(work, /^Error: stop$/);
    equal(clock.now().getTime() - startMs, 500);
  }
  const aborted = AbortSignal.abort(new Error("already"));
  await rejects(send(clock, status(200) as never, { call: { signal: aborted } }), /already/);
});

Deno.test("§20.67 a redirect is followed on the same origin only, and never changes the method", async () => {
  const here = (code: number) => status(code, { location: "/b" });
  const rows: readonly (readonly [Script, string])[] = [
    [here(307), "POST /a, POST /b"],
    [here(308), "POST /a, POST /b"],
    [here(302), "POST /a"],
    [status(307, { location: "https://evil.example/b" }), "POST /a"],
    [status(307, { location: "http://svc.example/b" }), "POST /a"],
    [status(307, { location: "https://[" }), "POST /a"],
  ];
  for (const [script, calls] of rows) {
    const clock = new VirtualClock();
    const github = scriptedGitHub(clock, { "POST /a": script, "POST /b": status(200) });
    const code = await send(clock, github.fetch, {}).then(() => "ok", (thrown) => thrown.code);
    equal(code, calls.includes("/b") ? "ok" : "github_bad_answer");
    equal(github.calls().join(", "), calls);
    equal(github.sent.at(-1)?.headers.get("authorization"), "Bearer sesame");
  }
  const clock = new VirtualClock();
  const loop = scriptedGitHub(clock, { "POST /a": status(307, { location: "/a" }) });
  await rejects(send(clock, loop.fetch, {}), /redirect/);
  equal(loop.sent.length, 6);
});

Deno.test("§20.26 a byte order mark in front of an answer is ignored", async () => {
  const clock = new VirtualClock();
  const body = new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]);
  const { text } = await send(clock, () => Promise.resolve(new Response(body)), {});
  equal(text, "{}");
});

Deno.test("a body without end is refused at once", async () => {
  let requests = 0;
  const fetch = () => {
    requests++;
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)),
    });
    return Promise.resolve(new Response(endless));
  };
  await rejects(send(new VirtualClock(), fetch, {}), /bad answer: it is longer than/);
  equal(requests, 1);
});

Deno.test("a POST or PATCH without body says Content-Length: 0 on a real connection", async () => {
  const heads: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      const buffer = new Uint8Array(4096);
      const length = await connection.read(buffer) ?? 0;
      heads.push(new TextDecoder().decode(buffer.subarray(0, length)).toLowerCase());
      const answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
      await connection.write(new TextEncoder().encode(answer));
      connection.close();
    }
  })();
  const url = new URL(`http://127.0.0.1:${listener.addr.port}/a`);
  const clock = new VirtualClock();
  const exchange = createExchange({
    fetch,
    clock,
    random: () => 0,
    metrics: silentMetrics,
    log: silentLogger,
  });
  for (const method of ["POST", "PATCH"]) await exchange({ ...CALL, method, url }, () => {});
  listener.close();
  await serving;
  equal(heads.length, 2);
  for (const head of heads) {
    equal(head.match(/^content-length: 0\r$/gm)?.length, 1, head);
    ok(!head.includes("transfer-encoding"), head);
    ok(head.includes("\r\ncontent-type: application/json\r\n"), head);
  }
});

Deno.test("every call is counted once, with its outcome, and each further attempt as a retry", async () => {
  const counted: string[] = [];
  const metrics: Metrics = {
    ...silentMetrics,
    increment: (name, labels) => counted.push(`${name} ${labels?.["outcome"] ?? ""}`.trim()),
  };
  const clock = new VirtualClock();
  const github = scriptedGitHub(clock, { "POST /a": [status(500), status(200)] });
  await send(clock, github.fetch, { metrics });
  await rejects(send(clock, () => Promise.reject(new TypeError("certificate")), { metrics }));
  deepEqual(counted, [
    "longshore_github_retries_total",
    "longshore_github_requests_total ok",
    "longshore_github_requests_total github_unreachable",
  ]);
});
