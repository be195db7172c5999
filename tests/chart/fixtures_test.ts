/** The same values in ARC's charts and in ours: what differs is what DIFFERENCES.md says. */
import assert from "node:assert/strict";
import { ARC_RUNNER_SETS, arcDocuments, arcIsAbsent, NEEDS_ARC } from "../crds/arc_fixtures.ts";
import { chartTest } from "./chart_test_case.ts";
import { type Difference, differencesBetween, explains, purposes } from "./difference.ts";
import { type Release, render } from "./render.ts";

const PAGE = Deno.readTextFileSync(new URL("../../chart/DIFFERENCES.md", import.meta.url));
const ROWS = purposes(PAGE);

const CONTROLLER: Release = {
  chart: "gha-runner-scale-set-controller",
  name: "arc",
  namespace: "arc-systems",
};

/** What the fixtures were rendered with: see their README. */
const VALUES: Readonly<Record<string, readonly [release: string, values: Release["values"]]>> = {
  "runner-set.yaml": ["arc-runner-set", {}],
  "runner-set-warm.yaml": [
    "arc-runner-set-warm",
    { minRunners: 3, maxRunners: 10, runnerScaleSetName: "warm-pool" },
  ],
  "runner-set-dind.yaml": ["dind", { containerMode: { type: "dind" } }],
  "runner-set-kubernetes.yaml": ["k8smode", {
    containerMode: {
      type: "kubernetes",
      kubernetesModeWorkVolumeClaim: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "standard",
        resources: { requests: { storage: "1Gi" } },
      },
    },
  }],
};

function runnerSet(file: string): Release {
  const [name = "", values] = VALUES[file] ?? [];
  return {
    chart: "gha-runner-scale-set",
    name,
    namespace: "arc-runners",
    values: {
      githubConfigUrl: "https://github.com/example-org",
      githubConfigSecret: { github_token: "ghp_exampleexampleexampleexample" },
      controllerServiceAccount: { name: "arc-gha-rs-controller", namespace: "arc-systems" },
      ...values,
    },
  };
}

const MANIFESTS: Readonly<Record<string, Release>> = {
  "controller.yaml": CONTROLLER,
  ...Object.fromEntries(ARC_RUNNER_SETS.map((file) => [file, runnerSet(file)])),
};

const comparisons = new Map<string, Promise<readonly Difference[]>>();

/** What differs in one of ARC's manifests. Rendered once, whichever test asks first. */
function differencesIn(file: string): Promise<readonly Difference[]> {
  const known = comparisons.get(file) ?? compared(file);
  comparisons.set(file, known);
  return known;
}

async function compared(file: string): Promise<readonly Difference[]> {
  const ours = await render(MANIFESTS[file] ?? CONTROLLER);
  return differencesBetween(await arcDocuments(file), ours.objects);
}

function unexplained(found: readonly Difference[]): readonly Difference[] {
  return found.filter((difference) => !ROWS.some((row) => explains(row, difference)));
}

if (arcIsAbsent()) {
  Deno.test({ name: `charts render as ARC's do ${NEEDS_ARC}`, ignore: true, fn: () => {} });
} else {
  for (const file of Object.keys(MANIFESTS)) {
    chartTest(`ARC's ${file} is rendered, but for what DIFFERENCES.md says`, async () => {
      assert.deepEqual(unexplained(await differencesIn(file)), []);
    });
  }

  chartTest("every row of DIFFERENCES.md is seen in one of ARC's manifests", async () => {
    const seen = (await Promise.all(Object.keys(MANIFESTS).map(differencesIn))).flat();
    assert.ok(ROWS.length > 10);
    const stale = ROWS.filter((row) => !seen.some((difference) => explains(row, difference)));
    assert.deepEqual(stale.map(({ row }) => row), []);
  });
}
