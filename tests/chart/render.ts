/** Renders a chart as a user does and reads what comes out. Knows helm's arguments, nothing of what a chart should hold. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseDocuments, stringify } from "../../lib/yaml.ts";
import { programPath } from "./chart_test_case.ts";

// deno-lint-ignore no-explicit-any -- tests look into documents of every shape
export type Any = any;

export interface Release {
  readonly chart: "gha-runner-scale-set-controller" | "gha-runner-scale-set";
  /** Name of the release. */
  readonly name: string;
  readonly namespace: string;
  readonly values?: Readonly<Record<string, unknown>>;
  /** More arguments for helm. */
  readonly args?: readonly string[];
  /** The Kubernetes that the charts see. */
  readonly kubeVersion?: string;
}

export interface Rendered {
  readonly objects: readonly Any[];
  /**
   * The one object of a kind, and of a name where there are several. Fails when there is not exactly one. What helm makes
   * for a moment only, as a hook, must be named.
   */
  one(kind: string, name?: string): Any;
  /** Whether there is an object of a kind, and of a name. */
  has(kind: string, name?: string): boolean;
}

const CHARTS = fileURLToPath(new URL("../../chart/", import.meta.url));
const KUBE_VERSION = "1.36.0";

/** What helm renders. Fails with helm's message when it refuses. */
export async function render(release: Release): Promise<Rendered> {
  const { text, refusal } = await run(release);
  assert.equal(refusal, undefined);
  return rendered(text, release.chart);
}

/** Helm's message when it refuses. Fails when it does not. */
export async function refusal(release: Release): Promise<string> {
  const { refusal } = await run(release);
  assert.ok(refusal, "helm accepted it");
  return refusal;
}

/** The objects in text that helm wrote. */
export function rendered(text: string, name: string): Rendered {
  const objects = parseDocuments(text, name).map(({ value }) => value as Any);
  const found = (kind: string, name?: string) =>
    objects.filter((object) =>
      object.kind === kind &&
      (name === undefined ? !isHook(object) : object.metadata?.name === name)
    );
  return {
    objects,
    one(kind, name) {
      const all = found(kind, name);
      assert.equal(all.length, 1, `${all.length} objects ${kind} ${name ?? ""}`);
      return all[0];
    },
    has: (kind, name) => found(kind, name).length > 0,
  };
}

function isHook({ metadata }: Any): boolean {
  return metadata?.annotations?.["helm.sh/hook"] !== undefined;
}

/** What `helm install` would tell the user, from a cluster that `args` reach; nothing is installed. */
export async function installed(release: Release): Promise<{ notes: string; objects: Rendered }> {
  const { text, refusal } = await run({
    ...release,
    args: [
      "--dry-run=server",
      "--disable-openapi-validation",
      "--output=json",
      ...release.args ?? [],
    ],
  }, "install");
  assert.equal(refusal, undefined);
  const { info, manifest } = JSON.parse(text);
  return { notes: info.notes, objects: rendered(manifest, release.chart) };
}

/** What `helm lint` says of a chart, and whether it is content. */
export async function lint(release: Release): Promise<{ text: string; isClean: boolean }> {
  const { text, refusal } = await helm(
    ["lint", "--strict", `${CHARTS}${release.chart}`, `--kube-version=${KUBE_VERSION}`],
    release.values,
  );
  return { text, isClean: refusal === undefined };
}

interface Outcome {
  readonly text: string;
  readonly refusal: string | undefined;
}

function run(release: Release, command: "template" | "install" = "template"): Promise<Outcome> {
  return helm([
    command,
    release.name,
    `${CHARTS}${release.chart}`,
    `--namespace=${release.namespace}`,
    // Only `template` takes it: `install` asks the cluster.
    ...(command === "template" ? [`--kube-version=${release.kubeVersion ?? KUBE_VERSION}`] : []),
    ...release.args ?? [],
  ], release.values);
}

async function helm(args: readonly string[], values: Release["values"]): Promise<Outcome> {
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, stringify(values ?? {}));
    const { success, stdout, stderr } = await new Deno.Command(programPath("helm"), {
      args: [...args, `--values=${file}`],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const decoder = new TextDecoder();
    return {
      text: decoder.decode(stdout),
      refusal: success ? undefined : decoder.decode(stderr),
    };
  } finally {
    await Deno.remove(file);
  }
}
