/** How other clients get into the simulated world. Pure, but for writing the one file that kubectl wants. */
import { stringify } from "../../lib/yaml.ts";

export interface Access {
  readonly kubeUrl: string;
  readonly ca: string;
  readonly token: string;
}

/** A kubeconfig with one cluster, one user and one context. */
export function kubeconfigText({ kubeUrl, ca, token }: Access): string {
  const name = "longshore-dev";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{
      name,
      cluster: { server: kubeUrl, "certificate-authority-data": btoa(ca) },
    }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
}

/** What a person needs to know to look around and to queue more jobs. */
export function accessText(
  places: { readonly kubeconfig: string; readonly githubUrl: string; readonly scaleSet: string },
): string {
  const { kubeconfig, githubUrl, scaleSet } = places;
  const job = JSON.stringify({ scaleSet, count: 5, durationMs: 10_000 });
  return [
    "The simulated world stays up until Ctrl-C.",
    `  kubeconfig   ${kubeconfig}`,
    `  GitHub       ${githubUrl}`,
    `  its control  ${githubUrl}/_sim/`,
    "Look around, and queue more jobs:",
    `  kubectl --kubeconfig ${kubeconfig} get autoscalingrunnersets,ephemeralrunners,pods -A`,
    `  curl -X POST ${githubUrl}/_sim/jobs -H 'content-type: application/json' -d '${job}'`,
  ].join("\n");
}
