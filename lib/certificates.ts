/** Which certificates a PEM text holds. Pure; says what is no certificate before a connection fails because of it. */
import { X509Certificate } from "node:crypto";
import { InvalidInput } from "./errors.ts";

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * The certificates of a PEM text, one text each, in order; what stands between them is dropped. Throws
 * {@link InvalidInput} that begins with `field` when there is none, or one that cannot be read.
 */
export function certificatesIn(pem: string, field: string): readonly string[] {
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0) {
    throw new InvalidInput(
      `${field} holds no certificate, expected PEM with at least one block BEGIN CERTIFICATE`,
    );
  }
  for (const [at, block] of blocks.entries()) {
    if (isCertificate(block)) continue;
    throw new InvalidInput(
      `${field} cannot be used: certificate ${at + 1} of ${blocks.length} cannot be read`,
    );
  }
  return blocks.map((block) => `${block}\n`);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}
