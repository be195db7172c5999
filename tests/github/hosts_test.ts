import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { overrideHosts, parseHostOverrides } from "../../github/hosts.ts";
import { InvalidInput } from "../../lib/errors.ts";

Deno.test("requests for an overridden host and its api host go to the base instead", async () => {
  const overrides = parseHostOverrides(
    "github.com=http://127.0.0.1:4000, GHES.local:8443=https://other.example/base/",
  );
  const rows: readonly (readonly [string, string])[] = [
    ["https://api.github.com/orgs/x?a=b", "http://127.0.0.1:4000/orgs/x?a=b"],
    ["https://github.com/x", "http://127.0.0.1:4000/x"],
    ["https://ghes.local:8443/api/v3/x", "https://other.example/base/api/v3/x"],
    ["https://ghes.local/api/v3/x", "https://ghes.local/api/v3/x"],
    ["https://notgithub.com/x", "https://notgithub.com/x"],
    ["https://api.other.com/x", "https://api.other.com/x"],
  ];
  for (const [url, wanted] of rows) {
    const seen: Request[] = [];
    const fetch = overrideHosts((request) => {
      seen.push(request);
      return Promise.resolve(new Response());
    }, overrides);
    const caller = new AbortController();
    await fetch(
      new Request(url, {
        method: "POST",
        headers: { "Authorization": "Bearer x", "Content-Type": "application/json" },
        body: '{"a":1}',
        redirect: "manual",
        signal: caller.signal,
      }),
    );
    const [request] = seen;
    ok(request);
    equal(request.url, wanted);
    deepEqual([request.method, request.redirect, await request.text()], [
      "POST",
      "manual",
      '{"a":1}',
    ]);
    deepEqual(Object.fromEntries(request.headers), {
      "authorization": "Bearer x",
      "content-type": "application/json",
    });
    caller.abort();
    ok(request.signal.aborted);
  }
});

Deno.test("a flag that makes no sense, or sends tokens away in the clear, is refused", {
  permissions: "none",
}, () => {
  const refused = [
    "github.com",
    "github.com=",
    "=http://127.0.0.1:1",
    "https://github.com=http://127.0.0.1:1",
    "github.com=127.0.0.1:4000",
    "github.com=ftp://127.0.0.1",
    "github.com=http://10.0.0.1:4000",
    "github.com=http://localhost.example.com",
    "github.com=http://127.0.0.1:4000?x=y",
    "github.com=https://me:hunter2@example.com",
  ];
  for (const text of refused) {
    throws(() => parseHostOverrides(text), (thrown: unknown) => {
      return thrown instanceof InvalidInput && !thrown.message.includes("hunter2");
    }, text);
  }
  equal(parseHostOverrides("").size, 0);
  for (const host of ["127.0.0.1", "127.8.9.1", "[::1]", "localhost"]) {
    equal(parseHostOverrides(`a.b=http://${host}:1`).get("a.b"), `http://${host}:1`);
  }
});
