/**
 * How a user proves to GitHub who they are: from the keys of a Secret (or of a listener's config file) to a token or an
 * App, and the App's signed assertion. Makes no request; what is wrong is found out before the first one.
 */
import { Buffer } from "node:buffer";
import { createHash, createPrivateKey, type KeyObject, sign } from "node:crypto";
import { InvalidInput } from "../lib/errors.ts";
import { Secret } from "../lib/secret.ts";

/** A personal access token: any token that GitHub takes as Bearer. */
export interface PatCredential {
  readonly kind: "pat";
  readonly token: Secret<string>;
}

/** An installation of a GitHub App. */
export interface AppCredential {
  readonly kind: "app";
  /** The App's number or its client id, as the user wrote it. */
  readonly appId: string;
  readonly installationId: number;
  /** PEM, PKCS#1 or PKCS#8, RSA, not encrypted; checked. */
  readonly privateKey: Secret<string>;
}

/** One or the other, checked: what remains wrong with it only GitHub can tell. */
export type Credential = PatCredential | AppCredential;

/** The four keys as plain text. In a config file or a vault the installation id is a number. */
export interface CredentialFields {
  readonly github_token?: string | undefined;
  readonly github_app_id?: string | undefined;
  readonly github_app_installation_id?: string | number | undefined;
  readonly github_app_private_key?: string | undefined;
}

const KEYS = [
  "github_token",
  "github_app_id",
  "github_app_installation_id",
  "github_app_private_key",
] as const;

/**
 * The credential in the `data` of a Kubernetes Secret (base64 values). Throws {@link InvalidInput} that names the key,
 * never its value. Rules: spec github-protocol.md §2.1.
 */
export function credentialFromSecret(data: Readonly<Record<string, string>>): Credential {
  return parseCredential(Object.fromEntries(KEYS.map((key) => [key, decoded(key, data[key])])));
}

/**
 * The credential in plain fields: a vault's document or a listener's config file. Line breaks at the end of the token
 * and of the ids are dropped (upstream sends them and fails); everything else is taken as it is.
 */
export function parseCredential(fields: CredentialFields): Credential {
  const token = withoutLineEnd(fields.github_token);
  const appId = withoutLineEnd(fields.github_app_id);
  const installationId = installationIdOf(fields.github_app_installation_id);
  const privateKey = fields.github_app_private_key ?? "";
  const isApp = appId !== "" && installationId > 0 && privateKey !== "";
  if (token !== "" && isApp) {
    throw new InvalidInput("github_token and the github_app_… keys are both set; wanted only one");
  }
  if (token !== "") {
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw new InvalidInput("github_token contains blanks or characters that no token has");
    }
    return { kind: "pat", token: new Secret(token) };
  }
  if (!isApp) throw new InvalidInput(missing({ appId, installationId, privateKey }));
  rsaKey(privateKey);
  return { kind: "app", appId, installationId, privateKey: new Secret(privateKey) };
}

/**
 * The assertion with which an App asks for an installation token: RS256, valid from a minute before `now` for nine
 * minutes, and no claim besides `iat`, `exp`, `iss`. Make a new one for each request (§2.4). Signed synchronously, so
 * that a run on virtual time stays on it.
 */
export function appJwt(app: AppCredential, now: Date): Secret<string> {
  const iat = Math.floor(now.getTime() / 1000) - 60;
  const head = base64url(JSON.stringify({ alg: "RS256", typ: "JWT" }));
  const claims = base64url(JSON.stringify({ iat, exp: iat + 540, iss: app.appId }));
  const text = `${head}.${claims}`;
  const signature = sign("RSA-SHA256", Buffer.from(text), rsaKey(app.privateKey.reveal()));
  return new Secret(`${text}.${signature.toString("base64url")}`);
}

/** The same text for the same credential, from which it cannot be learnt: a key for services, not for logs. */
export function credentialFingerprint(credential: Credential): string {
  const parts = credential.kind === "pat"
    ? ["pat", credential.token.reveal()]
    : ["app", credential.appId, credential.installationId, credential.privateKey.reveal()];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function decoded(key: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value)) {
    throw new InvalidInput(`${key} of the Secret is not base64`);
  }
  return Buffer.from(value, "base64").toString("utf8");
}

function withoutLineEnd(value: string | undefined): string {
  return (value ?? "").replace(/[\r\n]+$/, "");
}

/** 0 when absent, or when not positive: such an id counts as missing. */
function installationIdOf(value: string | number | undefined): number {
  const text = withoutLineEnd(String(value ?? ""));
  if (text === "") return 0;
  const id = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(id)) {
    throw new InvalidInput("github_app_installation_id is not a whole number");
  }
  return Math.max(0, id);
}

function missing(
  app: {
    readonly appId: string;
    readonly installationId: number;
    readonly privateKey: string;
  },
): string {
  const absent = [
    ...(app.appId === "" ? ["github_app_id"] : []),
    ...(app.installationId > 0 ? [] : ["github_app_installation_id"]),
    ...(app.privateKey === "" ? ["github_app_private_key"] : []),
  ];
  return absent.length === 3
    ? "No credential is given; wanted github_token, or github_app_id, github_app_installation_id and " +
      "github_app_private_key"
    : `${absent.join(" and ")} missing; a GitHub App needs github_app_id, ` +
      "github_app_installation_id and github_app_private_key";
}

/** The first PEM block, if it is a plain RSA private key. */
function rsaKey(text: string): KeyObject {
  const block = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/.exec(text);
  const kind = block?.[1] ?? "";
  const encrypted = block?.[0].includes("Proc-Type:") ?? false;
  if (!["RSA PRIVATE KEY", "PRIVATE KEY"].includes(kind) || encrypted) {
    throw new InvalidInput(
      "github_app_private_key is not a plain RSA private key in PEM (PKCS#1 or PKCS#8)",
    );
  }
  const key = keyIn(block?.[0] ?? "");
  if (key?.asymmetricKeyType !== "rsa") {
    throw new InvalidInput("github_app_private_key cannot be read as an RSA private key");
  }
  return key;
}

function keyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined; // the reason might quote the key
  }
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
