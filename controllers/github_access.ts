/**
 * What a target needs to reach GitHub, read from the documents that its spec names: a credential and a way. Knows what is
 * wrong with them as they are written; what GitHub thinks of them it does not ask.
 */
import { createHash } from "node:crypto";
import {
  type Credential,
  credentialFingerprint,
  credentialFromSecret,
} from "../github/credentials.ts";
import { InvalidInput, messageOf } from "../lib/errors.ts";
import type { NetworkSettings } from "../lib/network.ts";
import { type DocumentKey, type Documents, documentText, type Reading } from "./documents.ts";
import {
  credentialDocument,
  type Found,
  networkDocuments,
  networkFingerprint,
  networkSettings,
} from "./network_settings.ts";
import type { GitHubTarget } from "./reconcile/step.ts";

/** A credential and its way to GitHub. */
export interface Access {
  readonly credential: Credential;
  readonly network: NetworkSettings;
  /** Of both. Tells nothing of them, and cannot be guessed from: a credential is long. */
  readonly fingerprint: string;
}

/** What is wrong, for a condition. */
export interface AccessProblem {
  readonly reason: string;
  readonly message: string;
  /** Present: with the way to GitHub, not with the credentials. */
  readonly about?: "network";
}

/** All that a target's spec names. */
export function documentsOf(target: GitHubTarget): readonly DocumentKey[] {
  return [credentialDocument(target), ...networkDocuments(target)];
}

/** What the cluster says should be used, no older than `maxAgeMs`. Throws what the API server's failure is. */
export async function readAccess(
  target: GitHubTarget,
  options: {
    readonly documents: Pick<Documents, "read">;
    readonly maxAgeMs: number;
    readonly signal: AbortSignal;
  },
): Promise<Access | AccessProblem> {
  if (target.vaultType !== undefined) return vaultProblem(target, target.vaultType);
  if (target.secretName === "") return { reason: "SecretMissing", message: "No Secret is named" };
  const read = await Promise.all(
    documentsOf(target).map(async (key) =>
      [documentText(key), await options.documents.read(key, options)] as const
    ),
  );
  const readings = new Map<string, Reading>(read);
  return accessOf(target, (key) => readings.get(documentText(key)) ?? { found: "nothing" });
}

/** Pure. */
export function accessOf(target: GitHubTarget, found: Found): Access | AccessProblem {
  if (target.vaultType !== undefined) return vaultProblem(target, target.vaultType);
  const key = credentialDocument(target);
  const secret = found(key);
  if (secret.found === "nothing") {
    return { reason: "SecretMissing", message: `${documentText(key)} does not exist` };
  }
  if (secret.found === "refusal") return { reason: "SecretForbidden", message: secret.message };
  const credential = tried(() => credentialFromSecret(secret.data));
  if (credential instanceof InvalidInput) {
    return { reason: "SecretInvalid", message: `${documentText(key)}: ${messageOf(credential)}` };
  }
  const network = tried(() => networkSettings(target, found));
  if (network instanceof InvalidInput) {
    const isProxy = network.message.startsWith("spec.proxy");
    return {
      reason: isProxy ? "ProxyInvalid" : "CertificateInvalid",
      message: messageOf(network),
      about: "network",
    };
  }
  return { credential, network, fingerprint: fingerprintOf(credential, network) };
}

/** A Secret that happens to have the name of the vault's entry is not what the user meant. */
function vaultProblem({ namespace }: GitHubTarget, type: string): AccessProblem {
  return {
    reason: "VaultUnsupported",
    message: `spec.vaultConfig.type is "${type}", but credentials are read from Secrets only; ` +
      `put them into a Secret of namespace "${namespace}", name it in spec.githubConfigSecret, ` +
      "and remove spec.vaultConfig",
  };
}

function tried<T>(read: () => T): T | InvalidInput {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return thrown;
    throw thrown;
  }
}

function fingerprintOf(credential: Credential, network: NetworkSettings): string {
  const parts = [credentialFingerprint(credential), networkFingerprint(network)];
  return createHash("sha256").update(parts.join(" ")).digest("hex");
}
