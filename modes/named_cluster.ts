/**
 * The cluster that a mode was told of by a kubeconfig, looked at before the mode has its sandbox: what is wrong with it is
 * said here, and what the sandbox must allow comes out. Plugins run here too, in the one thread that may start programs.
 */
import { systemClock } from "../lib/clock.ts";
import { checkAccess } from "../kube/connect_kubeconfig.ts";
import { type AskPlugin, credentialPlugin } from "../kube/credential_plugin.ts";
import { clusterAccess } from "../kube/kubeconfig.ts";
import {
  filesOf,
  kubeconfigPaths,
  PATH_SEPARATOR,
  readKubeconfigs,
} from "../kube/kubeconfig_files.ts";
import type { ClusterFlags, ClusterPlaces } from "./mode.ts";

export interface NamedCluster {
  /** The flags with nothing left open: absolute paths, the context that was chosen. */
  readonly flags: ClusterFlags;
  readonly places: ClusterPlaces;
  /** Absent when the context's user needs no plugin. */
  readonly askPlugin: AskPlugin | undefined;
}

/** Reads the kubeconfig and what it names. Throws `InvalidInput` for what cannot be used; runs and asks nothing. */
export async function namedCluster(flags: ClusterFlags): Promise<NamedCluster> {
  const paths = kubeconfigPaths(flags.kubeconfig, flags.home);
  const access = clusterAccess(await readKubeconfigs(paths), flags.context);
  await checkAccess(access, systemClock.now());
  const { exec } = access.credentials;
  return {
    flags: { kubeconfig: paths.join(PATH_SEPARATOR), context: access.context },
    places: {
      server: access.server,
      proxy: access.proxyUrl,
      paths: [...paths, ...filesOf(access)],
    },
    askPlugin: exec && credentialPlugin(exec, systemClock),
  };
}
