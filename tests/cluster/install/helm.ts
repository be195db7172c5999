/** Helm against a real control plane, as a person types it. Knows its command line, not what the charts hold. */
import { fileURLToPath } from "node:url";
import { stringify } from "../../../lib/yaml.ts";
import { programPath } from "../../chart/chart_test_case.ts";
import type { Facts } from "../facts.ts";

export type Values = Readonly<Record<string, unknown>>;

export interface Release {
  readonly name: string;
  readonly namespace: string;
  /** One of our charts by its name, or the folder of another. */
  readonly chart: string;
  readonly values?: Values;
}

const CHARTS = fileURLToPath(new URL("../../../chart/", import.meta.url));
export const CONTROLLER_CHART = `${CHARTS}gha-runner-scale-set-controller`;
export const RUNNER_SET_CHART = `${CHARTS}gha-runner-scale-set`;

/** `helm upgrade --install`, or another verb that takes a chart and values; the release is there when it returns. */
export async function helmRelease(
  facts: Facts,
  verb: readonly string[],
  { name, namespace, chart, values = {} }: Release,
): Promise<string> {
  const file = await Deno.makeTempFile({ dir: facts.folder, suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, stringify(values));
    return await helm(facts, [
      ...verb,
      name,
      chart,
      `--namespace=${namespace}`,
      `--values=${file}`,
    ]);
  } finally {
    await Deno.remove(file);
  }
}

/** Runs helm as the administrator; throws what it said when it fails. */
export async function helm(facts: Facts, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(programPath("helm"), {
    args: [...args, `--kubeconfig=${facts.kubeconfig}`],
    cwd: facts.folder,
    // Nothing of the person who runs the tests: no repositories, no plugins.
    env: {
      HELM_CONFIG_HOME: `${facts.folder}/helm`,
      HELM_CACHE_HOME: `${facts.folder}/helm`,
      HELM_DATA_HOME: `${facts.folder}/helm`,
    },
    stdin: "null",
  }).output();
  if (success) return new TextDecoder().decode(stdout).trim();
  throw new Error(`helm ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
