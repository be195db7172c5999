/** Whether somebody serves the runner sets of a namespace already: two controllers would undo each other's work. */
import { servedNamespaces } from "../../controllers/rights.ts";
import type { KubeClient } from "../../kube/client.ts";
import { isForbidden } from "../../kube/errors.ts";
import { holderOf } from "../../kube/lease_record.ts";
import { DEPLOYMENTS, LEASES } from "../../kube/resources.ts";
import { type Deployment, keyOf, keyText, type Lease } from "../../kube/types.ts";
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
  /** Sentences: where could not be looked. */
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
  const seen = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await ask();
    } catch (thrown) {
      if (!isForbidden(thrown)) throw thrown;
      unseen.push(messageOf(thrown));
      return undefined;
    }
  };
  const controllers = (within: string) =>
    seen(() =>
      kube.list(DEPLOYMENTS, { namespace: within, labelSelector: CONTROLLER_SELECTOR, signal })
    );
  const deployments = await controllers("") ?? await controllers(namespace) ?? [];
  const lease = await seen(() => kube.get(LEASES, { namespace, name: LEASE_NAME }, { signal }));
  return { found: rivalAmong({ deployments, lease, namespace, now }), unseen };
}

/** Pure. */
export function rivalAmong(of: {
  readonly deployments: readonly Deployment[];
  readonly lease: Lease | undefined;
  readonly namespace: string;
  readonly now: Date;
}): string | undefined {
  const { deployments, lease, namespace, now } = of;
  if (lease !== undefined && isHeld(lease, now)) {
    return `"${holderOf(lease)}" holds the lease "${keyText(keyOf(lease))}"`;
  }
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
