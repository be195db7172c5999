/**
 * A credential plugin as a kubeconfig describes it: a program to run, and what it must be told. Runs nothing.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
import { isAbsolute, join } from "node:path";
import type { Entry } from "./kubeconfig_entry.ts";

/** Plain data, but its `env` may hold secrets. */
export interface ExecPlugin {
  /** The user of the kubeconfig whom it stands for. */
  readonly user: string;
  /** A name to be looked up in PATH, or an absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** JSON for the variable `KUBERNETES_EXEC_INFO`. */
  readonly info: string;
  /** What the kubeconfig says about getting the program; empty when nothing. */
  readonly installHint: string;
}

const VERSIONS = ["v1", "v1beta1"].map((version) => `client.authentication.k8s.io/${version}`);

/** The member `exec` of a user. Throws `InvalidInput`. `folder` is where relative paths begin. */
export function execPluginIn(
  exec: Entry,
  about: {
    readonly cluster: Entry;
    readonly server: string;
    readonly proxyUrl: string | undefined;
    readonly folder: string;
  },
): ExecPlugin {
  const apiVersion = exec.text("apiVersion") ?? "";
  if (!VERSIONS.includes(apiVersion)) {
    throw exec.wrong("apiVersion", `expected ${VERSIONS.join(" or ")} for exec`);
  }
  if (exec.text("interactiveMode") === "Always") {
    throw exec.refused("interactiveMode", "nobody is there to answer; it must not be Always");
  }
  const command = exec.required("command");
  const info = {
    kind: "ExecCredential",
    apiVersion,
    spec: {
      interactive: false,
      ...(exec.isTrue("provideClusterInfo") && { cluster: clusterInfo(about) }),
    },
  };
  return {
    user: exec.name,
    // As a shell: a name without a slash is looked up, anything else is a path.
    command: /[/\\]/.test(command) && !isAbsolute(command) ? join(about.folder, command) : command,
    args: exec.items("args").map(String),
    env: exec.items("env").map((item) => {
      const { name, value } = (item ?? {}) as { readonly name?: unknown; readonly value?: unknown };
      return { name: String(name ?? ""), value: String(value ?? "") };
    }).filter(({ name }) => name !== ""),
    info: JSON.stringify(info),
    installHint: (exec.text("installHint") ?? "").trim(),
  };
}

function clusterInfo(
  { cluster, server, proxyUrl }: {
    readonly cluster: Entry;
    readonly server: string;
    readonly proxyUrl: string | undefined;
  },
): Readonly<Record<string, unknown>> {
  const ca = cluster.text("certificate-authority-data");
  return {
    server,
    ...(ca && { "certificate-authority-data": ca }),
    ...(proxyUrl && { "proxy-url": proxyUrl }),
  };
}
