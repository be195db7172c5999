/**
 * How a pod reaches its own API server: address from its environment, token and CA from mounted files, which are read
 * again as they change. Refuses to know the environment itself; the address is an argument.
 */
import type { Clock } from "../lib/clock.ts";
import { HouseError } from "../lib/errors.ts";
import type { Fetch } from "../lib/http.ts";
import { connectAs, type OwnConnection } from "./identity.ts";

export interface InClusterOptions {
  /** `KUBERNETES_SERVICE_HOST`: a name or an address, IPv6 without brackets. */
  readonly host: string;
  /** `KUBERNETES_SERVICE_PORT`. */
  readonly port: string | number;
  readonly clock: Clock;
  /** Where `token`, `ca.crt` and `namespace` are mounted. */
  readonly serviceAccountDir?: string;
  /** In place of the network, for tests. */
  readonly fetch?: Fetch;
}

/** Each has a network connection of its own: leases take a second one, so that a stuck list cannot cost the lead. */
export interface InClusterConnection extends OwnConnection {
  /** The namespace of our own pod; empty when the files do not tell. */
  readonly namespace: string;
}

/** A pod without its service account files, or not in a pod at all. Nothing helps but another start. */
export class NotInCluster extends HouseError {
  override readonly name = "NotInCluster";
  override readonly code = "kube_not_in_cluster";
  override readonly disposition = { kind: "stop" } as const;
}

export const SERVICE_ACCOUNT_DIR = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Reads the files now, once a minute (the kubelet replaces a token well before its end, the CA when it rotates), and
 * after the server refused us or could not be reached. Throws {@link NotInCluster}.
 */
export async function connectInCluster(options: InClusterOptions): Promise<InClusterConnection> {
  const dir = options.serviceAccountDir ?? SERVICE_ACCOUNT_DIR;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  // Started by hand with a token and a CA alone, a process does without.
  const namespace = (await mounted(`${dir}/namespace`).catch(() => "")).trim();
  const connection = await connectAs({
    server: `https://${host}:${options.port}`,
    clock: options.clock,
    fetch: options.fetch,
    load: async () => {
      const [ca, token] = await Promise.all([mounted(`${dir}/ca.crt`), mounted(`${dir}/token`)]);
      return { headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } };
    },
  });
  return { ...connection, namespace };
}

async function mounted(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new NotInCluster(`Cannot read ${path}: this is no pod with a service account`, { cause });
  }
}
