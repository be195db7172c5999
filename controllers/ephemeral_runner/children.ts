/** The pod of a runner. Pure. Spec: §11.6: the user's template as it is, with what the runner container needs added. */
import { EPHEMERAL_RUNNERS, type EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { CONTAINERS, JIT_SECRET_KEYS, LABELS, RUNNER_ENV } from "../../crds/group.ts";
import { ownerReference } from "../../kube/meta.ts";
import type { Container, EnvVar, Pod } from "../../kube/types.ts";
import { proxyEnv } from "../proxy_secrets.ts";

/** What runners take from the controller's own configuration. */
export interface RunnerSettings {
  /** `<product>/<version>`, added to the runner's own user agent. */
  readonly userAgent: string;
  /** Labels that begin so are not copied, not even from a user's wishes. */
  readonly excludedLabelPrefixes: readonly string[];
}

/** The pod, without what only registering tells: the runner's id, and the Secret's content. */
export function desiredRunnerPod(
  runner: EphemeralRunner,
  settings: Pick<RunnerSettings, "userAgent">,
): Pod {
  const { metadata = {}, spec } = runner;
  const template = spec?.spec;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: metadata.name ?? "",
      namespace: metadata.namespace ?? "",
      labels: { ...metadata.labels, ...spec?.metadata?.labels, [LABELS.ephemeralRunner]: "True" },
      annotations: { ...metadata.annotations, ...spec?.metadata?.annotations },
      ownerReferences: [ownerReference(runner, EPHEMERAL_RUNNERS)],
    },
    spec: {
      ...template,
      // Whatever the template says: its JIT configuration is used once (X20).
      restartPolicy: "Never",
      containers: (template?.containers ?? []).map((container) =>
        container.name === CONTAINERS.runner
          ? withRunnerEnv(container, runner, settings)
          : container
      ),
    },
  };
}

/** Ours come last, so that they win over the user's of the same name. */
function withRunnerEnv(
  container: Container,
  runner: EphemeralRunner,
  settings: Pick<RunnerSettings, "userAgent">,
): Container {
  const fromSecret = (name: string, secret: string, key: string): EnvVar => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  });
  const { proxy, proxySecretRef } = runner.spec ?? {};
  return {
    ...container,
    env: [
      ...container.env ?? [],
      fromSecret(RUNNER_ENV.jitConfig, runner.metadata?.name ?? "", JIT_SECRET_KEYS.token),
      { name: RUNNER_ENV.userAgent, value: settings.userAgent },
      { name: RUNNER_ENV.outdatedExitCode, value: "1" },
      ...(proxySecretRef === undefined ? [] : proxyEnv(proxy, proxySecretRef)),
    ],
  };
}

/** The folder that the runner is told to work in: that of its container, or none. */
export function workFolder(runner: EphemeralRunner): string {
  return runner.spec?.spec?.containers?.findLast((c) => c.name === CONTAINERS.runner)?.workingDir ??
    "";
}

/** Whether jobs run in pods of their own, which have to be cleaned up with the runner. */
export function usesContainerHooks(runner: EphemeralRunner): boolean {
  const container = runner.spec?.spec?.containers?.find((c) => c.name === CONTAINERS.runner);
  return container?.env?.some((entry) => entry.name === RUNNER_ENV.containerHooks) ?? false;
}
