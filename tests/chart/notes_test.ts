/** What a user is told after installing, and what is worth a warning: nothing of it is refused. */
import assert from "node:assert/strict";
import { chartTest } from "./chart_test_case.ts";
import { CONTROLLER_RELEASE } from "./controller_cases.ts";
import { installed, type Release, render } from "./render.ts";
import { RUNNER_SET_RELEASE } from "./runner_set_cases.ts";
import { withSmallApi } from "./small_api.ts";

/** The notes, rendered by a template of the user's: `helm template` does not print them. */
async function notesOf(release: Release, values: Release["values"]): Promise<string> {
  const notes = `kind: Notes\ntext: {{ include "${release.chart}.notes" . | quote }}`;
  const { one } = await render({
    ...release,
    values: { ...release.values, ...values, extraObjects: [notes] },
  });
  return one("Notes").text;
}

const QUIET =
  /^Thank you for installing gha-runner-scale-set(-controller)?\.\n\nThe release is called arc(-runner-set)?\.$/;

for (const release of [CONTROLLER_RELEASE, RUNNER_SET_RELEASE]) {
  chartTest(`${release.chart}: nothing to note, nothing noted`, async () => {
    assert.match(await notesOf(release, {}), QUIET);
  });
}

const WARNINGS: readonly {
  readonly release: Release;
  readonly about: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly says: readonly string[];
}[] = [
  {
    release: CONTROLLER_RELEASE,
    about: "unknown keys, wherever they are",
    values: { log: "debug", flags: { logLevels: "x" }, labels: { any: "thing" }, global: { a: 1 } },
    says: ["- flags.logLevels is no key", "- log is no key"],
  },
  {
    release: CONTROLLER_RELEASE,
    about: "ARC's image, and what has no effect",
    values: {
      image: { repository: "mirror.example.com/actions/gha-runner-scale-set-controller" },
      flags: { rateLimiter: { name: "typed_rate_limiter" }, updateStrategy: "eventual" },
      pprof: { addr: ":6060" },
    },
    says: [
      "- image.repository is",
      "- flags.rateLimiter.name has",
      "- flags.updateStrategy has",
      "- pprof.addr has",
    ],
  },
  {
    release: CONTROLLER_RELEASE,
    about: "ARC's image in a values file that was kept whole",
    values: { image: { repository: "ghcr.io/actions/gha-runner-scale-set-controller", tag: "" } },
    says: ["- image.repository is ARC's own, without a tag: ghcr.io/longshore/"],
  },
  {
    release: RUNNER_SET_RELEASE,
    about: "unknown keys, but not those of maps that hold anything",
    values: {
      maxRunner: 5,
      containerMode: { typ: "dind" },
      githubConfigSecret: { github_token: "x", other: "y" },
      resourceMeta: { managerRole: { label: {} } },
    },
    says: [
      "- containerMode.typ is no key",
      "- maxRunner is no key",
      "- resourceMeta.managerRole.label is no key",
    ],
  },
  {
    release: RUNNER_SET_RELEASE,
    about: "a mode that is none, and what is ignored",
    values: {
      containerMode: { type: "docker" },
      maxRunners: "5",
      scaleSetLabels: "linux",
      proxy: { noProxy: "a" },
    },
    says: [
      '- containerMode.type is "docker"',
      '- maxRunners is "5"',
      "- proxy.noProxy is no list",
      "- scaleSetLabels is no list",
    ],
  },
  {
    release: RUNNER_SET_RELEASE,
    about: "a pod in which no job can run",
    values: { template: { spec: { containers: [{ name: "mine", image: "a" }] } } },
    says: ['- template.spec.containers has no container called "runner": no job can run.'],
  },
  {
    release: RUNNER_SET_RELEASE,
    about: "a container that the mode replaces",
    values: {
      containerMode: { type: "dind" },
      template: { spec: { containers: [{ name: "dind", image: "a" }] } },
    },
    says: [
      '- template.spec.containers has no container called "runner": one is added',
      '- template.spec.containers has a container called "dind"',
    ],
  },
  {
    release: RUNNER_SET_RELEASE,
    about: "a work folder that is missing, and two kinds of credentials",
    values: {
      containerMode: { type: "kubernetes" },
      githubConfigSecret: {
        github_token: "hush",
        github_app_id: "1",
        github_app_installation_id: "2",
        github_app_private_key: "hush",
      },
    },
    says: ["- containerMode.kubernetesModeWorkVolumeClaim is not set", "- githubConfigSecret has"],
  },
];

for (const { release, about, values, says } of WARNINGS) {
  chartTest(`${release.chart}: the notes warn of ${about}`, async () => {
    const notes = await notesOf(release, values);
    const lines = notes.split("\n").filter((line) => line.startsWith("- "));
    assert.equal(lines.length, says.length, notes);
    for (const start of says) {
      assert.ok(lines.some((line) => line.startsWith(start)), `${start} is not in: ${notes}`);
    }
    assert.ok(!notes.includes("hush"));
  });
}

chartTest("an install ends with the notes; a minor version with a plus has sidecars", async () => {
  await withSmallApi({ deployments: [], minor: "31+" }, async (args) => {
    const { notes, objects } = await installed({
      ...RUNNER_SET_RELEASE,
      values: { ...RUNNER_SET_RELEASE.values, containerMode: { type: "dind" } },
      args,
    });
    assert.match(notes.trim(), QUIET);
    const { initContainers } = objects.one("AutoscalingRunnerSet").spec.template.spec;
    assert.equal(initContainers[1].name, "dind");
    assert.equal(initContainers[1].restartPolicy, "Always");
  });
});
