/**
 * What a test must know to use a control plane: addresses, credentials, files. Plain data, so that it travels from the
 * process that started it to those that use it.
 */
import type { Connection } from "../../kube/connection.ts";
import { createHttpClients } from "../../kube/http_clients.ts";
import type { Assets } from "./assets.ts";
import type { Identity, KeyPair } from "./certificates.ts";

export interface Facts {
  /** Base address of the API server. */
  readonly server: string;
  /** Base address of etcd's client port; plain HTTP on loopback. */
  readonly etcd: string;
  /** PEM of the authority behind all certificates. */
  readonly ca: string;
  /** A client certificate in the group `system:masters`. */
  readonly admin: Identity;
  /** What signs the tokens of ServiceAccounts. */
  readonly tokenKeys: KeyPair;
  /** Path of a kubeconfig of the administrator. */
  readonly kubeconfig: string;
  /** Path of the audit log: a JSON event a line. */
  readonly auditLog: string;
  /** Folder with everything that this control plane writes. */
  readonly folder: string;
  readonly assets: Assets;
}

export interface OwnConnection extends Connection, Disposable {}

/** As the administrator, by client certificate. */
export function adminConnection(facts: Facts): OwnConnection {
  return connectionWith(facts, { cert: facts.admin.cert, key: facts.admin.key, headers: {} });
}

/** With a bearer token; "" for none. */
export function tokenConnection(facts: Facts, token: string): OwnConnection {
  return connectionWith(facts, {
    headers: token === "" ? {} : { authorization: `Bearer ${token}` },
  });
}

function connectionWith(
  facts: Facts,
  { headers, ...identity }: {
    readonly cert?: string;
    readonly key?: string;
    readonly headers: Readonly<Record<string, string>>;
  },
): OwnConnection {
  const clients = createHttpClients({
    caCerts: [facts.ca],
    http1: true,
    http2: true,
    ...identity,
  } as Deno.CreateHttpClientOptions);
  return {
    server: facts.server,
    headers: () => Promise.resolve(headers),
    fetch: clients.fetch,
    abandon: clients.abandon,
    [Symbol.dispose]: () => clients[Symbol.dispose](),
  };
}

/** A kubeconfig (JSON is YAML) with everything inside, for one user. */
export function kubeconfigText(
  { server, ca }: Pick<Facts, "server" | "ca">,
  user: Identity | { readonly token: string },
): string {
  const credentials = "token" in user ? { token: user.token } : {
    "client-certificate-data": btoa(user.cert),
    "client-key-data": btoa(user.key),
  };
  return JSON.stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "test", cluster: { server, "certificate-authority-data": btoa(ca) } }],
      users: [{ name: "test", user: credentials }],
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      "current-context": "test",
    },
    null,
    2,
  );
}
