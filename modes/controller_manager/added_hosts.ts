/**
 * Tells the runner sets for whose sake the sandbox was widened, as an Event on each (D6). By then the worker has been started
 * anew. Knows who names a host, not how it was added.
 */
import type { ControllerConfig } from "../../controllers/config.ts";
import { servedNamespaces } from "../../controllers/rights.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import type { KubeClient } from "../../kube/client.ts";
import { createEventRecorder } from "../../kube/events.ts";
import { isDeleting } from "../../kube/meta.ts";
import type { Clock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Logger } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import type { Task } from "../../lib/tasks.ts";
import { namedHosts } from "../github_net.ts";

export interface AddedHosts {
  readonly kube: KubeClient;
  readonly config: ControllerConfig;
  /** `host:port` words that an earlier worker asked for. */
  readonly added: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** A task that ends when there is nothing to tell, or with the signal. Best effort: what cannot be told is in the log. */
export function tellingAddedHosts(parts: AddedHosts): Task {
  const { kube, config, added, clock, random, log } = parts;
  return async (signal) => {
    if (added.length === 0) return;
    const events = createEventRecorder({
      client: kube,
      component: "longshore",
      clock,
      random,
      log,
    });
    for (const { set, hosts } of namersOf(added, await setsOf(parts, signal), config)) {
      events.record({
        about: set,
        type: "Normal",
        reason: "HostsAdded",
        note:
          `${hosts.join(", ")}: added to what the controller may contact, because this runner ` +
          "set names it; the controller was started anew. --allowed-github-hosts fixes the list",
      });
    }
    await events.run(signal);
  };
}

/** Who names which of these hosts. Pure; a set with a URL that is none names nothing. */
export function namersOf(
  added: readonly string[],
  sets: readonly AutoscalingRunnerSet[],
  { forceGhes }: Pick<ControllerConfig, "forceGhes">,
): readonly { readonly set: AutoscalingRunnerSet; readonly hosts: readonly string[] }[] {
  return sets.flatMap((set) => {
    const named = hostsOfSet(set, forceGhes !== undefined);
    const hosts = added.filter((host) => named.includes(host));
    return hosts.length === 0 || isDeleting(set) ? [] : [{ set, hosts }];
  });
}

function hostsOfSet({ spec }: AutoscalingRunnerSet, forceGhes: boolean): readonly string[] {
  const { githubConfigUrl = "", proxy, vaultConfig } = spec ?? {};
  try {
    return namedHosts({
      configUrl: githubConfigUrl,
      proxies: [proxy?.http?.url, proxy?.https?.url],
      vault: vaultConfig?.azureKeyVault?.url,
      forceGhes,
    });
  } catch {
    return []; // a condition of the set says what is wrong with it
  }
}

async function setsOf(
  { kube, config, log }: AddedHosts,
  signal: AbortSignal,
): Promise<readonly AutoscalingRunnerSet[]> {
  const served = servedNamespaces(config);
  const places = served.length === 0 ? [{}] : served.map((namespace) => ({ namespace }));
  try {
    const lists = places.map((place) => kube.list(AUTOSCALING_RUNNER_SETS, { ...place, signal }));
    return (await Promise.all(lists)).flat();
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    log.warn("Cannot tell runner sets of added hosts", { error: messageOf(thrown) });
    return [];
  }
}
