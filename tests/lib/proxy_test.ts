import assert from "node:assert/strict";
import {
  flattenedProxy,
  parseProxyUrl,
  proxyFor,
  proxySettings,
  proxyVariables,
  withCredentials,
} from "../../lib/proxy.ts";

function pure(claim: string, test: () => void): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}

const VARIABLES = {
  http_proxy: "http://plain.example:3128",
  https_proxy: "http://tls.example:3128",
  no_proxy: "",
};

function chosen(url: string, noProxy = ""): string | undefined {
  return proxyFor(new URL(url), proxySettings({ ...VARIABLES, no_proxy: noProxy }))?.url;
}

pure("§20.30: https targets use only the https proxy, http targets only the http proxy", () => {
  assert.equal(chosen("https://api.github.com/orgs/acme"), "http://tls.example:3128");
  assert.equal(chosen("http://ghes.example/api"), "http://plain.example:3128");
  const onlyHttp = proxySettings({ ...VARIABLES, https_proxy: "" });
  assert.equal(proxyFor(new URL("https://api.github.com"), onlyHttp), undefined);
  const onlyHttps = proxySettings({ ...VARIABLES, http_proxy: "" });
  assert.equal(proxyFor(new URL("http://ghes.example"), onlyHttps), undefined);
});

/** no_proxy, URL, whether the proxy is passed by. */
const BYPASSES: readonly (readonly [noProxy: string, url: string, isDirect: boolean])[] = [
  ["", "https://api.github.com", false],
  ["*", "https://api.github.com", true],
  ["a.example,*", "http://api.github.com:81", true],
  ["10.0.0.0/8", "https://10.1.2.3", true],
  ["10.0.0.0/8", "https://11.1.2.3", false],
  ["10.0.0.0/8", "https://ten.example", false],
  ["10.0.0.0/33", "https://10.0.0.1", false],
  ["0.0.0.0/0", "https://203.0.113.9", true],
  ["fd00::/8", "https://[fd12:3456::1]", true],
  ["fd00::/8", "https://[fe12:3456::1]", false],
  ["fd00::/8", "https://10.1.2.3", false],
  ["10.1.0.0/16", "https://[::ffff:10.1.2.3]", true],
  ["10.1.2.3", "https://10.1.2.3:8443", true],
  ["10.1.2.3", "https://10.1.2.30", false],
  ["10.1.2.3:8443", "https://10.1.2.3:8443", true],
  ["10.1.2.3:8443", "https://10.1.2.3", false],
  ["[fd12::1]:443", "https://[fd12::1]", true],
  ["fd12:0::1", "https://[fd12::1]", true],
  ["example.org", "https://example.org", true],
  ["example.org", "https://a.b.example.org", true],
  ["example.org", "https://badexample.org", false],
  ["EXAMPLE.org", "https://Example.ORG", true],
  [" example.org ", "https://example.org", true],
  ["example.org.", "https://example.org", true],
  ["example.org", "https://example.org.", true],
  [".example.org", "https://a.example.org", true],
  [".example.org", "https://example.org", false],
  ["*.example.org", "https://a.example.org", true],
  ["*.example.org", "https://example.org", false],
  ["example.org:8443", "https://a.example.org:8443", true],
  ["example.org:8443", "https://example.org", false],
  ["example.org:443", "https://example.org", true],
  ["example.org:80", "http://example.org", true],
  ["other.example,,example.org", "https://example.org", true],
];

for (const [noProxy, url, isDirect] of BYPASSES) {
  pure(`§20.30: no_proxy "${noProxy}" ${isDirect ? "bypasses" : "does not concern"} ${url}`, () => {
    assert.equal(chosen(url, noProxy) === undefined, isDirect);
  });
}

const THIS_MACHINE = [
  "https://localhost",
  "http://LOCALHOST:8080",
  "https://127.0.0.1",
  "http://127.9.9.9:1",
  "https://[::1]:8443",
  "http://[::ffff:127.0.0.1]",
];

for (const url of THIS_MACHINE) {
  pure(`§20.30: ${url} is reached directly, always`, () => assert.equal(chosen(url), undefined));
}

pure("a proxy without a scheme is an http one; its credentials leave its URL", () => {
  assert.deepEqual(parseProxyUrl("proxy.example:3128", "f"), { url: "http://proxy.example:3128" });
  assert.deepEqual(parseProxyUrl("SOCKS5://proxy.example", "f"), { url: "socks5://proxy.example" });
  const server = parseProxyUrl("http://ann%40a:p%3Aw@proxy.example", "f");
  assert.equal(server.url, "http://proxy.example");
  assert.equal(server.credentials?.username, "ann@a");
  assert.equal(server.credentials?.password.reveal(), "p:w");
});

for (const text of ["", "http://", "ftp://proxy.example", "http://ann:secret@[", "a b"]) {
  pure(
    `§20.31: ${JSON.stringify(text)} is no proxy; the refusal names the field, no secret`,
    () => {
      assert.throws(() => parseProxyUrl(text, "spec.proxy.https.url"), (thrown: Error) => {
        assert.match(thrown.message, /^spec\.proxy\.https\.url is /);
        assert.ok(!thrown.message.includes("secret"));
        return true;
      });
    },
  );
}

pure("§20.31: a password in the settings does not print", () => {
  const settings = proxySettings({ ...VARIABLES, https_proxy: "http://ann:hunter2@p.example" });
  assert.ok(!JSON.stringify(settings).includes("hunter2"));
  assert.ok(!Deno.inspect(settings, { depth: 9 }).includes("hunter2"));
});

pure("upper case counts before lower case, an empty variable not at all", () => {
  const env = { HTTP_PROXY: "up", http_proxy: "low", HTTPS_PROXY: "", https_proxy: "low" };
  assert.deepEqual(proxyVariables(env), { http_proxy: "up", https_proxy: "low", no_proxy: "" });
});

pure("settings that are flattened and read again are the same", () => {
  const settings = {
    http: { url: "http://plain.example:3128" },
    https: withCredentials({ url: "http://tls.example" }, { username: "a/b", password: "p@:/é" }),
    noProxy: ["a.example", "10.0.0.0/8"],
  };
  const flat = flattenedProxy(settings);
  assert.deepEqual(flat, {
    http_proxy: "http://plain.example:3128",
    https_proxy: "http://a%2Fb:p%40%3A%2F%C3%A9@tls.example",
    no_proxy: "a.example,10.0.0.0/8",
  });
  assert.deepEqual(flattenedProxy(proxySettings(flat)), flat);
  assert.deepEqual(flattenedProxy({ noProxy: [] }), {
    http_proxy: "",
    https_proxy: "",
    no_proxy: "",
  });
});
