/** Whether somebody serves the runner sets of a namespace already: two controllers would undo each other's work. */
import { servedNamespaces } from "../../controllers/rights.ts";
import {
  AUTOSCALING_LISTENERS,
  type AutoscalingListener,
} from "../../crds/autoscaling_listener.ts";
import type { KubeClient } from "../../kube/client.ts";
import { isForbidden, isNotFound } from "../../kube/errors.ts";
import { holderOf } from "../../kube/lease_record.ts";
import { DEPLOYMENTS, LEASES } from "../../kube/resources.ts";
import {
  type Deployment,
  keyOf,
  keyText,
  type KubeObject,
  type Lease,
  type ResourceType,
} from "../../kube/types.ts";
import { messageOf } from "../../lib/errors.ts";
import {
  configOfDeployment,
  CONTROLLER_SELECTOR,
  isHeld,
  LEASE_NAME,
} from "../installed_controllers.ts";

export interface Rivals {
  /** A sentence about the one that serves the namespace; `undefined`: nobody was found. */
  readonly found: string | undefined;
  /** Sentences: what could not be seen, or does not say it. */
  readonly unseen: readonly string[];
}

/** Throws `KubeError` for anything but what we may not see. */
export async function rivalsIn(
  kube: Pick<KubeClient, "get" | "list">,
  namespace: string,
  look: { readonly now: Date; readonly signal: AbortSignal },
): Promise<Rivals> {
  const { now, signal } = look;
  const unseen: string[] = [];
  const listed = async <T extends KubeObject>(
    type: ResourceType<T>,
    within: string,
    labelSelector?: string,
  ): Promise<readonly T[] | undefined> => {
    try {
      return await kube.list(type, { namespace: within, labelSelector, signal });
    } catch (thrown) {
      if (!isForbidden(thrown) && !isNotFound(thrown)) throw thrown;
      unseen.push(messageOf(thrown));
      return undefined;
    }
  };
  /** Where the whole cluster may not be seen, the namespace has to do. */
  const all = async <T extends KubeObject>(type: ResourceType<T>, labelSelector?: string) =>
    await listed(type, "", labelSelector) ?? await listed(type, namespace, labelSelector) ?? [];
  const deployments = await all(DEPLOYMENTS, CONTROLLER_SELECTOR);
  const leases = (await all(LEASES)).filter((lease) =>
    keyOf(lease).name === LEASE_NAME && isHeld(lease, now)
  );
  const isElsewhere = leases.some((lease) => keyOf(lease).namespace !== namespace);
  const listeners = isElsewhere ? await all(AUTOSCALING_LISTENERS) : [];
  const found = rivalAmong({ deployments, leases, listeners, namespace });
  return {
    found,
    unseen: found !== undefined ? unseen : [
      ...unseen,
      ...leases.map((lease) => `${heldText(lease)}, for nobody knows which namespaces`),
    ],
  };
}

/** `leases`: those that are held. Pure. */
export function rivalAmong(of: {
  readonly deployments: readonly Deployment[];
  readonly leases: readonly Lease[];
  readonly listeners: readonly AutoscalingListener[];
  readonly namespace: string;
}): string | undefined {
  const { deployments, leases, listeners, namespace } = of;
  // A controller's listeners live where it does.
  const homes = new Set(
    listeners.filter(({ spec }) => spec?.autoscalingRunnerSetNamespace === namespace)
      .map((listener) => keyOf(listener).namespace),
  );
  const lease = leases.find((lease) => {
    const home = keyOf(lease).namespace;
    return home === namespace || homes.has(home);
  });
  if (lease !== undefined) return heldText(lease);
  const rival = deployments.find((deployment) => {
    if (deployment.spec?.replicas === 0) return false;
    const served = servedNamespaces(configOfDeployment(deployment));
    return served.length === 0 || served.includes(namespace);
  });
  if (rival === undefined) return undefined;
  const name = keyOf(rival);
  return `Deployment "${keyText(name)}" serves it (kubectl -n ${name.namespace} scale ` +
    `deploy/${name.name} --replicas=0 stops it)`;
}

function heldText(lease: Lease): string {
  return `"${holderOf(lease)}" holds the lease "${keyText(keyOf(lease))}"`;
}
