/** How a controller that is installed is recognised in a cluster, and what it was told. Pure. */
import { type ControllerConfig, controllerFlags, ignoredFlags } from "../controllers/config.ts";
import { LABELS, PART_OF } from "../crds/group.ts";
import { holderOf } from "../kube/lease_record.ts";
import { type Deployment, keyOf, type Lease } from "../kube/types.ts";
import { InvalidInput } from "../lib/errors.ts";
import { parseFlags } from "../lib/flags.ts";

const CONTROLLER_PART = "gha-rs-controller";

/** Selects a controller's Deployment: charts of ARC and ours set it. */
export const CONTROLLER_SELECTOR = `${LABELS.partOf}=${CONTROLLER_PART}`;

/** Selects the pods of controllers, listeners and runners: nobody wants to see all pods of a large cluster. */
export const PRODUCT_SELECTOR = `${LABELS.partOf} in (${PART_OF},${CONTROLLER_PART})`;

/** On the Deployment of our chart, whose version label is our own: the version of ARC whose resources it serves. */
const SPOKEN_VERSION = "longshore.dev/speaks-arc-version";

/** Of ARC's Deployments and ours: what the version labels of runner sets are compared with; `undefined`: it does not say. */
export function servedVersion({ metadata }: Deployment): string | undefined {
  return metadata?.annotations?.[SPOKEN_VERSION] ?? metadata?.labels?.[LABELS.version];
}

/** Name of the lease unless a flag says otherwise. */
export const LEASE_NAME: string = controllerFlags.leaderElectionId.default ?? "";

/** Somebody holds it, and renewed it within its time. */
export function isHeld(lease: Lease, now: Date): boolean {
  const { renewTime, leaseDurationSeconds = 15 } = lease.spec ?? {};
  const untilMs = Date.parse(renewTime ?? "") + leaseDurationSeconds * 1000;
  return holderOf(lease) !== "" && untilMs >= now.getTime();
}

/** What the flags of its pod say. */
export function configOfDeployment(deployment: Deployment): ControllerConfig {
  const spec = deployment.spec?.template.spec;
  const args = spec?.containers.find((one) => one.name === "manager")?.args ?? [];
  return controllerConfig(keyOf(deployment).namespace, args);
}

/** Arguments that nobody understands say nothing: the controller itself tells about them. */
export function controllerConfig(namespace: string, args: readonly string[]): ControllerConfig {
  const parse = (args: readonly string[]) =>
    parseFlags(controllerFlags, {
      args: [`--namespace=${namespace}`, "--image=any", ...args],
      ignored: ignoredFlags,
    }).config;
  try {
    return parse(args);
  } catch (thrown) {
    if (!(thrown instanceof InvalidInput)) throw thrown;
    return parse([]);
  }
}
