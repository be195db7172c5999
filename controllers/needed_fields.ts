/**
 * What the cluster's definitions of our kinds must hold, so that nothing that decides is thrown away as it is stored.
 * Pure. ARC's definitions from 0.9 on have all that is needed; what ours have beyond them is of use, and no more.
 */
import { KINDS } from "../crds/kinds.ts";
import type { Schema } from "../crds/schema.ts";
import type { ServedSchema } from "../kube/discovery.ts";

/** By kind, paths from the top of an object. Without one of these we cannot work. */
export const NEEDED_FIELDS: Readonly<Record<string, readonly string[]>> = {
  AutoscalingRunnerSet: [
    "spec.githubConfigUrl",
    "spec.githubConfigSecret",
    "spec.minRunners",
    "spec.maxRunners",
    "spec.template",
  ],
  AutoscalingListener: [
    "spec.autoscalingRunnerSetName",
    "spec.autoscalingRunnerSetNamespace",
    "spec.ephemeralRunnerSetName",
    "spec.githubConfigSecret",
    "spec.githubConfigUrl",
    "spec.image",
    "spec.maxRunners",
    "spec.minRunners",
    "spec.runnerScaleSetId",
  ],
  EphemeralRunnerSet: [
    "spec.ephemeralRunnerSpec",
    "spec.patchID",
    "spec.replicas",
    "status.currentReplicas",
  ],
  EphemeralRunner: [
    "spec.githubConfigSecret",
    "spec.githubConfigUrl",
    "spec.runnerScaleSetId",
    "spec.spec",
    "status.jobRequestId",
    "status.phase",
    "status.runnerId",
  ],
};

/** What brings a cluster's definitions up to date. */
export const INSTALL = "kubectl apply --server-side=false -f crds/generated/";

/** What a cluster's definitions lack of ours, each as "Kind spec.field". */
export interface Lacking {
  readonly needed: readonly string[];
  /** Fields that we write and the cluster forgets. */
  readonly useful: readonly string[];
}

/** Kinds that are absent among `served` are left out. */
export function lackingFields(served: ReadonlyMap<string, ServedSchema>): Lacking {
  const needed: string[] = [];
  const useful: string[] = [];
  for (const { type, spec, status } of KINDS) {
    const schema = served.get(type.kind);
    if (schema === undefined) continue;
    const must = NEEDED_FIELDS[type.kind] ?? [];
    const absent = [
      ...absentIn(schema.properties?.["spec"], { wanted: spec.schema, at: "spec" }),
      ...absentIn(schema.properties?.["status"], { wanted: status.schema, at: "status" }),
    ];
    const isNeeded = (path: string) => must.some((one) => `${one}.`.startsWith(`${path}.`));
    for (const path of absent) {
      (isNeeded(path) ? needed : useful).push(`${type.kind} ${path}`);
    }
  }
  return { needed, useful };
}

/** The paths at which `wanted` goes on and `served` does not. */
function absentIn(
  served: ServedSchema | undefined,
  { wanted, at }: { readonly wanted: Schema; readonly at: string },
): readonly string[] {
  if (served === undefined) return [at];
  if (served["x-kubernetes-preserve-unknown-fields"] === true) return [];
  const { properties = {}, items } = wanted as {
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly items?: Schema;
  };
  if (items !== undefined) return absentIn(served.items, { wanted: items, at });
  return Object.entries(properties).flatMap(([name, schema]) =>
    absentIn(served.properties?.[name], { wanted: schema, at: `${at}.${name}` })
  );
}
