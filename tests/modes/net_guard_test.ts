import assert from "node:assert/strict";
import { NO_PROXIES, proxySettings } from "../../lib/proxy.ts";
import { guarded, isGranted } from "../../modes/net_guard.ts";

const GRANTED = ["github.com:443", "*.actions.githubusercontent.com:443", "127.0.0.1", "[::1]:80"];

const WORDS: readonly (readonly [word: string, granted: boolean])[] = [
  ["github.com:443", true],
  ["github.com:80", false],
  ["a.b.actions.githubusercontent.com:443", true],
  ["actions.githubusercontent.com:443", true],
  ["evilactions.githubusercontent.com:443", false],
  ["127.0.0.1:9", true],
  ["[::1]:80", true],
  ["[::1]:81", false],
];

for (const [word, granted] of WORDS) {
  Deno.test({
    name: `${word} is ${granted ? "inside" : "outside"} of the list, as Deno reads it`,
    permissions: "none",
    fn: () => assert.equal(isGranted(word, GRANTED), granted),
  });
}

function way(ask?: (words: readonly string[]) => void, proxy = NO_PROXIES) {
  const sent: string[] = [];
  const fetchFor = () => (request: Request) => {
    sent.push(request.url);
    return Promise.resolve(new Response());
  };
  const grant = { granted: GRANTED, added: [], ...(ask && { ask }) };
  const send = guarded(fetchFor, { grant, proxy })({ rootCertificates: [] });
  return { sent, send: (url: string) => send(new Request(url)) };
}

Deno.test("what is granted is sent", async () => {
  const { send, sent } = way();
  await (await send("https://github.com/x")).body?.cancel();
  assert.deepEqual(sent, ["https://github.com/x"]);
});

Deno.test("another host is asked for once, and nothing is sent", async () => {
  const asked: string[] = [];
  const { send, sent } = way((words) => asked.push(...words));
  for (let times = 0; times < 2; times++) {
    await assert.rejects(
      send("https://ghes.example/x"),
      /^Error: ghes\.example:443: being added to the sandbox, which takes a restart$/,
    );
  }
  assert.deepEqual([asked, sent], [["ghes.example:443"], []]);
});

Deno.test("a proxy is asked for together with the host behind it", async () => {
  const asked: string[] = [];
  const proxy = proxySettings({ http_proxy: "", https_proxy: "proxy.example:3128", no_proxy: "" });
  const { send } = way((words) => asked.push(...words), proxy);
  await assert.rejects(send("https://ghes.example/x"));
  assert.deepEqual(asked, ["ghes.example:443", "proxy.example:3128"]);
});

Deno.test("with a fixed list the refusal names the flag and stays", async () => {
  const { send } = way();
  await assert.rejects(
    send("https://ghes.example/x"),
    /^NotCapable: ghes\.example:443: outside of the sandbox \(--allowed-github-hosts\)$/,
  );
});

Deno.test("a link-local or metadata address is neither sent to nor asked for", async () => {
  const asked: string[] = [];
  const { send, sent } = way((words) => asked.push(...words));
  for (const host of ["169.254.169.254", "metadata.google.internal", "[fe80::1]"]) {
    await assert.rejects(send(`http://${host}/x`), /is link-local or a cloud's metadata/);
  }
  assert.deepEqual([asked, sent], [[], []]);
});
