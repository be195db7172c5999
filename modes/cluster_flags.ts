/** How a person or a pod says which cluster is meant, and what a sandbox must allow for it. Pure. */
import { InvalidInput } from "../lib/errors.ts";
import { text } from "../lib/flag_parsers.ts";
import type { FlagTable } from "../lib/flags.ts";
import { controllerFlags, isOutside } from "../controllers/config.ts";
import { hostWord, serverWord } from "./github_net.ts";
import type { ClusterFlags, ClusterPlaces } from "./mode.ts";

/** A cluster that a kubeconfig names, or the one that our pod is in. */
export interface ClusterChoice extends ClusterFlags {
  /** Absent outside of a pod. */
  readonly kubeHost?: string | undefined;
  readonly kubePort: number;
  readonly serviceAccountDir: string;
}

/** For modes that help a person: the rows of the controller-manager, in a person's words. */
export const CLUSTER_FLAGS: FlagTable<ClusterChoice> = {
  kubeconfig: {
    ...controllerFlags.kubeconfig,
    help: "The file that names the cluster. In a pod without it: the pod's own cluster.",
  },
  context: {
    flag: "--context",
    parser: text(),
    placeholder: "NAME",
    help: "The context of that file, not the current one; of ~/.kube/config unless a kubeconfig " +
      "is named.",
  },
  home: controllerFlags.home,
  kubeHost: controllerFlags.kubeHost,
  kubePort: controllerFlags.kubePort,
  serviceAccountDir: { ...controllerFlags.serviceAccountDir, hidden: true },
};

/** Throws `InvalidInput` when no cluster is meant: one that was not named is never touched. */
export function checkClusterChoice(choice: ClusterChoice): void {
  if (choice.kubeHost || isOutside(choice)) return;
  throw new InvalidInput(
    "No cluster is named: expected --context NAME or --kubeconfig FILE (in a pod, " +
      "KUBERNETES_SERVICE_HOST is set)",
  );
}

/** The API server, and the proxy on the way to it, as words for a sandbox. */
export function clusterNet(
  choice: Pick<ClusterChoice, "kubeHost" | "kubePort">,
  places: ClusterPlaces | undefined,
): readonly string[] {
  if (places !== undefined) {
    return [places.server, places.proxy].flatMap((url) => url === undefined ? [] : [hostWord(url)]);
  }
  return choice.kubeHost === undefined ? [] : [serverWord(choice.kubeHost, choice.kubePort)];
}

/** The files that tell who we are. */
export function clusterFiles(
  choice: Pick<ClusterChoice, "serviceAccountDir">,
  places: ClusterPlaces | undefined,
): readonly string[] {
  return places?.paths ?? [choice.serviceAccountDir];
}
