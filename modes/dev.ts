/** The mode `dev` as a row. Pure. It has no sandbox of its own: what it starts of the product has. */
import { checkDevConfig, type DevConfig, devFlags } from "./dev/options.ts";
import type { Mode } from "./mode.ts";

export const devMode: Mode<DevConfig> = {
  summary: "Watch the whole product at work against a simulated cluster and a simulated GitHub.",
  flags: devFlags,
  check: checkDevConfig,
  sandbox: () => undefined,
  rules: [],
};
