import assert from "node:assert/strict";
import { startProxy } from "../../sim/proxy.ts";

const decoder = new TextDecoder();

/** What the proxy answers to this text, until it hangs up or `until` was seen. */
async function said(port: number, text: string, until = "\r\n\r\n"): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(4096);
  let answer = "";
  while (!answer.includes(until)) {
    const read = await connection.read(buffer);
    if (read === null) break;
    answer += decoder.decode(buffer.subarray(0, read));
  }
  return answer;
}

Deno.test("a caller without the right credentials is asked for them, a host that is nowhere is 502", async () => {
  const proxy = startProxy({
    credentials: { username: "ann", password: "p:w" },
    portOf: () => undefined,
  });
  const port = Number(new URL(proxy.url).port);
  const login = (text: string) => `Proxy-Authorization: Basic ${btoa(text)}\r\n`;
  try {
    const connect = "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n";
    assert.match(await said(port, `${connect}\r\n`), /^HTTP\/1\.1 407 .*Basic/s);
    assert.match(await said(port, `${connect}${login("ann:no")}\r\n`), /^HTTP\/1\.1 407/);
    assert.match(await said(port, `${connect}${login("ann:p:w")}\r\n`), /^HTTP\/1\.1 502/);
    assert.deepEqual(proxy.calls.map(({ status }) => status), [407, 407, 502]);
    assert.equal(proxy.calls[0]?.target, "a.example:443");
  } finally {
    await proxy.stop();
  }
});

Deno.test("a whole URL becomes a path for its server, which hears nothing of the proxy's credentials", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) =>
      new Response(
        `${new URL(request.url).pathname} ${request.headers.has("proxy-authorization")}`,
      ),
  );
  const proxy = startProxy({
    portOf: (target) => target === "a.example:80" ? server.addr.port : 0,
  });
  try {
    const port = Number(new URL(proxy.url).port);
    const text =
      "GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\nProxy-Authorization: q\r\n\r\n";
    assert.match(await said(port, text, "false"), /\/x false/);
    assert.deepEqual(proxy.calls, [{ method: "GET", target: "a.example:80", status: 200 }]);
  } finally {
    await proxy.stop();
    await server.shutdown();
  }
});

Deno.test("a caller that says nonsense, or nothing, costs the proxy nothing", async () => {
  const proxy = startProxy({ portOf: () => undefined });
  const port = Number(new URL(proxy.url).port);
  try {
    assert.match(await said(port, "hello\r\n\r\n"), /502/);
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    assert.match(await said(port, "CONNECT x:1 HTTP/1.1\r\n\r\n"), /502/);
  } finally {
    await proxy.stop();
  }
});
