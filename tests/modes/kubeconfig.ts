/** The text of a kubeconfig with one context, by which tests name a cluster to the program. */
import { stringify } from "../../lib/yaml.ts";

export interface KubeconfigWords {
  readonly server: string;
  /** PEM of the authority of its certificate. */
  readonly ca?: string;
  /** Members of the cluster besides. */
  readonly cluster?: object;
  /** Members of the user, e.g. `token`. */
  readonly user?: object;
}

/** Its context, which is the current one, is called `x`. */
export function kubeconfigText({ server, ca, cluster, user = {} }: KubeconfigWords): string {
  const authority = ca === undefined ? {} : { "certificate-authority-data": btoa(ca) };
  return stringify({
    "current-context": "x",
    clusters: [{ name: "c", cluster: { server, ...authority, ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  });
}
