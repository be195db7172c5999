/** The variables of a container, as its pod's spec names them. Knows the order of precedence and how values refer to others. */
import type { Container, Pod, Secret } from "../../kube/types.ts";
import {
  bytesOf,
  found,
  MissingReference,
  podField,
  type Reference,
  type References,
} from "./kubelet_references.ts";

type EnvSource = NonNullable<Container["envFrom"]>[number];
type EnvVar = NonNullable<Container["env"]>[number];

/** Variables in the order of precedence: the cluster's, `envFrom`, `env` (a later entry wins). Throws {@link MissingReference}. */
export async function containerEnvironment(
  pod: Pod,
  container: Container,
  options: { readonly from: References; readonly cluster: Readonly<Record<string, string>> },
): Promise<Readonly<Record<string, string>>> {
  const env: Record<string, string> = { HOSTNAME: pod.metadata?.name ?? "", ...options.cluster };
  for (const source of container.envFrom ?? []) {
    Object.assign(env, await importedVariables(source, options.from));
  }
  for (const variable of container.env ?? []) {
    const value = await variableValue(variable, pod, options.from);
    if (value !== undefined) env[variable.name] = expanded(value, env);
  }
  return env;
}

async function importedVariables(source: EnvSource, from: References) {
  const prefix = source.prefix ?? "";
  const values = source.secretRef !== undefined
    ? secretTexts(await found(from, { kind: "secret", ...source.secretRef }))
    : source.configMapRef !== undefined
    ? (await found(from, { kind: "configmap", ...source.configMapRef }))?.data ?? {}
    : {};
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [prefix + key, value]));
}

async function variableValue(
  variable: EnvVar,
  pod: Pod,
  from: References,
): Promise<string | undefined> {
  const source = variable.valueFrom;
  if (source === undefined) return variable.value ?? "";
  if (source.fieldRef !== undefined) return podField(pod, source.fieldRef.fieldPath);
  if (source.secretKeyRef !== undefined) {
    const secret = await found(from, { kind: "secret", ...source.secretKeyRef });
    return keyed(secretTexts(secret), { ...source.secretKeyRef, what: "Secret" });
  }
  if (source.configMapKeyRef !== undefined) {
    const map = await found(from, { kind: "configmap", ...source.configMapKeyRef });
    return keyed(map?.data ?? {}, { ...source.configMapKeyRef, what: "ConfigMap" });
  }
  return "0"; // a resource field: the simulated node measures nothing
}

function keyed(
  values: Readonly<Record<string, string>>,
  reference: Reference & { readonly key: string; readonly what: string },
): string | undefined {
  const value = values[reference.key];
  if (value !== undefined || reference.optional) return value;
  throw new MissingReference(
    `couldn't find key ${reference.key} in ${reference.what} ${reference.name ?? ""}`,
  );
}

function secretTexts(secret: Secret | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(secret?.data ?? {});
  return Object.fromEntries(
    entries.map(([key, data]) => [key, new TextDecoder().decode(bytesOf(data))]),
  );
}

/** `$(NAME)` stands for a variable that was defined before; `$$` escapes. Others stay as they are written. */
function expanded(value: string, env: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$(\$|\(([^()]*)\))/g, (whole, mark: string, name: string) => {
    if (mark === "$") return "$";
    return env[name] ?? whole;
  });
}
