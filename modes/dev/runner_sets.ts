/**
 * What the runner sets among the manifests ask for, checked together with the Secrets that they name. Pure. In a running
 * cluster the same mistakes become conditions; here a person waits who wants to hear of them at once.
 */
import { HouseError, InvalidInput } from "../../lib/errors.ts";
import { type ConfigUrl, parseConfigUrl } from "../../github/config_url.ts";
import { credentialFromSecret } from "../../github/credentials.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import type { KubeObject, ObjectKey } from "../../kube/types.ts";
import type { Manifest } from "./manifests.ts";

/** A runner set as `dev` follows it. */
export interface RunnerSetFacts {
  readonly key: ObjectKey;
  /** The scale set at GitHub. */
  readonly scaleSetName: string;
  /** What a job must ask for, so that this set gets it. */
  readonly labels: readonly string[];
  readonly configUrl: ConfigUrl;
  readonly minRunners: number;
  /** `undefined`: no limit. */
  readonly maxRunners: number | undefined;
}

/** Every runner set of the manifests. Throws {@link InvalidInput} at the first mistake, and when there is no set. */
export function runnerSetsOf(manifests: readonly Manifest[]): readonly RunnerSetFacts[] {
  const sets = manifests.filter(({ object }) => object.kind === "AutoscalingRunnerSet");
  if (sets.length === 0) {
    throw new InvalidInput(
      "The manifests hold no AutoscalingRunnerSet, expected at least one: there is nothing to run",
    );
  }
  return sets.map((manifest) => factsOf(manifest, manifests));
}

function factsOf(manifest: Manifest, manifests: readonly Manifest[]): RunnerSetFacts {
  const set = manifest.object as AutoscalingRunnerSet;
  const { namespace = "", name = "" } = set.metadata ?? {};
  const where = `${manifest.at}: AutoscalingRunnerSet "${name}"`;
  const spec: Readonly<Record<string, unknown>> = set.spec ?? {};
  const minRunners = count(spec, "minRunners", where);
  const maxRunners = count(spec, "maxRunners", where);
  if (minRunners !== undefined && maxRunners !== undefined && minRunners > maxRunners) {
    throw new InvalidInput(
      `${where}: spec.minRunners is ${minRunners}, expected at most spec.maxRunners, which is ${maxRunners}`,
    );
  }
  const configUrl = within(where, () => parseConfigUrl(text(spec, "githubConfigUrl", where)));
  const secretName = text(spec, "githubConfigSecret", where);
  if (set.spec?.vaultConfig?.type) {
    throw new InvalidInput(
      `${where}: spec.vaultConfig.type is "${set.spec.vaultConfig.type}", but no vault is simulated: ` +
        "expected the credentials in a Secret",
    );
  }
  checkSecret({ namespace, name: secretName }, { where, manifests });
  const scaleSetName = set.spec?.runnerScaleSetName || name;
  const labels = set.spec?.runnerScaleSetLabels ?? [];
  return {
    key: { namespace, name },
    scaleSetName,
    labels: labels.length > 0 ? [...new Set([scaleSetName, ...labels])] : [scaleSetName],
    configUrl,
    minRunners: minRunners ?? 0,
    maxRunners,
  };
}

function count(
  spec: Readonly<Record<string, unknown>>,
  field: string,
  where: string,
): number | undefined {
  const value = spec[field] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw new InvalidInput(
    `${where}: spec.${field} is ${JSON.stringify(value)}, expected a whole number of at least 0`,
  );
}

function text(spec: Readonly<Record<string, unknown>>, field: string, where: string): string {
  const value = spec[field];
  if (typeof value === "string" && value !== "") return value;
  const what = value === undefined || value === null ? "missing" : `${JSON.stringify(value)}`;
  throw new InvalidInput(`${where}: spec.${field} is ${what}, expected text`);
}

function checkSecret(
  key: ObjectKey,
  options: { readonly where: string; readonly manifests: readonly Manifest[] },
): void {
  const found = options.manifests.findLast(({ object }) =>
    object.kind === "Secret" && object.metadata?.name === key.name &&
    object.metadata.namespace === key.namespace
  );
  if (found === undefined) {
    throw new InvalidInput(
      `${options.where}: spec.githubConfigSecret is "${key.name}", expected a Secret of that name ` +
        `in namespace "${key.namespace}" among the manifests`,
    );
  }
  within(`${found.at}: Secret "${key.name}"`, () => credentialFromSecret(secretData(found.object)));
}

/** `data`, with `stringData` encoded over it, as the API server stores it. */
function secretData(object: KubeObject): Readonly<Record<string, string>> {
  const { data, stringData } = object as {
    readonly data?: Readonly<Record<string, string>> | null;
    readonly stringData?: Readonly<Record<string, unknown>> | null;
  };
  const encoded = Object.entries(stringData ?? {}).map(([key, value]) => {
    const bytes = new TextEncoder().encode(String(value));
    return [key, btoa(String.fromCharCode(...bytes))];
  });
  return { ...data, ...Object.fromEntries(encoded) };
}

/** Says where a mistake is that another room found. */
function within<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof HouseError)) throw cause;
    throw new InvalidInput(`${where}: ${cause.message}`, { cause });
  }
}
