import assert from "node:assert/strict";
import { clusterAccess, type KubeconfigText } from "../../kube/kubeconfig.ts";
import { InvalidInput } from "../../lib/errors.ts";
import { stringify } from "../../lib/yaml.ts";

type Members = Readonly<Record<string, unknown>>;

/** A kubeconfig with one context, as most are. */
function config(
  parts: { readonly cluster?: Members; readonly user?: Members; readonly top?: Members } = {},
): readonly KubeconfigText[] {
  const document = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "home",
    clusters: [{ name: "c", cluster: { server: "https://kube.test:6443", ...parts.cluster } }],
    users: [{ name: "u", user: { ...parts.user } }],
    contexts: [
      { name: "home", context: { cluster: "c", user: "u", namespace: "here" } },
      { name: "work", context: { cluster: "c", user: "u" } },
    ],
    ...parts.top,
  };
  return [{ path: "/etc/kube/config", text: stringify(document) }];
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    assert.ok(thrown instanceof InvalidInput, String(thrown));
    return thrown.message;
  }
  assert.fail("was accepted");
}

Deno.test("the current context says where we go and as whom", () => {
  const access = clusterAccess(config({ user: { token: "abc" } }));
  assert.deepEqual(
    [access.context, access.server, access.namespace, access.user, access.path],
    ["home", "https://kube.test:6443", "here", "u", "/etc/kube/config"],
  );
  const { token } = access.credentials;
  assert.ok(token !== undefined && "text" in token);
  assert.equal(token.text.reveal(), "abc");
  assert.equal(access.ca, undefined);
});

Deno.test("another context can be wanted", () => {
  assert.equal(clusterAccess(config(), "work").context, "work");
});

const SERVERS: Readonly<Record<string, string>> = {
  "https://kube.test:6443/": "https://kube.test:6443",
  "https://rancher.test/k8s/clusters/c-1/": "https://rancher.test/k8s/clusters/c-1",
  "kube.test:6443": "https://kube.test:6443",
  "http://127.0.0.1:8001": "http://127.0.0.1:8001",
  "https://[fd00::1]:6443": "https://[fd00::1]:6443",
};
for (const [written, server] of Object.entries(SERVERS)) {
  Deno.test(`server ${written} is ${server}`, () => {
    assert.equal(clusterAccess(config({ cluster: { server: written } })).server, server);
  });
}

Deno.test("files are relative to the kubeconfig, and data comes before a file", () => {
  const access = clusterAccess(config({
    cluster: { "certificate-authority": "ca.crt" },
    user: {
      "client-certificate": "../u.crt",
      "client-certificate-data": btoa("CERT"),
      "client-key": "/keys/u.key",
      tokenFile: "token",
      token: "older",
    },
  }));
  const { certificate, token } = access.credentials;
  assert.deepEqual(access.ca, { path: "/etc/kube/ca.crt" });
  assert.ok(certificate !== undefined && "text" in certificate.cert);
  assert.equal(certificate.cert.text.reveal(), "CERT");
  assert.deepEqual(certificate.key, { path: "/keys/u.key" });
  assert.deepEqual(token, { path: "/etc/kube/token" });
});

Deno.test("a user name with a password is one way to be known, a token the better one", () => {
  const user = { username: "me", password: "pw" };
  const { basic } = clusterAccess(config({ user })).credentials;
  assert.equal(basic?.username, "me");
  assert.equal(basic?.password.reveal(), "pw");
  assert.equal(
    clusterAccess(config({ user: { ...user, token: "t" } })).credentials.basic,
    undefined,
  );
});

Deno.test("of several files the first that says something counts, each with paths of its own", () => {
  const [first] = config({ top: { "current-context": "", users: [] } });
  const second = {
    path: "/users/me/more",
    text: stringify({
      "current-context": "work",
      users: [{ name: "u", user: { tokenFile: "t" } }],
      clusters: [{ name: "c", cluster: { server: "https://ignored.test" } }],
    }),
  };
  assert.ok(first);
  const access = clusterAccess([first, second]);
  assert.equal(access.context, "work");
  assert.equal(access.server, "https://kube.test:6443");
  assert.deepEqual(access.credentials.token, { path: "/users/me/t" });
});

Deno.test("a server name that is the server's own host is no request at all", () => {
  clusterAccess(config({ cluster: { "tls-server-name": "kube.test" } }));
});

const REFUSED:
  readonly (readonly [string, readonly KubeconfigText[], string | undefined, RegExp])[] = [
    [
      "an unknown context, by naming those there are",
      config(),
      "prod",
      /has no context "prod": its contexts are home, work/,
    ],
    [
      "no current context",
      config({ top: { "current-context": "" } }),
      undefined,
      /has no current context: choose .* --context: home, work/,
    ],
    ["an empty file", [{ path: "/k", text: "" }], undefined, /\/k has no current context.*none/],
    ["text that is no YAML, with its line", [{ path: "/k", text: "a: [" }], undefined, /^\/k:1:/],
    ["a list", [{ path: "/k", text: "[]" }], undefined, /\/k is no kubeconfig/],
    [
      "a cluster that is not there",
      config({ top: { clusters: [] } }),
      undefined,
      /context "home" of \/etc\/kube\/config names the cluster "c", which is not there/,
    ],
    [
      "a user that is not there",
      config({ top: { users: [] } }),
      undefined,
      /names the user "u", which is not there/,
    ],
    [
      "no server",
      config({ cluster: { server: "" } }),
      undefined,
      /cluster "c" of \/etc\/kube\/config names no server/,
    ],
    [
      "a server that is no URL",
      config({ cluster: { server: "ftp://x" } }),
      undefined,
      /has server "ftp:\/\/x": expected/,
    ],
    [
      "trust in everybody",
      config({ cluster: { "insecure-skip-tls-verify": true } }),
      undefined,
      /insecure-skip-tls-verify, which cannot be used: .*certificate-authority-data/,
    ],
    [
      "another server name",
      config({ cluster: { "tls-server-name": "other" } }),
      undefined,
      /tls-server-name, which cannot be used: .*"other"/,
    ],
    [
      "a proxy of another kind",
      config({ cluster: { "proxy-url": "ftp://p" } }),
      undefined,
      /has proxy-url "ftp:\/\/p": expected/,
    ],
    [
      "data that is no base64",
      config({ cluster: { "certificate-authority-data": "%%" } }),
      undefined,
      /certificate-authority-data that cannot be read: expected base64/,
    ],
    [
      "a certificate without its key",
      config({ user: { "client-certificate": "a" } }),
      undefined,
      /sets client-certificate, .* together with client-key/,
    ],
    [
      "a key without its certificate",
      config({ user: { "client-key": "a" } }),
      undefined,
      /sets client-key, .* together with client-certificate/,
    ],
    [
      "the providers of old",
      config({ user: { "auth-provider": { name: "gcp" } } }),
      undefined,
      /auth-provider, which cannot be used: .*exec/,
    ],
    [
      "acting as somebody else",
      config({ user: { "as-groups": ["g"] } }),
      undefined,
      /sets as-groups, which cannot be used/,
    ],
    [
      "text that is none",
      config({ user: { token: 5 } }),
      undefined,
      /user "u" of \/etc\/kube\/config has a token that cannot be read: expected text/,
    ],
  ];
for (const [what, files, context, words] of REFUSED) {
  Deno.test(`refused in a sentence: ${what}`, () => {
    assert.match(refusal(() => clusterAccess(files, context)), words);
  });
}

Deno.test("no refusal quotes a credential", () => {
  const secret = "s3cr3t-value";
  const users = [
    { token: [secret] },
    { "client-key-data": `%${secret}` },
    { "client-key-data": btoa(secret) },
    { exec: { apiVersion: "none", env: [{ name: "A", value: secret }] } },
  ];
  for (const user of users) {
    assert.ok(!refusal(() => clusterAccess(config({ user }))).includes(secret));
  }
  for (const field of ["server", "proxy-url"]) {
    const cluster = { [field]: `ftp://me:${secret}@kube.test` };
    assert.ok(!refusal(() => clusterAccess(config({ cluster }))).includes(secret));
  }
});
