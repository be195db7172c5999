/** The product's own ways to GitHub: under a budget for each credential, to the hosts that the flags say, by our name. */
import { createBudgets } from "../github/budget.ts";
import { overrideHosts, parseHostOverrides } from "../github/hosts.ts";
import { createActionsService } from "../github/service.ts";
import { thisProduct } from "../github/user_agent.ts";
import { createGitHubServices, type GitHubServices } from "./github_services.ts";
import type { LoopsOptions } from "./loops.ts";

/** One service for each place and credential, made when it is first needed. */
export function createGitHubClients(options: LoopsOptions): GitHubServices {
  const { kube, config, clock, random, log, metrics } = options;
  const hosts = parseHostOverrides(config.githubHosts);
  const budgets = createBudgets({ clock, metrics });
  return createGitHubServices({
    kube,
    clock,
    random,
    log: log.child("documents"),
    forceGhes: config.forceGhes !== undefined,
    onForget: (name) => budgets.forget(name),
    createService: (url, credential, { network, name }) =>
      createActionsService({
        config: url,
        credential,
        budget: (credential) => budgets.of(credential, { apiBase: url.apiBase, name }),
        fetch: overrideHosts(options.fetchFor(network), hosts),
        clock,
        random,
        userAgent: thisProduct("gha-scale-set-controller"),
        log: log.child("github"),
        metrics,
      }),
  });
}
