import assert from "node:assert/strict";
import type { DocumentKey, Reading } from "../../controllers/documents.ts";
import {
  networkDocuments,
  networkFingerprint,
  networkSettings,
} from "../../controllers/network_settings.ts";
import type { GitHubTarget } from "../../controllers/reconcile/step.ts";
import { flattenedProxy } from "../../lib/proxy.ts";
import { loopbackIdentity } from "../../sim/tls.ts";
import { pure, TARGET } from "./situations.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const { ca: PEM } = await loopbackIdentity(NOW);
const LOGIN = { username: btoa("ann"), password: btoa("p@ss") };

function found(documents: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  return ({ kind, name }: DocumentKey): Reading => {
    const data = documents[`${kind} ${name}`];
    return data === undefined ? { found: "nothing" } : { found: "data", data };
  };
}

const tls = (ref: object): GitHubTarget => ({
  ...TARGET,
  serverTls: { certificateFrom: { configMapKeyRef: { name: "ca", key: "ca.crt", ...ref } } },
});
const PROXIED: GitHubTarget = {
  ...TARGET,
  proxy: {
    http: { url: "http://proxy.example:3128", credentialSecretRef: "login" },
    https: { url: "proxy.example:3128", credentialSecretRef: "login" },
    noProxy: ["a.example", "10.0.0.0/8"],
  },
};

pure("a target without either needs no document and goes the controller's own way", () => {
  assert.deepEqual(networkDocuments(TARGET), []);
  assert.deepEqual(networkSettings(TARGET, found({})), { rootCertificates: [] });
});

pure("the documents that are named are read once each, in the set's namespace", () => {
  const target = { ...PROXIED, serverTls: tls({}).serverTls ?? {} };
  assert.deepEqual(networkDocuments(target), [
    { kind: "Secret", namespace: TARGET.namespace, name: "login" },
    { kind: "ConfigMap", namespace: TARGET.namespace, name: "ca" },
  ]);
});

pure("ARS-17: proxies get the credentials of their Secrets", () => {
  const { proxy } = networkSettings(PROXIED, found({ "Secret login": LOGIN }));
  assert.deepEqual(proxy && flattenedProxy(proxy), {
    http_proxy: "http://ann:p%40ss@proxy.example:3128",
    https_proxy: "http://ann:p%40ss@proxy.example:3128",
    no_proxy: "a.example,10.0.0.0/8",
  });
});

pure("a proxy without a URL is none, as charts render empty values", () => {
  const target = { ...TARGET, proxy: { http: { url: "" }, https: {} } };
  assert.deepEqual(networkSettings(target, found({})).proxy, { noProxy: [] });
});

pure("ARS-18: certificates are taken as they are written", () => {
  const text = `# ours\n${PEM}`;
  const settings = networkSettings(tls({}), found({ "ConfigMap ca": { "ca.crt": text } }));
  assert.deepEqual(settings, { rootCertificates: [text] });
  const optional = networkSettings(tls({ optional: true }), found({}));
  assert.deepEqual(optional, { rootCertificates: [] });
});

const CA_FIELD = /^spec\.githubServerTLS\.certificateFrom\.configMapKeyRef/;
const BAD: readonly (readonly [
  claim: string,
  target: GitHubTarget,
  documents: Readonly<Record<string, Readonly<Record<string, string>>>>,
  field: RegExp,
])[] = [
  ["no reference", { ...TARGET, serverTls: {} }, {}, CA_FIELD],
  ["no name of a ConfigMap", tls({ name: "" }), {}, CA_FIELD],
  ["a ConfigMap that is not there", tls({}), {}, /"arc-runners\/ca", which does not exist/],
  ["a key that is not there", tls({}), { "ConfigMap ca": { other: PEM } }, /no key "ca\.crt"/],
  ["text that is no certificate", tls({}), { "ConfigMap ca": { "ca.crt": "x" } }, CA_FIELD],
  [
    "a URL that is none",
    { ...TARGET, proxy: { https: { url: "ftp://ann:hunter2@p.example" } } },
    {},
    /^spec\.proxy\.https\.url is "ftp:\/\/\[redacted\]@p\.example"/,
  ],
  ["a Secret that is not there", PROXIED, {}, /^spec\.proxy\.http\.credentialSecretRef names/],
  [
    "a Secret without a user name",
    PROXIED,
    { "Secret login": { password: "" } },
    /keys username and password/,
  ],
];

for (const [claim, target, documents, field] of BAD) {
  pure(`${claim} is refused by the name of its field`, () => {
    assert.throws(() => networkSettings(target, found(documents)), (thrown: Error) => {
      assert.equal(thrown.name, "InvalidInput");
      assert.match(thrown.message, field);
      assert.ok(!thrown.message.includes("hunter2"));
      return true;
    });
  });
}

pure("a document that may not be read is told in the words of the server", () => {
  const refused = () => ({ found: "refusal", message: "may not get" }) as const;
  assert.throws(() => networkSettings(tls({}), refused), /configMapKeyRef: may not get/);
});

pure("another password, or another certificate, is another way", () => {
  const of = (target: GitHubTarget, documents: Parameters<typeof found>[0]) =>
    networkFingerprint(networkSettings(target, found(documents)));
  const one = of(PROXIED, { "Secret login": LOGIN });
  assert.equal(of(PROXIED, { "Secret login": LOGIN }), one);
  assert.notEqual(of(PROXIED, { "Secret login": { ...LOGIN, password: "" } }), one);
  assert.notEqual(of(TARGET, {}), of({ ...TARGET, proxy: {} }, {}));
});
