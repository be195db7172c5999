/** What is wrong with a runner set's spec, in the user's words. Pure. Never a reason to touch what already runs. */
import { unfitFields } from "../../crds/conforming.ts";
import { CONTAINERS, MAX_RUNNERS } from "../../crds/group.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import { type ConfigUrl, parseConfigUrl } from "../../github/config_url.ts";
import { messageOf } from "../../lib/errors.ts";

export interface SpecProblem {
  /** CamelCase word for the condition. */
  readonly reason:
    | "InvalidConfigUrl"
    | "InvalidField"
    | "InvalidRunnerCounts"
    | "InvalidSecretName"
    | "InvalidTemplate";
  readonly message: string;
}

export interface CheckedSpec {
  readonly url: ConfigUrl | undefined;
  /** The first problem; `undefined`: all is well. */
  readonly problem: SpecProblem | undefined;
}

/** Checks what the schema cannot say, and objects that were stored past the schema. */
export function checkSpec(
  set: AutoscalingRunnerSet,
  options: { readonly forceGhes: boolean },
): CheckedSpec {
  const spec = set.spec ?? {};
  const [unfit] = unfitFields(set);
  if (unfit !== undefined) {
    return { url: undefined, problem: { reason: "InvalidField", message: unfit } };
  }
  let url: ConfigUrl | undefined;
  try {
    url = parseConfigUrl(spec.githubConfigUrl ?? "", options);
  } catch (thrown) {
    return { url, problem: { reason: "InvalidConfigUrl", message: messageOf(thrown) } };
  }
  return { url, problem: secretProblem(spec) ?? countsProblem(spec) ?? templateProblem(spec) };
}

type Spec = NonNullable<AutoscalingRunnerSet["spec"]>;

function secretProblem(spec: Spec): SpecProblem | undefined {
  if ((spec.githubConfigSecret ?? "") !== "") return undefined;
  return {
    reason: "InvalidSecretName",
    message: "spec.githubConfigSecret is empty: it must name a Secret with github_token, or with " +
      "github_app_id, github_app_installation_id and github_app_private_key",
  };
}

function countsProblem(spec: Spec): SpecProblem | undefined {
  const { minRunners = 0, maxRunners } = spec;
  const bad = (field: string, value: unknown, wanted: string) => ({
    reason: "InvalidRunnerCounts" as const,
    message: `spec.${field} is ${value}: it must be ${wanted}`,
  });
  const isCount = (value: unknown) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_RUNNERS;
  const wanted = `a whole number from 0 to ${MAX_RUNNERS}`;
  if (!isCount(minRunners)) return bad("minRunners", minRunners, wanted);
  if (maxRunners === undefined) return undefined;
  if (!isCount(maxRunners)) return bad("maxRunners", maxRunners, wanted);
  return minRunners <= maxRunners
    ? undefined
    : bad("minRunners", minRunners, `at most spec.maxRunners, which is ${maxRunners}`);
}

function templateProblem(spec: Spec): SpecProblem | undefined {
  const containers = spec.template?.spec?.containers;
  const bad = (message: string) => ({ reason: "InvalidTemplate" as const, message });
  if (!Array.isArray(containers)) {
    return bad("spec.template.spec.containers is missing: it must hold a container named runner");
  }
  if (!containers.some((container) => container?.name === CONTAINERS.runner)) {
    const names = containers.map((container) => container?.name).join(", ");
    return bad(
      `spec.template.spec.containers has ${names || "no container"}: one must be named runner`,
    );
  }
  return undefined;
}
