/** What holds for every object of both charts, whatever the values: lint, Pod Security, definitions, no diff without a change. */
import assert from "node:assert/strict";
import { parseDocuments } from "../../lib/yaml.ts";
import { CHARTS, CONTROLLER_CHART, RUNNER_SET_CHART } from "../../tools/gen/charts.ts";
import { uncommented } from "../../tools/gen/chart_values.ts";
import { chartTest, plainTest } from "./chart_test_case.ts";
import { CONTROLLER_RELEASE } from "./controller_cases.ts";
import { type Any, lint, type Release, render } from "./render.ts";
import { RUNNER_SET_RELEASE } from "./runner_set_cases.ts";

const FOLDER = new URL("../../chart/", import.meta.url);

function textOf(path: string): string {
  return Deno.readTextFileSync(new URL(path, FOLDER));
}

const RELEASES: Readonly<Record<string, Release>> = {
  [CONTROLLER_CHART]: CONTROLLER_RELEASE,
  [RUNNER_SET_CHART]: RUNNER_SET_RELEASE,
};

/** With every key of the values file set, as its samples are. */
function everything(chart: string): Release {
  const release = RELEASES[chart] as Release;
  const [document] = parseDocuments(uncommented(textOf(`${chart}/values.yaml`)), chart);
  return { ...release, values: { ...document?.value as object, ...release.values } };
}

/** Every value of every object, with its path. */
function* valuesIn(value: Any, path: string): Generator<readonly [path: string, value: Any]> {
  yield [path, value];
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* valuesIn(inner, `${path}/${key}`);
}

for (const chart of CHARTS) {
  const release = RELEASES[chart] as Release;

  chartTest(`${chart}: helm finds nothing to say`, async () => {
    const { text, isClean } = await lint(release);
    assert.ok(isClean, text);
    assert.ok(!/\[(WARNING|ERROR)\]/.test(text), text);
  });

  chartTest(`${chart}: every key can be set as values.yaml shows it`, async () => {
    const { objects } = await render(everything(chart));
    assert.ok(objects.length > 4);
  });

  chartTest(
    `${chart}: no null, and no empty metadata: applied twice, nothing differs`,
    async () => {
      for (const object of (await render(everything(chart))).objects) {
        const identity = `${object.kind} ${object.metadata.name}`;
        for (const [path, value] of valuesIn(object, "")) {
          assert.notEqual(value, null, `${identity} ${path}`);
        }
        for (const [key, value] of valuesIn(object.metadata, "")) {
          assert.notDeepEqual(value, {}, `${identity} ${key}`);
        }
      }
    },
  );

  chartTest(`${chart}: the same values render the same text, as Argo CD compares it`, async () => {
    const [first, second] = [await render(release), await render(release)];
    assert.deepEqual(first.objects, second.objects);
  });

  chartTest(
    `${chart}: no two objects have one name, every namespaced one has a namespace`,
    async () => {
      const { objects } = await render(everything(chart));
      const names = objects.map(({ kind, metadata }) =>
        `${kind} ${metadata.namespace} ${metadata.name}`
      );
      assert.equal(new Set(names).size, names.length);
      for (const { kind, metadata } of objects) {
        assert.equal(metadata.namespace === undefined, kind.startsWith("ClusterRole"), kind);
      }
    },
  );
}

plainTest("both charts have one version, that of the product, and say which ARC they speak", () => {
  const { version } = JSON.parse(Deno.readTextFileSync(new URL("../deno.json", FOLDER)));
  for (const chart of CHARTS) {
    const [document] = parseDocuments(textOf(`${chart}/Chart.yaml`), chart);
    const about = document?.value as Any;
    assert.equal(about.name, chart);
    assert.equal(about.version, version);
    assert.equal(about.appVersion, version);
    assert.deepEqual(about.annotations, { "longshore.dev/speaks-arc-version": "0.14.2" });
    assert.equal(about.kubeVersion, undefined);
  }
});

plainTest(
  "the definitions are small enough for kubectl apply: 100 kB each, 250 kB together",
  () => {
    const folder = new URL(`${CONTROLLER_CHART}/crds/`, FOLDER);
    const sizes = [...Deno.readDirSync(folder)].map(({ name }) =>
      Deno.statSync(new URL(name, folder)).size
    );
    assert.equal(sizes.length, 4);
    assert.ok(Math.max(...sizes) < 100_000);
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 250_000);
  },
);

chartTest("the controller's pod passes the Pod Security level restricted", async () => {
  const { spec } = (await render(CONTROLLER_RELEASE)).one("Deployment").spec.template;
  assert.deepEqual(restrictedProblems(spec), []);
});

chartTest("runner sets whose long names differ at their ends only share no name", async () => {
  const identities: string[] = [];
  for (const end of ["a", "b"]) {
    const values = { ...RUNNER_SET_RELEASE.values, runnerScaleSetName: "x".repeat(62) + end };
    const { objects } = await render({ ...RUNNER_SET_RELEASE, values });
    identities.push(...objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  }
  assert.equal(identities.length, 14);
  assert.equal(new Set(identities).size, 14);
});

/** What the level `restricted` demands, as https://kubernetes.io/docs/concepts/security/pod-security-standards has it. */
function restrictedProblems(spec: Any): readonly string[] {
  const pod = spec.securityContext ?? {};
  const problems: string[] = [];
  if (spec.hostNetwork || spec.hostPID || spec.hostIPC) problems.push("shares the host");
  for (const volume of spec.volumes ?? []) {
    const kinds = Object.keys(volume).filter((key) => key !== "name");
    const allowed = [
      "configMap",
      "csi",
      "downwardAPI",
      "emptyDir",
      "ephemeral",
      "projected",
      "secret",
    ];
    if (!kinds.every((kind) => allowed.includes(kind))) problems.push(`volume ${volume.name}`);
  }
  for (const container of [...spec.containers, ...spec.initContainers ?? []]) {
    const own = { ...pod, ...container.securityContext };
    if (own.privileged) problems.push("privileged");
    if (own.allowPrivilegeEscalation !== false) problems.push("privilege escalation");
    if (own.runAsNonRoot !== true || own.runAsUser === 0) problems.push("root");
    if (own.seccompProfile?.type !== "RuntimeDefault") problems.push("seccomp");
    if (!own.capabilities?.drop?.includes("ALL")) problems.push("capabilities");
    if (own.capabilities?.add?.length) problems.push("added capabilities");
  }
  return problems;
}
