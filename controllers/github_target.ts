/** Where calls to GitHub go, from the specs that say so: those of runner sets, listeners and runners agree in it. Pure. */
import type { ProxyConfig, TlsConfig, VaultConfig } from "../crds/shared_fields.ts";
import type { GitHubTarget } from "./reconcile/step.ts";

/** How long GitHub may take to answer while others wait, in ms; a call's own retries would take minutes. */
export const ASK_MS = 10_000;

/** The members that the specs have in common. */
export interface TargetSpec {
  readonly githubConfigUrl?: string | undefined;
  readonly githubConfigSecret?: string | undefined;
  readonly proxy?: ProxyConfig | undefined;
  readonly githubServerTLS?: TlsConfig | undefined;
  readonly vaultConfig?: VaultConfig | undefined;
}

/** `namespace` is that of the runner set: what the spec names by name alone is there. */
export function gitHubTarget(namespace: string, spec: TargetSpec | undefined): GitHubTarget {
  const { githubConfigUrl = "", githubConfigSecret = "", proxy, githubServerTLS } = spec ?? {};
  const vaultType = spec?.vaultConfig?.type ?? "";
  return {
    namespace,
    configUrl: githubConfigUrl,
    secretName: githubConfigSecret,
    ...(proxy && { proxy }),
    ...(githubServerTLS && { serverTls: githubServerTLS }),
    ...(vaultType !== "" && { vaultType }),
  };
}

/** The same text for targets that need the same. */
export function targetText(target: GitHubTarget): string {
  const { namespace, configUrl, secretName, proxy, serverTls, vaultType } = target;
  const way = [proxy ?? null, serverTls ?? null];
  return JSON.stringify([
    namespace,
    configUrl,
    secretName,
    ...way,
    ...(vaultType ? [vaultType] : []),
  ]);
}

/** Whether two config URLs name the same place: GitHub knows no case, and slashes at the ends mean nothing. */
export function isSamePlace(a: string, b: string): boolean {
  const plain = (url: string) => url.replace(/^\/+|\/+$/g, "").toLowerCase();
  return plain(a) === plain(b);
}
