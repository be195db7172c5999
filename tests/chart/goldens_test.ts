/**
 * Whole manifests as files, one per way to install: what a change of the templates does can be read in a diff. With
 * LONGSHORE_WRITE_GOLDENS=1 in the environment the files are written instead of compared.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { stringify } from "../../lib/yaml.ts";
import { chartTest } from "./chart_test_case.ts";
import { CONTROLLER_RELEASE } from "./controller_cases.ts";
import { type Any, type Release, render } from "./render.ts";
import { RUNNER_SET_RELEASE } from "./runner_set_cases.ts";

const FOLDER = fileURLToPath(new URL("goldens/", import.meta.url));

const CLAIM = {
  accessModes: ["ReadWriteOnce"],
  storageClassName: "standard",
  resources: { requests: { storage: "1Gi" } },
};
const CERTIFICATE = {
  certificateFrom: { configMapKeyRef: { name: "ca", key: "ca.crt" } },
  runnerMountPath: "/usr/local/share/ca-certificates/",
};
const SIDE_BY_SIDE = {
  spec: {
    containers: [
      {
        name: "runner",
        image: "example.com/runner:1",
        command: ["/home/runner/run.sh"],
        env: [{ name: "MINE", value: "1" }],
        volumeMounts: [{ name: "cache", mountPath: "/cache" }],
      },
      { name: "side", image: "example.com/side:1" },
    ],
    initContainers: [{ name: "first", image: "example.com/first:1" }],
    volumes: [{ name: "cache", emptyDir: {} }],
  },
};

function runnerSet(values: Release["values"], more: Partial<Release> = {}): Release {
  return { ...RUNNER_SET_RELEASE, ...more, values: { ...RUNNER_SET_RELEASE.values, ...values } };
}

const GOLDENS: Readonly<Record<string, Release>> = {
  "controller": CONTROLLER_RELEASE,
  "controller-single-namespace": {
    ...CONTROLLER_RELEASE,
    values: {
      replicaCount: 2,
      flags: { watchSingleNamespace: "arc-runners", healthProbeBindAddress: ":8081" },
      metrics: {
        controllerManagerAddr: ":8080",
        listenerAddr: ":8080",
        listenerEndpoint: "/metrics",
      },
    },
  },
  "runner-set": runnerSet({}),
  "runner-set-dind": runnerSet({ containerMode: { type: "dind" } }),
  "runner-set-dind-before-1.29": runnerSet({ containerMode: { type: "dind" } }, {
    kubeVersion: "1.28.0",
  }),
  "runner-set-dind-full": runnerSet({
    containerMode: { type: "dind" },
    githubServerTLS: CERTIFICATE,
    template: SIDE_BY_SIDE,
  }),
  "runner-set-kubernetes": runnerSet({
    containerMode: { type: "kubernetes", kubernetesModeWorkVolumeClaim: CLAIM },
  }),
  "runner-set-kubernetes-full": runnerSet({
    containerMode: { type: "kubernetes", kubernetesModeWorkVolumeClaim: CLAIM },
    githubServerTLS: CERTIFICATE,
    template: SIDE_BY_SIDE,
  }),
  "runner-set-kubernetes-novolume": runnerSet({ containerMode: { type: "kubernetes-novolume" } }),
  "runner-set-kubernetes-novolume-full": runnerSet({
    containerMode: { type: "kubernetes-novolume" },
    githubServerTLS: CERTIFICATE,
    template: SIDE_BY_SIDE,
  }),
};

/** The hash follows the defaults of values.yaml, which are nothing of these files. */
function withoutHash(objects: readonly Any[]): readonly Any[] {
  const hash = "actions.github.com/values-hash";
  return objects.map((object) =>
    object.metadata.annotations?.[hash] === undefined ? object : {
      ...object,
      metadata: {
        ...object.metadata,
        annotations: { ...object.metadata.annotations, [hash]: "(hash)" },
      },
    }
  );
}

for (const [name, release] of Object.entries(GOLDENS)) {
  chartTest(`rendered as in goldens/${name}.yaml`, async () => {
    const { objects } = await render(release);
    const text = withoutHash(objects).map((object) => stringify(object)).join("---\n");
    const file = `${FOLDER}${name}.yaml`;
    if (Deno.env.get("LONGSHORE_WRITE_GOLDENS") === "1") {
      await Deno.mkdir(FOLDER, { recursive: true });
      await Deno.writeTextFile(file, text);
    }
    assert.equal(text, await Deno.readTextFile(file));
  });
}
