/**
 * What `spec.proxy` and `spec.githubServerTLS` say, together with the Secrets and the ConfigMap that they name. Pure. What
 * is wrong is told by the field of the spec. Spec: controllers.md §4.4, §4.5.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { ProxyConfig, TlsConfig } from "../crds/shared_fields.ts";
import { certificatesIn } from "../lib/certificates.ts";
import { InvalidInput } from "../lib/errors.ts";
import type { NetworkSettings } from "../lib/network.ts";
import {
  flattenedProxy,
  parseProxyUrl,
  type ProxyServer,
  type ProxySettings,
  withCredentials,
} from "../lib/proxy.ts";
import { type DocumentKey, documentText, type Reading } from "./documents.ts";
import type { GitHubTarget } from "./reconcile/step.ts";

/** What was found of each document. */
export type Found = (key: DocumentKey) => Reading;

/** The Secret with the credentials for GitHub. */
export function credentialDocument(target: GitHubTarget): DocumentKey {
  return { kind: "Secret", namespace: target.namespace, name: target.secretName };
}

/** What has to be read before {@link networkSettings} can tell anything. */
export function networkDocuments(target: GitHubTarget): readonly DocumentKey[] {
  const { namespace, proxy, serverTls } = target;
  const secrets = SCHEMES.map((scheme) => proxy?.[scheme]?.credentialSecretRef ?? "")
    .filter((name) => name !== "");
  const configMap = serverTls?.certificateFrom?.configMapKeyRef?.name ?? "";
  return [
    ...[...new Set(secrets)].map((name) => ({ kind: "Secret", namespace, name }) as const),
    ...(configMap === "" ? [] : [{ kind: "ConfigMap", namespace, name: configMap } as const]),
  ];
}

/** Throws {@link InvalidInput} that begins with the field of the spec. */
export function networkSettings(target: GitHubTarget, found: Found): NetworkSettings {
  const { namespace, proxy, serverTls } = target;
  return {
    ...(proxy && { proxy: proxySettingsOf(proxy, namespace, found) }),
    rootCertificates: serverTls ? certificatesOf(serverTls, namespace, found) : [],
  };
}

/** Changes when the settings do. It may be guessed from where passwords are short: not to be shown. */
export function networkFingerprint({ proxy, rootCertificates }: NetworkSettings): string {
  const parts = [proxy === undefined ? null : flattenedProxy(proxy), rootCertificates];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

const SCHEMES = ["http", "https"] as const;

function proxySettingsOf(
  { http, https, noProxy = [] }: ProxyConfig,
  namespace: string,
  found: Found,
): ProxySettings {
  const forHttp = serverOf(http, { field: "spec.proxy.http", namespace, found });
  const forHttps = serverOf(https, { field: "spec.proxy.https", namespace, found });
  return { ...(forHttp && { http: forHttp }), ...(forHttps && { https: forHttps }), noProxy };
}

interface Where {
  readonly field: string;
  readonly namespace: string;
  readonly found: Found;
}

/** A proxy without a URL is none, as charts render empty values. */
function serverOf(
  config: ProxyConfig["http"],
  where: Where,
): ProxyServer | undefined {
  const { url = "", credentialSecretRef = "" } = config ?? {};
  if (url === "") return undefined;
  const server = parseProxyUrl(url, `${where.field}.url`);
  if (credentialSecretRef === "") return server;
  const field = `${where.field}.credentialSecretRef`;
  const key = { kind: "Secret", namespace: where.namespace, name: credentialSecretRef } as const;
  const data = dataOf(where.found(key), { field, key });
  const { username, password = "" } = data;
  if (username === undefined) {
    throw new InvalidInput(
      `${field} names ${documentText(key)}, which must have the keys username and password`,
    );
  }
  return withCredentials(server, { username: decoded(username), password: decoded(password) });
}

const TLS_FIELD = "spec.githubServerTLS.certificateFrom.configMapKeyRef";

function certificatesOf(
  { certificateFrom }: TlsConfig,
  namespace: string,
  found: Found,
): readonly string[] {
  const { name = "", key: dataKey = "", optional = false } = certificateFrom?.configMapKeyRef ?? {};
  if (name === "" || dataKey === "") {
    throw new InvalidInput(`${TLS_FIELD} must have name and key: of a ConfigMap with certificates`);
  }
  const key = { kind: "ConfigMap", namespace, name } as const;
  const reading = found(key);
  if (optional && reading.found === "nothing") return [];
  const pem = dataOf(reading, { field: TLS_FIELD, key })[dataKey];
  if (pem !== undefined) {
    certificatesIn(pem, `${TLS_FIELD}: ${documentText(key)}`);
    return [pem]; // as it is: the listener gets the user's own text
  }
  if (optional) return [];
  throw new InvalidInput(`${TLS_FIELD} names ${documentText(key)}, which has no key "${dataKey}"`);
}

function dataOf(
  reading: Reading,
  where: { readonly field: string; readonly key: DocumentKey },
): Readonly<Record<string, string>> {
  switch (reading.found) {
    case "data":
      return reading.data;
    case "nothing":
      throw new InvalidInput(
        `${where.field} names ${documentText(where.key)}, which does not exist`,
      );
    case "refusal":
      throw new InvalidInput(`${where.field}: ${reading.message}`);
    default:
      return reading satisfies never;
  }
}

function decoded(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
