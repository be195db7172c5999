/**
 * Certificates and keys of one control plane: an authority, what it signs, and the key pair of ServiceAccount tokens.
 * Knows X.509; refuses to know who uses them.
 */

/** A certificate with its private key, both PEM. */
export interface Identity {
  readonly cert: string;
  /** PKCS#8. */
  readonly key: string;
}

export interface Authority {
  /** PEM: what servers and clients trust. */
  readonly ca: string;
  /** For a server on `127.0.0.1` and `localhost`. */
  server(name: string): Promise<Identity>;
  /** For a user of the API; groups as RBAC knows them. */
  client(user: string, groups?: readonly string[]): Promise<Identity>;
}

/** PEM of a signing key and of the key that checks it. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const HOUR_MS = 3_600_000;
const VALID_MS = 30 * 24 * HOUR_MS;

/** An authority of its own, valid from an hour before `now` for a month. */
export async function createAuthority(now: Date): Promise<Authority> {
  const x509 = await loadX509();
  const valid = {
    notBefore: new Date(now.getTime() - HOUR_MS),
    notAfter: new Date(now.getTime() + VALID_MS),
  };
  const keys = await newKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...valid,
    serialNumber: "01",
    name: "CN=longshore test cluster",
    keys,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  let serial = 1;

  async function issue(
    subject: Readonly<Record<string, readonly string[]>>,
    use: "serverAuth" | "clientAuth",
  ): Promise<Identity> {
    const own = await newKeys();
    const leaf = await x509.X509CertificateGenerator.create({
      ...valid,
      serialNumber: (++serial).toString(16).padStart(4, "0"),
      subject: Object.entries(subject).flatMap(([type, values]) =>
        values.map((value) => ({ [type]: [value] }))
      ),
      issuer: root.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ECDSA,
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[use]]),
        ...(use === "serverAuth"
          ? [
            new x509.SubjectAlternativeNameExtension([
              { type: "ip", value: "127.0.0.1" },
              { type: "dns", value: "localhost" },
            ]),
          ]
          : []),
      ],
    });
    return { cert: leaf.toString("pem"), key: await privatePem(x509, own.privateKey) };
  }

  return {
    ca: root.toString("pem"),
    server: (name) => issue({ CN: [name] }, "serverAuth"),
    client: (user, groups = []) => issue({ O: groups, CN: [user] }, "clientAuth"),
  };
}

/** A fresh key pair for the tokens of ServiceAccounts. */
export async function createTokenKeys(): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const spki = await crypto.subtle.exportKey("spki", keys.publicKey);
  return {
    privateKey: await privatePem(x509, keys.privateKey),
    publicKey: x509.PemConverter.encode(spki, "PUBLIC KEY"),
  };
}

type X509 = typeof import("@peculiar/x509");

async function privatePem(x509: X509, key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

function newKeys(): Promise<CryptoKeyPair> {
  const extractable = true;
  return crypto.subtle.generateKey(ECDSA, extractable, ["sign", "verify"]);
}

/** The library refuses to load without a metadata polyfill, of which it needs no more than "there is none". */
async function loadX509(): Promise<X509> {
  const reflect = Reflect as unknown as Record<string, unknown>;
  const none = () => undefined;
  reflect["getMetadata"] ??= none;
  reflect["getOwnMetadata"] ??= none;
  return await import("@peculiar/x509");
}
