/**
 * What a kubeconfig says: which server, whom to trust there, who we are. Knows the file format and says in one sentence
 * what cannot be used and why; reads no file itself. https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 */
import { dirname, isAbsolute, join } from "node:path";
import { InvalidInput } from "../lib/errors.ts";
import { Secret } from "../lib/secret.ts";
import { parseDocuments } from "../lib/yaml.ts";
import { type ExecPlugin, execPluginIn } from "./kubeconfig_exec.ts";
import { Entry } from "./kubeconfig_entry.ts";

export interface KubeconfigText {
  /** Absolute; paths in the file are relative to its folder. */
  readonly path: string;
  readonly text: string;
}

/** Text that stands in the kubeconfig, or the absolute path of the file that holds it. */
export type Source = { readonly text: Secret<string> } | { readonly path: string };

/** How we prove who we are. All absent: not at all. */
export interface Credentials {
  readonly certificate?: { readonly cert: Source; readonly key: Source };
  /** A file comes before a token that stands in the kubeconfig. */
  readonly token?: Source;
  readonly basic?: { readonly username: string; readonly password: Secret<string> };
  /** Asked only when nothing above is there. */
  readonly exec?: ExecPlugin;
}

/** One context of a kubeconfig, complete and checked. */
export interface ClusterAccess {
  readonly context: string;
  /** Where the context is written. */
  readonly path: string;
  /** Scheme, host, port and perhaps a path, without a slash at the end. */
  readonly server: string;
  /** PEM of the authorities. Absent: those of the system. */
  readonly ca: Source | undefined;
  readonly proxyUrl: string | undefined;
  /** The context's own; absent: none is named. */
  readonly namespace: string | undefined;
  readonly user: string;
  readonly credentials: Credentials;
}

/**
 * The context called `wanted`, or the current one. Of several files the first that says something counts, as in
 * `KUBECONFIG`. Throws {@link InvalidInput}; no message holds a credential.
 */
export function clusterAccess(files: readonly KubeconfigText[], wanted?: string): ClusterAccess {
  const merged = files.map(documentOf);
  const names = merged.map(({ path }) => path).join(", ");
  const context = chosenContext(merged, { wanted, names });
  const about = `context "${context.name}" of ${context.path}`;
  const cluster = named(merged, {
    list: "clusters",
    item: "cluster",
    name: context.required("cluster"),
    about,
  });
  const userName = context.text("user") ?? "";
  const user = userName === ""
    ? undefined
    : named(merged, { list: "users", item: "user", name: userName, about });
  const server = serverOf(cluster);
  const proxyUrl = proxyOf(cluster);
  return {
    context: context.name,
    path: context.path,
    server,
    ca: sourceOf(cluster, "certificate-authority"),
    proxyUrl,
    namespace: context.text("namespace"),
    user: userName,
    credentials: user === undefined ? {} : credentialsOf(user, { cluster, server, proxyUrl }),
  };
}

function documentOf(file: KubeconfigText): Entry {
  const value = parseDocuments(file.text, file.path)[0]?.value ?? {};
  const document = Entry.of(value, { path: file.path, name: "", what: "kubeconfig" });
  if (document !== undefined) return document;
  throw new InvalidInput(`${file.path} is no kubeconfig: expected a document of kind Config`);
}

function chosenContext(
  files: readonly Entry[],
  { wanted, names }: { readonly wanted: string | undefined; readonly names: string },
): Entry {
  const all = files.flatMap((file) => file.list("contexts", "context"));
  const choices = all.length === 0 ? "none" : all.map(({ name }) => name).join(", ");
  const current = files.map((file) => file.text("current-context")).find((name) => name);
  const name = wanted || current;
  if (!name) {
    throw new InvalidInput(
      `${names} has no current context: choose one of its contexts with --context: ${choices}`,
    );
  }
  const found = all.find((context) => context.name === name);
  if (found !== undefined) return found;
  throw new InvalidInput(`${names} has no context "${name}": its contexts are ${choices}`);
}

function named(
  files: readonly Entry[],
  wanted: {
    readonly list: string;
    readonly item: string;
    readonly name: string;
    readonly about: string;
  },
): Entry {
  const { list, item, name, about } = wanted;
  const found = files.flatMap((file) => file.list(list, item)).find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new InvalidInput(`The ${about} names the ${item} "${name}", which is not there`);
}

function serverOf(cluster: Entry): string {
  const text = cluster.required("server");
  const url = URL.parse(text.includes("://") ? text : `https://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "") {
    throw cluster.wrong("server", "expected the URL of an API server, https://HOST:PORT");
  }
  if (cluster.isTrue("insecure-skip-tls-verify")) {
    throw cluster.refused(
      "insecure-skip-tls-verify",
      "Deno cannot stop checking one connection alone, and we never stop checking all; name the " +
        "server's authority in certificate-authority-data instead",
    );
  }
  const name = cluster.text("tls-server-name");
  if (name && name !== url.hostname) {
    throw cluster.refused(
      "tls-server-name",
      "Deno asks for the certificate of the host that it connects to; give a server address " +
        `whose host is "${name}" instead`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function proxyOf(cluster: Entry): string | undefined {
  const text = cluster.text("proxy-url");
  if (!text) return undefined;
  if (/^(https?|socks5):$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw cluster.wrong("proxy-url", "expected http://, https:// or socks5:// with a host");
}

/** `<field>-data` in base64, or `<field>` as a path. */
function sourceOf(entry: Entry, field: string): Source | undefined {
  const data = entry.text(`${field}-data`);
  if (data) return { text: new Secret(decoded(entry, `${field}-data`, data)) };
  const path = entry.text(field);
  return path ? { path: beside(entry, path) } : undefined;
}

function decoded(entry: Entry, field: string, data: string): string {
  try {
    return atob(data.replaceAll(/\s/g, ""));
  } catch {
    throw entry.hidden(field, "expected base64");
  }
}

/** A path as written in the file that it stands in. */
function beside({ path }: Entry, written: string): string {
  return isAbsolute(written) ? written : join(dirname(path), written);
}

function credentialsOf(
  user: Entry,
  about: {
    readonly cluster: Entry;
    readonly server: string;
    readonly proxyUrl: string | undefined;
  },
): Credentials {
  if (user.has("auth-provider")) {
    throw user.refused(
      "auth-provider",
      "Kubernetes took these out of its clients in 1.26; have your cloud's tool write a user with exec",
    );
  }
  const acting = ["as", "as-uid", "as-groups", "as-user-extra"].find((field) => user.has(field));
  if (acting !== undefined) {
    throw user.refused(acting, "Longshore acts as nobody else; grant the user itself the rights");
  }
  const cert = sourceOf(user, "client-certificate");
  const key = sourceOf(user, "client-key");
  if ((cert === undefined) !== (key === undefined)) {
    const [there, lacking] = cert === undefined
      ? ["client-key", "client-certificate"]
      : ["client-certificate", "client-key"];
    throw user.refused(there, `it is of use only together with ${lacking}, which is not there`);
  }
  const tokenFile = user.text("tokenFile");
  const token = user.text("token");
  const username = user.text("username");
  const exec = user.entry("exec");
  return {
    ...(cert && key && { certificate: { cert, key } }),
    ...(tokenFile
      ? { token: { path: beside(user, tokenFile) } }
      : token
      ? { token: { text: new Secret(token) } }
      : username
      ? { basic: { username, password: new Secret(user.text("password") ?? "") } }
      : {}),
    ...(exec && { exec: execPluginIn(exec, { ...about, folder: dirname(user.path) }) }),
  };
}
