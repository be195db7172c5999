/**
 * Certificates of the simulated cluster: an authority of its own and one server certificate for loopback, made anew for
 * every world. Keys never leave the process.
 */

export interface TlsIdentity {
  /** PEM of the authority: what clients trust. */
  readonly ca: string;
  /** PEM of the server's certificate. */
  readonly cert: string;
  /** PEM (PKCS#8) of the server's private key. */
  readonly key: string;
}

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
/** The clocks of clients may differ a little. */
const BACKDATED_MS = 3_600_000;
const VALID_MS = 365 * DAY_MS;

/** An authority and a certificate for `127.0.0.1`, `::1` and `localhost`, valid for a year from an hour before `now`. */
export async function loopbackIdentity(now: Date): Promise<TlsIdentity> {
  const x509 = await loadX509();
  const valid = {
    notBefore: new Date(now.getTime() - BACKDATED_MS),
    notAfter: new Date(now.getTime() + VALID_MS),
  };
  const [authority, server] = await Promise.all([
    newKeys(),
    newKeys(),
  ]);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...valid,
    serialNumber: "01",
    name: "CN=longshore simulated cluster",
    keys: authority,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const leaf = await x509.X509CertificateGenerator.create({
    ...valid,
    serialNumber: "02",
    subject: "CN=kube-apiserver",
    issuer: root.subject,
    publicKey: server.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
        { type: "dns", value: "localhost" },
      ]),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", server.privateKey);
  return {
    ca: root.toString("pem"),
    cert: leaf.toString("pem"),
    key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
  };
}

function newKeys(): Promise<CryptoKeyPair> {
  const extractable = true;
  return crypto.subtle.generateKey(ECDSA, extractable, ["sign", "verify"]);
}

/**
 * The library injects dependencies by decorators and refuses to load without a metadata polyfill, of which it needs no
 * more than "there is none". Loaded only when a world listens on sockets.
 */
async function loadX509(): Promise<typeof import("@peculiar/x509")> {
  const reflect = Reflect as unknown as Record<string, unknown>;
  const none = () => undefined;
  reflect["getMetadata"] ??= none;
  reflect["getOwnMetadata"] ??= none;
  return await import("@peculiar/x509");
}
