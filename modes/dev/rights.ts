/** What the controller may do in the simulated cluster: what the charts grant, and no more. Objects only. */
import {
  clusterRules,
  eventRules,
  leaderElectionRules,
  ownNamespaceRules,
  runnerNamespaceRules,
} from "../../controllers/rules.ts";
import type { KubeObject, ObjectKey } from "../../kube/types.ts";
import { type ControllerRights, grant } from "../../sim/world_objects.ts";

/** From the controller's chart. */
export const CONTROLLER_RIGHTS: ControllerRights = {
  cluster: [...clusterRules, ...eventRules],
  ownNamespace: [...ownNamespaceRules, ...leaderElectionRules],
};

/**
 * What the scale-set chart grants in the namespaces of runner sets, for those where the manifests grant nothing to the
 * controller: a set without a chart would be of no use.
 */
export function missingRights(
  objects: readonly KubeObject[],
  options: { readonly controller: ObjectKey; readonly namespaces: Iterable<string> },
): readonly KubeObject[] {
  const { controller, namespaces } = options;
  const granted = new Set(
    objects.filter((object) => binds(object, controller)).map(({ metadata }) =>
      metadata?.namespace
    ),
  );
  return [...new Set(namespaces)].filter((namespace) => !granted.has(namespace))
    .flatMap((namespace) =>
      grant(controller, { name: controller.name, rules: runnerNamespaceRules, namespace })
    );
}

function binds(object: KubeObject, account: ObjectKey): boolean {
  const { subjects } = object as {
    readonly subjects?: readonly { readonly name?: string; readonly namespace?: string }[];
  };
  return object.kind === "RoleBinding" && Array.isArray(subjects) &&
    subjects.some(({ name, namespace }) =>
      name === account.name && namespace === account.namespace
    );
}
