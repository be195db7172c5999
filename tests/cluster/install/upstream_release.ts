/**
 * Releases of ARC's charts in helm's books: a chart whose templates are ARC's rendered manifests, word by word, under
 * another name of the set. Knows where the manifests lie, not what they hold.
 */
import { stringify } from "../../../lib/yaml.ts";

const FIXTURES = new URL("../../../../shared/fixtures/", import.meta.url);
const VERSION = "0.14.2";

export interface UpstreamChart {
  /** As ARC called its chart. */
  readonly name: "gha-runner-scale-set-controller" | "gha-runner-scale-set";
  /** One of ARC's rendered manifests. */
  readonly manifests: string;
  /** Words that are replaced, everywhere. */
  readonly replaced?: readonly (readonly [from: string, to: string])[];
}

/** Writes a chart into `folder` and returns its own folder. */
export async function upstreamChart(
  folder: string,
  { name, manifests, replaced = [] }: UpstreamChart,
): Promise<string> {
  const chart = `${folder}/${name}`;
  let text = await Deno.readTextFile(new URL(manifests, FIXTURES));
  for (const [from, to] of replaced) text = text.replaceAll(from, to);
  await Deno.mkdir(`${chart}/templates`, { recursive: true });
  await Deno.writeTextFile(
    `${chart}/Chart.yaml`,
    stringify({ apiVersion: "v2", name, version: VERSION, appVersion: VERSION }),
  );
  await Deno.writeTextFile(`${chart}/templates/manifests.yaml`, text);
  return chart;
}
