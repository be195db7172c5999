/** The runner that a set creates. Pure. Spec: §11.4. One finalizer, for what exists at GitHub (B5). */
import { EPHEMERAL_RUNNERS, type EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { EPHEMERAL_RUNNER_SETS, type EphemeralRunnerSet } from "../../crds/ephemeral_runner_set.ts";
import { ANNOTATIONS, COMPONENTS, FINALIZERS, LABELS } from "../../crds/group.ts";
import { runnerProxySecretName } from "../../crds/names.ts";
import { ownerReference } from "../../kube/meta.ts";
import { apiVersionOf } from "../../kube/types.ts";
import { mergeLabels } from "../metadata.ts";

/** The name is the server's to choose, after `<set>-runner-`. */
export function desiredRunner(
  set: EphemeralRunnerSet,
  excludedLabelPrefixes: readonly string[],
): EphemeralRunner {
  const { metadata = {}, spec } = set;
  const user = spec?.ephemeralRunnerMetadata;
  const own = { ...metadata.labels, [LABELS.component]: COMPONENTS.runner };
  const runnerSpec = spec?.ephemeralRunnerSpec;
  return {
    apiVersion: apiVersionOf(EPHEMERAL_RUNNERS),
    kind: EPHEMERAL_RUNNERS.kind,
    metadata: {
      generateName: `${metadata.name}-runner-`,
      namespace: metadata.namespace ?? "",
      labels: user === undefined ? own : mergeLabels(user.labels, own, excludedLabelPrefixes),
      annotations: {
        ...user?.annotations,
        ...metadata.annotations,
        [ANNOTATIONS.patchId]: String(spec?.patchID ?? 0),
      },
      finalizers: [FINALIZERS.runnerRegistration],
      ownerReferences: [ownerReference(set, EPHEMERAL_RUNNER_SETS)],
    },
    ...(runnerSpec && {
      spec: {
        ...runnerSpec,
        ...(runnerSpec.proxy && {
          proxySecretRef: runnerProxySecretName(metadata.name ?? "", metadata.namespace ?? ""),
        }),
      },
    }),
  };
}
