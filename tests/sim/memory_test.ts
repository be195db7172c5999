import assert from "node:assert/strict";
import { inMemory } from "../../sim/memory.ts";

function never(): Promise<Response> {
  return new Promise(() => {});
}

Deno.test("a request goes to the handler of its host and port", async () => {
  const fetch = inMemory({
    "a.example": () => Promise.resolve(new Response("a")),
    "a.example:8080": () => Promise.resolve(new Response("b")),
  });
  assert.equal(await (await fetch(new Request("https://a.example/x"))).text(), "a");
  assert.equal(await (await fetch(new Request("https://a.example:8080/x"))).text(), "b");
});

Deno.test("an unknown host refuses the connection", async () => {
  await assert.rejects(() => inMemory({})(new Request("https://nobody.example/")), {
    name: "TypeError",
    message: "Cannot connect to nobody.example: connection refused",
  });
});

Deno.test("an abort rejects at once with its reason, and the handler sees it", async () => {
  const abort = new AbortController();
  let seen: unknown;
  const fetch = inMemory({
    "a.example": (request) => {
      request.signal.addEventListener("abort", () => seen = request.signal.reason);
      return never();
    },
  });
  const answer = fetch(new Request("https://a.example/", { signal: abort.signal }));
  const reason = new Error("enough");
  abort.abort(reason);
  await assert.rejects(answer, reason);
  assert.equal(seen, reason);
});

Deno.test("a request that is aborted already reaches nobody", async () => {
  let calls = 0;
  const fetch = inMemory({
    "a.example": () => {
      calls++;
      return never();
    },
  });
  const signal = AbortSignal.abort(new Error("too late"));
  await assert.rejects(() => fetch(new Request("https://a.example/", { signal })), /too late/);
  assert.equal(calls, 0);
});

Deno.test("an answer that comes after the abort is thrown away", async () => {
  const abort = new AbortController();
  const late = Promise.withResolvers<Response>();
  let cancelled = false;
  const fetch = inMemory({ "a.example": () => late.promise });
  const answer = fetch(new Request("https://a.example/", { signal: abort.signal }));
  abort.abort(new Error("enough"));
  await assert.rejects(answer, /enough/);
  late.resolve(
    new Response(
      new ReadableStream({
        cancel: () => {
          cancelled = true;
        },
      }),
    ),
  );
  await late.promise;
  await Promise.resolve();
  assert.ok(cancelled);
});

Deno.test("a handler that throws is a lost connection", async () => {
  const fetch = inMemory({ "a.example": () => Promise.reject(new RangeError("inside")) });
  await assert.rejects(() => fetch(new Request("https://a.example/")), {
    name: "TypeError",
    message: "Connection closed before an answer came",
  });
});
