/** Where calls to GitHub go, from the specs that say so: those of runner sets, listeners and runners agree in it. Pure. */
import type { ProxyConfig, TlsConfig } from "../crds/shared_fields.ts";
import type { GitHubTarget } from "./reconcile/step.ts";

/** The members that the specs have in common. */
export interface TargetSpec {
  readonly githubConfigUrl?: string | undefined;
  readonly githubConfigSecret?: string | undefined;
  readonly proxy?: ProxyConfig | undefined;
  readonly githubServerTLS?: TlsConfig | undefined;
}

/** `namespace` is that of the runner set: what the spec names by name alone is there. */
export function gitHubTarget(namespace: string, spec: TargetSpec | undefined): GitHubTarget {
  const { githubConfigUrl = "", githubConfigSecret = "", proxy, githubServerTLS } = spec ?? {};
  return {
    namespace,
    configUrl: githubConfigUrl,
    secretName: githubConfigSecret,
    ...(proxy && { proxy }),
    ...(githubServerTLS && { serverTls: githubServerTLS }),
  };
}

/** The same text for targets that need the same. */
export function targetText(target: GitHubTarget): string {
  const { namespace, configUrl, secretName, proxy, serverTls } = target;
  return JSON.stringify([namespace, configUrl, secretName, proxy ?? null, serverTls ?? null]);
}
