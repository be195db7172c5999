/**
 * How a program outside of the cluster reaches an API server: by a context of a kubeconfig. Knows how its credentials
 * are gathered and that they change; what the file may say is the business of `kubeconfig.ts`.
 */
import { X509Certificate } from "node:crypto";
import type { Clock } from "../lib/clock.ts";
import { InvalidInput } from "../lib/errors.ts";
import type { Fetch } from "../lib/http.ts";
import type { AskPlugin, PluginCredential } from "./credential_plugin.ts";
import { connectAs, type Identity, type OwnConnection } from "./identity.ts";
import { type ClusterAccess, clusterAccess, type Credentials } from "./kubeconfig.ts";
import { readKubeconfigs, textOf } from "./kubeconfig_files.ts";

export interface KubeconfigOptions {
  /** Absolute; of several the first that says something counts. */
  readonly paths: readonly string[];
  /** Absent: the current one. */
  readonly context?: string | undefined;
  readonly clock: Clock;
  /** Runs the plugin that the context's user names. Without it such a user cannot be used. */
  readonly askPlugin?: AskPlugin | undefined;
  /** In place of the network, for tests. */
  readonly fetch?: Fetch;
}

/** Each has a network connection of its own. */
export interface KubeconfigConnection extends OwnConnection {
  /** What was chosen, as it was at the start. */
  readonly access: ClusterAccess;
}

/**
 * Reads the kubeconfig and what it names now, once a minute, and after the server refused us or could not be reached, so
 * that a renewed one needs no restart; the server stays the same. Throws `InvalidInput` for what cannot be used, and
 * what the plugin's run does.
 */
export async function connectKubeconfig(options: KubeconfigOptions): Promise<KubeconfigConnection> {
  const { paths, context, clock, askPlugin } = options;
  const access = clusterAccess(await readKubeconfigs(paths), context);
  await checkAccess(access, clock.now());
  const connection = await connectAs({
    server: access.server,
    proxyUrl: access.proxyUrl,
    clock,
    fetch: options.fetch,
    load: async (how) => {
      const now = clusterAccess(await readKubeconfigs(paths), context ?? access.context);
      if (now.server !== access.server || now.proxyUrl !== access.proxyUrl) {
        throw new InvalidInput(
          `Context "${now.context}" of ${now.path} now names another server: start again to go there`,
        );
      }
      return await identityOf(now, (plugin) => {
        if (askPlugin !== undefined) return askPlugin(how);
        throw new InvalidInput(`User "${plugin.user}" needs the program "${plugin.command}"`);
      });
    },
  });
  return { ...connection, access };
}

async function identityOf(
  access: ClusterAccess,
  ask: (plugin: NonNullable<Credentials["exec"]>) => Promise<PluginCredential>,
): Promise<Identity> {
  const { certificate, token, basic, exec } = access.credentials;
  const ca = access.ca &&
    pem(await textOf(access.ca, "certificate-authority"), {
      holds: "CERTIFICATE",
      what: `certificate-authority of context "${access.context}" in ${access.path}`,
    });
  const own: PluginCredential = certificate === undefined ? {} : {
    certificate: {
      cert: await textOf(certificate.cert, "client-certificate"),
      key: await textOf(certificate.key, "client-key"),
    },
  };
  const bearer = token && (await textOf(token, "token")).trim();
  const isAsked = exec && !certificate && !token && !basic;
  const proof = isAsked ? await ask(exec) : { ...own, ...(bearer && { token: bearer }) };
  return {
    headers: proof.token
      ? { authorization: `Bearer ${proof.token}` }
      : basic
      ? { authorization: `Basic ${base64(`${basic.username}:${basic.password.reveal()}`)}` }
      : {},
    tls: { ca, certificate: proof.certificate && checkedPair(proof.certificate, access) },
  };
}

/** The platform accepts an authority that is none without a word. */
function pem(text: string, of: { readonly holds: string; readonly what: string }): string {
  if (text.includes(`-----BEGIN ${of.holds}-----`)) return text;
  throw new InvalidInput(`The ${of.what} holds no ${of.holds.toLowerCase()} in PEM`);
}

function checkedPair(
  pair: { readonly cert: string; readonly key: string },
  { user, path }: ClusterAccess,
) {
  pem(pair.cert, { holds: "CERTIFICATE", what: `client-certificate of user "${user}" in ${path}` });
  try {
    Deno.createHttpClient(pair).close();
  } catch (cause) {
    throw new InvalidInput(
      `The client-certificate and client-key of user "${user}" in ${path} are no pair in PEM`,
      { cause },
    );
  }
  return pair;
}

/**
 * What can be known of a context without asking anybody: its files can be read, its certificates are some, and still
 * valid. Throws `InvalidInput`. Asks no plugin.
 */
export async function checkAccess(access: ClusterAccess, now: Date): Promise<void> {
  await identityOf(access, () => Promise.resolve({}));
  const cert = access.credentials.certificate?.cert;
  if (cert === undefined) return;
  const end = endOf(await textOf(cert, "client-certificate"));
  if (end === undefined || end > now) return;
  throw new InvalidInput(
    `The client certificate of user "${access.user}" in ${access.path} ended on ` +
      `${end.toISOString().slice(0, 10)}: get a new kubeconfig from whoever gave you this one`,
  );
}

/** `undefined` for what is no certificate; whoever uses it says so. */
function endOf(pem: string): Date | undefined {
  try {
    return new Date(new X509Certificate(pem).validTo);
  } catch {
    return undefined;
  }
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
