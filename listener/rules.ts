/** What a listener may ask of the cluster. Pure data; whoever starts listeners grants it. */
import { GROUP } from "../crds/group.ts";
import type { PolicyRule } from "../kube/types.ts";

/**
 * In the namespace of the runner set: the two rules of ARC, in its order (spec listener.md §6.5). They allow no reading.
 */
export function listenerRules(
  listener: { readonly ephemeralRunnerSetName: string },
): readonly PolicyRule[] {
  return [
    {
      apiGroups: [GROUP],
      resources: ["ephemeralrunnersets"],
      resourceNames: [listener.ephemeralRunnerSetName],
      verbs: ["patch"],
    },
    {
      apiGroups: [GROUP],
      resources: ["ephemeralrunners", "ephemeralrunners/status"],
      verbs: ["patch"],
    },
  ];
}

/** In the namespace of the AutoscalingListener: to follow its own limits (B3). Without it the document's hold. */
export function watchRules(listener: { readonly name: string }): readonly PolicyRule[] {
  return [
    {
      apiGroups: [GROUP],
      resources: ["autoscalinglisteners"],
      resourceNames: [listener.name],
      verbs: ["get", "list", "watch"],
    },
  ];
}
