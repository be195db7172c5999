/** How the config URLs of sets are spelled for the simulated GitHub, which stands in for every host that they name. Pure. */
import type { ConfigUrl } from "../../github/config_url.ts";
import type { RunnerSetFacts } from "./runner_sets.ts";

/** The scope of a set as the simulated GitHub spells it. */
export function scopeKey({ scope, organization, repository, enterprise }: ConfigUrl): string {
  const key = {
    organization: `orgs/${organization}`,
    repository: `repos/${organization}/${repository}`,
    enterprise: `enterprises/${enterprise}`,
  };
  return key[scope].toLowerCase();
}

/** Text of the flag `--github-hosts` that sends every host which a set names to the simulated GitHub. */
export function hostOverrides(sets: readonly RunnerSetFacts[], githubUrl: string): string {
  const hosts = new Set(["github.com"]);
  for (const { configUrl } of sets) hosts.add(new URL(configUrl.text).host);
  return [...hosts].map((host) => `${host}=${githubUrl}`).join(",");
}
