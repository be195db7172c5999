import assert from "node:assert/strict";
import { type ListenerConfigDocument, parseListenerConfig } from "../../crds/listener_config.ts";
import { silentLogger } from "../../lib/log.ts";
import type { NetworkSettings } from "../../lib/network.ts";
import { flattenedProxy } from "../../lib/proxy.ts";
import { Account, followAccount } from "../../listener/account.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { loopbackIdentity } from "../../sim/tls.ts";

const { ca: PEM } = await loopbackIdentity(new Date("2026-01-01T00:00:00Z"));
const DIRECT = { http_proxy: "", https_proxy: "", no_proxy: "" };
const PROXIED = { ...DIRECT, https_proxy: "http://ann:pw@proxy.example:3128" };

function aDocument(changes: Partial<ListenerConfigDocument> = {}): ListenerConfigDocument {
  return parseListenerConfig(JSON.stringify({
    configure_url: "https://github.com/acme",
    ephemeral_runner_set_namespace: "a",
    ephemeral_runner_set_name: "linux",
    max_runners: 5,
    runner_scale_set_id: 7,
    github_token: "ghp_one",
    log_level: "info",
    log_format: "json",
    ...changes,
  }));
}

function open(document = aDocument()) {
  const asked: NetworkSettings[] = [];
  const account = new Account({
    document,
    fetchFor: (settings) => {
      asked.push(settings);
      const name = String(asked.length);
      return () => Promise.resolve(new Response(name));
    },
    log: silentLogger,
  });
  let changes = 0;
  account.onChange(() => changes++);
  return {
    account,
    asked,
    changes: () => changes,
    newest: () => {
      const [credential] = account.credentials.candidates();
      return credential?.kind === "pat" ? credential.token.reveal() : credential?.appId;
    },
    way: async () => await (await account.fetch(new Request("https://github.com"))).text(),
  };
}

Deno.test("§20.29: a listener trusts server_root_ca besides the system's roots", () => {
  assert.deepEqual(open().asked, [{ rootCertificates: [] }]);
  assert.deepEqual(open(aDocument({ server_root_ca: PEM })).asked[0]?.rootCertificates, [PEM]);
});

for (const pem of ["nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]) {
  Deno.test(`§20.29: ${JSON.stringify(pem.slice(0, 12))} as server_root_ca is a start-up error`, () => {
    assert.throws(
      () => open(aDocument({ server_root_ca: pem })),
      /^InvalidInput: failed to parse root certificate: server_root_ca/,
    );
  });
}

Deno.test("a document whose credentials are in a vault is refused with what to do instead", () => {
  const vault = { vault_type: "azure_key_vault", vault_lookup_key: "github" };
  assert.throws(
    () => open(aDocument(vault)),
    /^InvalidInput: vault_type is "azure_key_vault", but .* remove its spec\.vaultConfig/,
  );
});

Deno.test("§20.30: the document's proxies count; without any, the process's own", () => {
  const { asked } = open(aDocument({ proxy: PROXIED }));
  assert.deepEqual(asked[0]?.proxy && flattenedProxy(asked[0].proxy), PROXIED);
  assert.equal(open().asked[0]?.proxy, undefined);
  assert.throws(() => open(aDocument({ proxy: { http_proxy: "ftp://x" } })), /http_proxy is/);
});

Deno.test("F30: another credential is tried from the next registration on, on the same way", async () => {
  const { account, newest, changes, asked, way } = open();
  account.take(aDocument());
  assert.deepEqual([newest(), changes()], ["ghp_one", 0]);
  account.take(aDocument({ github_token: "ghp_two", max_runners: 9 }));
  assert.deepEqual([newest(), changes(), asked.length, await way()], ["ghp_two", 1, 1, "1"]);
});

Deno.test("another proxy or certificate is the way from the next call on", async () => {
  const { account, changes, way } = open();
  account.take(aDocument({ proxy: PROXIED }));
  assert.equal(await way(), "2");
  account.take(aDocument({ proxy: { ...PROXIED, https_proxy: "http://ann:new@proxy.example" } }));
  account.take(aDocument({ proxy: DIRECT, server_root_ca: PEM }));
  assert.deepEqual([await way(), changes()], ["4", 3]);
});

Deno.test("a document that makes no sense changes nothing", async () => {
  const { account, newest, changes, way } = open();
  const bad = [
    { github_token: "ghp_two", server_root_ca: "nonsense" },
    { github_token: "ghp two", proxy: PROXIED },
    { github_token: "" },
  ];
  for (const change of bad) assert.throws(() => account.take(aDocument(change)));
  assert.deepEqual([newest(), changes(), await way()], ["ghp_one", 0, "1"]);
});

Deno.test("F30: the document is looked at every ten seconds; what cannot be read or used is passed over", async () => {
  const clock = new VirtualClock();
  const stopping = new AbortController();
  const text = (token: string) => JSON.stringify(aDocument({ github_token: token }));
  const state = { read: () => Promise.resolve(text("ghp_one")) };
  const { account, newest, changes } = open();
  const following = followAccount(
    { account, read: () => state.read(), clock, log: silentLogger },
    stopping.signal,
  );
  for (
    const [read, expected] of [
      [() => Promise.resolve(text("ghp_two")), "ghp_two"],
      [() => Promise.reject(new Error("no such file")), "ghp_two"],
      [() => Promise.resolve("{"), "ghp_two"],
      [() => Promise.resolve(text("")), "ghp_two"],
      [() => Promise.resolve(text("ghp_three")), "ghp_three"],
    ] as const
  ) {
    state.read = read;
    await clock.advance(10_000);
    assert.equal(newest(), expected);
  }
  assert.equal(changes(), 2);
  stopping.abort(new DOMException("over", "AbortError"));
  await following;
});
