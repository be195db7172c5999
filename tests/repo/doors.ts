/** Which file may import which package: one door each, so that a swap touches one file. Tests may import any. */

export interface Door {
  /** The key in the imports of `deno.json`. */
  readonly name: string;
  /** The file that imports it; `tests/` for what only tests need. */
  readonly door: string;
}

export const DOORS: readonly Door[] = [
  { name: "@logtape/logtape", door: "lib/logger.ts" },
  { name: "prom-client", door: "lib/metrics.ts" },
  { name: "yaml", door: "lib/yaml.ts" },
  { name: "kubernetes-types/", door: "kube/types.ts" },
  { name: "@kubernetes/client-node/", door: "kube/credential_plugin.ts" },
  { name: "@octokit/rest", door: "github/registration.ts" },
  { name: "@peculiar/x509", door: "sim/tls.ts" },
  { name: "rfc6902", door: "sim/kube/patch.ts" },
  { name: "@marcbachmann/cel-js", door: "sim/kube/cel.ts" },
  { name: "log-update", door: "modes/dev/display.ts" },
  { name: "fast-check", door: "tests/" },
];
