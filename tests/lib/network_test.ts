import assert from "node:assert/strict";
import { DeadlineExceeded, systemClock } from "../../lib/clock.ts";
import { certificatesIn } from "../../lib/certificates.ts";
import { createNetwork, OWN_NETWORK } from "../../lib/network.ts";
import { NO_PROXIES, type proxyFor, proxySettings } from "../../lib/proxy.ts";
import { serveLoopback } from "../../sim/loopback.ts";
import { startProxy } from "../../sim/proxy.ts";
import { loopbackIdentity } from "../../sim/tls.ts";

const CREDENTIALS = { username: "ann", password: "p@ss:word" };
const USER = "ann:p%40ss%3Aword@";

async function textOf(response: Promise<Response>): Promise<string> {
  return await (await response).text();
}

function settingsFor(proxyUrl: string, user = "") {
  const url = proxyUrl.replace("//", `//${user}`);
  return proxySettings({ http_proxy: url, https_proxy: url, no_proxy: "" });
}

/** The rules never proxy what is on this machine; everything here is. */
const onLoopbackToo: typeof proxyFor = (url, { http, https, noProxy }) => {
  if (noProxy.includes(url.port)) return undefined;
  return url.protocol === "https:" ? https : http;
};

Deno.test("§20.31: https goes through the proxy by CONNECT with Basic credentials, to a server of one's own CA", async () => {
  const tls = await loopbackIdentity(systemClock.now());
  const server = serveLoopback(() => Promise.resolve(new Response("hello")), tls);
  const proxy = startProxy({ credentials: CREDENTIALS, portOf: () => server.port });
  try {
    using network = createNetwork({
      proxy: NO_PROXIES,
      clock: systemClock,
      choose: onLoopbackToo,
    });
    const rootCertificates = certificatesIn(tls.ca, "ca.crt");
    const behind = network.fetchFor({ proxy: settingsFor(proxy.url, USER), rootCertificates });
    assert.equal(await textOf(behind(new Request(server.origin))), "hello");
    const target = `127.0.0.1:${server.port}`;
    assert.deepEqual(proxy.calls, [{ method: "CONNECT", target, status: 200 }]);
    const stranger = network.fetchFor({ proxy: settingsFor(proxy.url), rootCertificates });
    await assert.rejects(stranger(new Request(server.origin)));
    assert.equal(proxy.calls.at(-1)?.status, 407);
    const untrusting = network.fetchFor({ ...OWN_NETWORK, proxy: settingsFor(proxy.url, USER) });
    await assert.rejects(untrusting(new Request(server.origin)), TypeError);
  } finally {
    await proxy.stop();
    await server.stop();
  }
});

Deno.test("http goes through the proxy with its whole URL, unless the settings say directly", async () => {
  const server = serveLoopback((request) => Promise.resolve(new Response(request.url)));
  const proxy = startProxy({ credentials: CREDENTIALS, portOf: () => server.port });
  try {
    using network = createNetwork({
      proxy: settingsFor(proxy.url, USER),
      clock: systemClock,
      choose: onLoopbackToo,
    });
    const own = network.fetchFor(OWN_NETWORK);
    const post = new Request(`${server.origin}/api/v3?x=1`, { method: "POST", body: "{}" });
    assert.equal(await textOf(own(post)), `${server.origin}/api/v3?x=1`);
    const target = `127.0.0.1:${server.port}`;
    assert.deepEqual(proxy.calls, [{ method: "POST", target, status: 200 }]);
    for (const noProxy of [[], [String(server.port)]]) {
      const direct = noProxy.length === 0
        ? NO_PROXIES
        : { ...settingsFor(proxy.url, USER), noProxy };
      const fetch = network.fetchFor({ ...OWN_NETWORK, proxy: direct });
      await textOf(fetch(new Request(server.origin)));
    }
    assert.equal(proxy.calls.length, 1);
    using ruled = createNetwork({ proxy: settingsFor(proxy.url), clock: systemClock });
    await textOf(ruled.fetchFor(OWN_NETWORK)(new Request(server.origin)));
    assert.equal(proxy.calls.length, 1);
  } finally {
    await proxy.stop();
    await server.stop();
  }
});

Deno.test("§20.29: a CA of one's own is trusted where it was given, and nowhere else", async () => {
  const tls = await loopbackIdentity(systemClock.now());
  const server = serveLoopback(() => Promise.resolve(new Response("hello")), tls);
  try {
    using network = createNetwork({ proxy: NO_PROXIES, clock: systemClock });
    const rootCertificates = certificatesIn(tls.ca, "ca.crt");
    const trusting = network.fetchFor({ rootCertificates });
    assert.equal(await textOf(trusting(new Request(server.origin))), "hello");
    await assert.rejects(network.fetchFor(OWN_NETWORK)(new Request(server.origin)), TypeError);
  } finally {
    await server.stop();
  }
});

Deno.test("a request that ran into its deadline leaves no connection behind for the next", async () => {
  let connections = 0;
  const held = Promise.withResolvers<Response>();
  const seen = new Set<string>();
  const hangUp = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: hangUp.signal },
    (request, { remoteAddr }) => {
      const name = `${remoteAddr.hostname}:${remoteAddr.port}`;
      if (!seen.has(name)) connections++;
      seen.add(name);
      return request.url.endsWith("/hang") ? held.promise : new Response("hello");
    },
  );
  const origin = `http://127.0.0.1:${server.addr.port}`;
  try {
    using network = createNetwork({ proxy: NO_PROXIES, clock: systemClock });
    const own = network.fetchFor(OWN_NETWORK);
    await textOf(own(new Request(origin)));
    await textOf(own(new Request(origin)));
    assert.equal(connections, 1);
    const deadline = new AbortController();
    const hanging = own(new Request(`${origin}/hang`, { signal: deadline.signal }));
    deadline.abort(new DeadlineExceeded("No answer"));
    await assert.rejects(hanging, DeadlineExceeded);
    await textOf(own(new Request(origin)));
    assert.equal(connections, 2);
  } finally {
    held.resolve(new Response(""));
    hangUp.abort();
    await server.finished;
  }
});
