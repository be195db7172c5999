/** The mode `dev` as a row. Pure. It has no sandbox of its own: what it starts of the product has. */
import { namedIn } from "./dev/cluster_options.ts";
import { checkDevConfig, type DevConfig, devFlags } from "./dev/options.ts";
import type { Mode } from "./mode.ts";

export const devMode: Mode<DevConfig> = {
  summary:
    "Watch the whole product at work against a simulated cluster, or run it here for a real one.",
  examples: [
    { does: "Twenty jobs in a simulated world", command: "longshore dev --jobs 20" },
    {
      does: "Jobs for a minute, while runners crash and GitHub has a bad day",
      command: "longshore dev --rate 2/s --for 1m --fail-rate 0.1 --chaos github",
    },
    {
      does: "Controller and listeners on this machine, for one namespace of a real cluster",
      command: "longshore dev --context staging --namespace arc-runners",
    },
  ],
  flags: devFlags,
  check: checkDevConfig,
  cluster: namedIn,
  sandbox: () => undefined,
  rules: [],
};
