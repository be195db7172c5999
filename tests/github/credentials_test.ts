import { deepEqual, equal, notEqual, ok, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { generateKeyPairSync, verify } from "node:crypto";
import {
  type AppCredential,
  appJwt,
  type Credential,
  credentialFingerprint,
  credentialFromSecret,
  parseCredential,
} from "../../github/credentials.ts";
import { InvalidInput } from "../../lib/errors.ts";

const KEYS = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PKCS1 = KEYS.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const PKCS8 = KEYS.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

const APP = {
  github_app_id: "Iv23liEXAMPLE",
  github_app_installation_id: "4815162",
  github_app_private_key: PKCS1,
};

function secretData(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, btoa(value)]));
}

function summary(credential: Credential): string {
  return credential.kind === "pat"
    ? `pat ${credential.token.reveal()}`
    : `app ${credential.appId} ${credential.installationId}`;
}

Deno.test("§20.7 §20.8 §20.9 the keys of a Secret give a token or an App", {
  permissions: "none",
}, () => {
  const rows: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ["a token", { github_token: "ghp_x" }, "pat ghp_x"],
    ["a token with a line end", { github_token: "ghp_x\r\n" }, "pat ghp_x"],
    ["a token and half an App", { github_token: "ghp_x", github_app_id: "7" }, "pat ghp_x"],
    [
      "a token and an App with installation 0",
      { github_token: "ghp_x", ...APP, github_app_installation_id: "0" },
      "pat ghp_x",
    ],
    ["a whole App", APP, "app Iv23liEXAMPLE 4815162"],
    [
      "an App with a PKCS#8 key and line ends",
      { ...APP, github_app_id: "7\n", github_app_private_key: PKCS8 },
      "app 7 4815162",
    ],
    ["keys of others beside", { ...APP, other: "x" }, "app Iv23liEXAMPLE 4815162"],
  ];
  for (const [name, fields, wanted] of rows) {
    equal(summary(credentialFromSecret(secretData(fields))), wanted, name);
  }
  const fromFile = parseCredential({ ...APP, github_app_installation_id: 4815162 });
  equal(summary(fromFile), "app Iv23liEXAMPLE 4815162");
});

Deno.test("§20.7 §20.8 §20.11 a wrong credential is refused by naming its key, without its value", {
  permissions: "none",
}, () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
    .export({ type: "pkcs8", format: "pem" }).toString();
  const rows: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    ["nothing", {}, /github_token, or github_app_id/],
    ["both", { github_token: "ghp_secret", ...APP }, /github_token and .* both/],
    ["no key", { ...APP, github_app_private_key: "" }, /github_app_private_key missing/],
    ["installation 0", { ...APP, github_app_installation_id: "0" }, /installation_id missing/],
    ["installation -5", { ...APP, github_app_installation_id: "-5" }, /installation_id missing/],
    ["junk", { ...APP, github_app_installation_id: "12x" }, /installation_id is not a whole/],
    [
      "junk beside a token",
      { github_token: "ghp_secret", github_app_installation_id: "12x" },
      /installation_id is not a whole/,
    ],
    ["a token in two lines", { github_token: "ghp_secret\nmore" }, /github_token contains/],
    ["no PEM", { ...APP, github_app_private_key: "secret-key" }, /github_app_private_key is not/],
    ["another algorithm", { ...APP, github_app_private_key: ec }, /cannot be read as an RSA/],
    [
      "a broken key",
      { ...APP, github_app_private_key: PKCS1.replace(/M/g, "N") },
      /cannot be read as an RSA/,
    ],
  ];
  for (const [name, fields, wanted] of rows) {
    throws(() => credentialFromSecret(secretData(fields)), (thrown: unknown) => {
      ok(thrown instanceof InvalidInput, name);
      ok(!/secret|BEGIN/.test(thrown.message), name);
      return wanted.test(thrown.message);
    }, name);
  }
  throws(() => credentialFromSecret({ github_token: "%%%" }), /github_token .* not base64/);
});

Deno.test(
  "§20.10 §20.11 the App's assertion has RS256, three claims and a signature that verifies",
  {
    permissions: "none",
  },
  () => {
    const now = new Date("2026-01-01T00:00:00.900Z");
    for (const key of [PKCS1, PKCS8]) {
      const app = parseCredential({ ...APP, github_app_private_key: key }) as AppCredential;
      const [head = "", claims = "", signature = ""] = appJwt(app, now).reveal().split(".");
      deepEqual(fromBase64url(head), { alg: "RS256", typ: "JWT" });
      deepEqual(fromBase64url(claims), { iat: 1767225540, exp: 1767226080, iss: "Iv23liEXAMPLE" });
      ok(verify(
        "RSA-SHA256",
        Buffer.from(`${head}.${claims}`),
        KEYS.publicKey,
        Buffer.from(signature, "base64url"),
      ));
    }
  },
);

Deno.test("equal credentials have equal fingerprints, which do not contain them", {
  permissions: "none",
}, () => {
  const print = (token: string) => credentialFingerprint(parseCredential({ github_token: token }));
  equal(print("ghp_a"), print("ghp_a"));
  notEqual(print("ghp_a"), print("ghp_b"));
  notEqual(print("ghp_a"), credentialFingerprint(parseCredential(APP)));
  ok(!print("ghp_a").includes("ghp_a"));
});

function fromBase64url(text: string): unknown {
  return JSON.parse(Buffer.from(text, "base64url").toString());
}
