/** What a release pushes, what the charts pull and what the pages name are one image and one version. */
import assert from "node:assert/strict";
import { parseDocuments } from "../../lib/yaml.ts";
import { textOf } from "./tree.ts";

const CONTROLLER = "chart/gha-runner-scale-set-controller";

interface Workflow {
  readonly env: { readonly IMAGE: string };
  readonly jobs: {
    readonly publish: {
      readonly steps: readonly { readonly with?: Readonly<Record<string, unknown>> }[];
    };
  };
}

function yaml<T>(path: string): T {
  return parseDocuments(textOf(path), path)[0]?.value as T;
}

const { version }: { readonly version: string } = JSON.parse(textOf("deno.json"));
const { image } = yaml<{ readonly image: { readonly repository: string } }>(
  `${CONTROLLER}/values.yaml`,
);

Deno.test("the image that a release pushes is the one that the controller's chart pulls by default", () => {
  const { env, jobs } = yaml<Workflow>(".github/workflows/release.yaml");
  const [tags] = jobs.publish.steps.flatMap((step) => step.with?.["tags"] ?? []);
  const [owner] = /(?<=^ghcr\.io\/)[^/]+/.exec(image.repository) ?? [];
  assert.equal(env.IMAGE.replace("${{ github.repository_owner }}", owner ?? ""), image.repository);
  assert.equal(tags, "${{ env.IMAGE }}:${{ env.VERSION }}");
  const chart = yaml<{ readonly appVersion: string }>(`${CONTROLLER}/Chart.yaml`);
  assert.equal(chart.appVersion, version, "the tag, as VERSION is that of deno.json");
});

Deno.test("the image that the pages name is that one", () => {
  const named = textOf("docs/operate.md").matchAll(/--image=(\S+)/g).map(([, name]) => name)
    .toArray();
  assert.deepEqual(named, [`${image.repository}:${version}`]);
});
