/**
 * Certificates that the environment names, as Go's programs know it. Pure. The platform looks at them only when it is told
 * to, and then fails for good when they are not there.
 */

/** A file of PEM text. */
export const CERTIFICATE_FILE = "SSL_CERT_FILE";
/** By which the platform is told where to look for certificates; read when the first connection is made. */
export const CERTIFICATE_STORE = "DENO_TLS_CA_STORE";

/** What the platform has to be told, beside what it trusts anyway; `undefined`: nothing. */
export function certificateStore(
  env: Readonly<Record<string, string | undefined>>,
  canRead: (path: string) => boolean,
): string | undefined {
  const path = env[CERTIFICATE_FILE] ?? "";
  if (path === "" || env[CERTIFICATE_STORE]) return undefined;
  return canRead(path) ? "mozilla,system" : undefined;
}
