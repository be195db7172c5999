/**
 * EphemeralRunnerSet: the runners of one AutoscalingRunnerSet. Upstream: `ephemeralrunnerset_types.go`.
 *
 * Its conditions, which the runner set repeats; those marked (!) are bad when True and absent until needed once:
 *
 * | type | reasons when something is wrong | reasons when all is well |
 * | --- | --- | --- |
 * | Ready | RunnerImageOutdated, Degraded, Quota, Unschedulable | AsWanted |
 * | Degraded (!) | the reason of the last failure or of what keeps pods from starting: Error, OOMKilled, Evicted, NodeLost, InvalidPod, RegistrationFailed, ImagePullFailed, InvalidImageName, ContainerConfigFailed, StartDeadlineExceeded, NotRegistered, Offline … | Recovered; the message keeps the last failure |
 * | RunnerImageOutdated (!) | VersionRefused | VersionAccepted |
 * | ScalingLimited (!) | Paused, Quota, Unschedulable, Max: the first that holds | NotLimited |
 *
 * The message of Degraded holds reason, exit code and words of the last failure, also when its pod is gone.
 * `status.capacity` is how many runners the cluster has room for while a quota is full; absent: nothing is known against
 * more. It is what the listener may advertise.
 */
import type { KubeObject } from "../kube/types.ts";
import { ephemeralRunnerSpecField } from "./ephemeral_runner.ts";
import { type KindDefinition, ourType } from "./kind.ts";
import { type Infer, int, list, optional, record, text } from "./schema.ts";
import { conditionsField, resourceMetaField } from "./shared_fields.ts";

const spec = record({
  replicas: optional(
    int({ writtenBy: "listener", doc: "How many runners should exist. Absent: 0." }),
  ),
  patchID: int({
    writtenBy: "listener",
    doc: "Number of the listener's decision; 0 asks for exactly replicas runners.",
  }),
  completedRunners: optional(list(text(), {
    writtenBy: "listener",
    doc: "Runners whose jobs completed lately. Absent: a listener that does not tell.",
  })),
  listenerReport: optional(text({
    writtenBy: "listener",
    doc: "What the listener cannot do, such as no-scale-set:7. Absent or empty: all is well.",
  })),
  listenerSession: optional(text({
    writtenBy: "listener",
    doc: "Id of the session that the listener holds at GitHub; a successor takes it over.",
  })),
  ephemeralRunnerSpec: optional(ephemeralRunnerSpecField),
  ephemeralRunnerMetadata: optional(resourceMetaField),
}, { writtenBy: "controller" });

const status = record({
  currentReplicas: int({ doc: "Pending, running and failed runners." }),
  pendingEphemeralRunners: optional(int()),
  runningEphemeralRunners: optional(int()),
  finishedEphemeralRunners: optional(int()),
  deletingEphemeralRunners: optional(int()),
  failedEphemeralRunners: optional(int()),
  phase: optional(text({ doc: "Running or Outdated." })),
  servedPatchID: optional(int({ doc: "The listener's last decision that was carried out whole." })),
  servedReplicas: optional(int()),
  consecutiveFailures: optional(int({ doc: "Runners that failed since one last got a job." })),
  lastFailureTime: optional(text({ format: "date-time" })),
  lastFailureReason: optional(text()),
  lastFailureMessage: optional(text()),
  capacity: optional(int({
    min: 0,
    doc: "Runners that the cluster has room for while a quota is full. Absent: no such limit.",
  })),
  observedGeneration: optional(int({ bits: 64 })),
  conditions: optional(conditionsField),
}, { writtenBy: "controller" });

export type EphemeralRunnerSetSpec = Infer<typeof spec>;
export type EphemeralRunnerSetStatus = Infer<typeof status>;
export type EphemeralRunnerSet = KubeObject & {
  readonly spec?: EphemeralRunnerSetSpec;
  readonly status?: EphemeralRunnerSetStatus;
};

export const EPHEMERAL_RUNNER_SETS = ourType<EphemeralRunnerSet>("EphemeralRunnerSet");

export const ephemeralRunnerSetKind: KindDefinition = {
  type: EPHEMERAL_RUNNER_SETS,
  doc: "The runners of one AutoscalingRunnerSet; its listener says how many.",
  spec,
  status,
  columns: [
    { name: "DesiredReplicas", type: "integer", jsonPath: ".spec.replicas" },
    { name: "CurrentReplicas", type: "integer", jsonPath: ".status.currentReplicas" },
    { name: "Pending Runners", type: "integer", jsonPath: ".status.pendingEphemeralRunners" },
    { name: "Running Runners", type: "integer", jsonPath: ".status.runningEphemeralRunners" },
    { name: "Finished Runners", type: "integer", jsonPath: ".status.finishedEphemeralRunners" },
    { name: "Deleting Runners", type: "integer", jsonPath: ".status.deletingEphemeralRunners" },
    { name: "Phase", type: "string", jsonPath: ".status.phase" },
  ],
};
