/** A connection to the cluster that a mode was told of: by a kubeconfig, or as the pod that we are in. */
import { isOutside } from "../controllers/config.ts";
import { connectInCluster } from "../kube/connect.ts";
import type { OwnConnection } from "../kube/identity.ts";
import { systemClock } from "../lib/clock.ts";
import type { ClusterChoice } from "./cluster_flags.ts";
import type { ModeRun } from "./run.ts";

export interface ClusterLink extends Disposable {
  readonly connection: OwnConnection;
  /** Where we know the server from, in the middle of a sentence. */
  readonly whence: string;
}

/** Each call gives a network connection of its own. Throws what `connectKubeconfig` and `connectInCluster` do. */
export async function linkToCluster(
  choice: ClusterChoice,
  { askPlugin }: Pick<ModeRun, "askPlugin">,
): Promise<ClusterLink> {
  const clock = systemClock;
  if (isOutside(choice)) {
    // In a cluster nobody needs these, and what they bring along costs 15 MB.
    const [{ connectKubeconfig }, { kubeconfigPaths }] = await Promise.all([
      import("../kube/connect_kubeconfig.ts"),
      import("../kube/kubeconfig_files.ts"),
    ]);
    const paths = kubeconfigPaths(choice.kubeconfig, choice.home);
    const { context } = choice;
    const connection = await connectKubeconfig({ paths, context, clock, askPlugin });
    const { access } = connection;
    return linkOf(connection, `context "${access.context}" of ${access.path}`);
  }
  const connection = await connectInCluster({
    host: choice.kubeHost ?? "",
    port: choice.kubePort,
    clock,
    serviceAccountDir: choice.serviceAccountDir,
  });
  return linkOf(connection, "our pod's ServiceAccount");
}

function linkOf(connection: OwnConnection, whence: string): ClusterLink {
  return { connection, whence, [Symbol.dispose]: () => connection[Symbol.dispose]() };
}
