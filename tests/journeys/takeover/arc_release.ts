/**
 * What ARC's releases leave on stored objects, and in what they differ: a table of facts that a controller which takes
 * over meets. Sources: the specification (controllers.md §3, §11, §15) and the types of ARC's releases.
 */
import { COMPONENTS, FINALIZERS, LABELS, PART_OF } from "../../../crds/group.ts";

export interface ArcRelease {
  /** As on the label `app.kubernetes.io/version`. */
  readonly version: string;
  /**
   * `request`: a runner's status tells a job by `jobRequestId` alone, keeps its JIT configuration in the status, and its
   * Secret holds nothing else. `id`: there is a `jobId`, and the Secret says whose it is.
   */
  readonly jobs: "request" | "id";
}

/** Each minor release that a take-over must know. */
export const ARC_RELEASES: readonly ArcRelease[] = [
  { version: "0.9.3", jobs: "request" },
  { version: "0.10.1", jobs: "request" },
  { version: "0.11.0", jobs: "request" },
  { version: "0.12.1", jobs: "id" },
  { version: "0.13.1", jobs: "id" },
  { version: "0.14.2", jobs: "id" },
];

/** Hashes that only ARC can compute: whoever takes over must not react to them. */
export const ARC_HASHES = {
  changeHash: "actions.github.com/change-hash",
  runnerSpecHash: "actions.github.com/runner-spec-hash",
  valuesHash: "actions.github.com/values-hash",
} as const;

/** ARC's labels on Roles and RoleBindings of a listener. */
export const ARC_ROLE_HASHES = {
  rules: "role-policy-rules-hash",
  roleRef: "role-binding-role-ref-hash",
  subject: "role-binding-subject-hash",
} as const;

/** Finalizers that nothing of ours waits for: they are gone once a set was taken over. */
export const ARC_ONLY_FINALIZERS: readonly string[] = [
  FINALIZERS.listener,
  FINALIZERS.ephemeralRunnerSet,
  FINALIZERS.ephemeralRunner,
];

/** What every child of the set "linux" of the organization "acme" is labelled with. */
export function arcLabels(
  { version }: ArcRelease,
  component: typeof COMPONENTS[keyof typeof COMPONENTS],
): Readonly<Record<string, string>> {
  return {
    "app.kubernetes.io/name": "linux",
    "app.kubernetes.io/instance": "linux",
    "app.kubernetes.io/managed-by": "Helm",
    "helm.sh/chart": `gha-rs-${version}`,
    [LABELS.partOf]: PART_OF,
    [LABELS.version]: version,
    [LABELS.component]: component,
    [LABELS.scaleSetName]: "linux",
    [LABELS.scaleSetNamespace]: "arc-runners",
    [LABELS.organization]: "acme",
  };
}
