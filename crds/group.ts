/**
 * The keys of the API group: what is spelled on stored objects. Everything here is an interface shared with ARC, its
 * charts and other people's tools; nobody else in the house spells these. Source: `controllers/actions.github.com/
 * constants.go` of actions/actions-runner-controller; ours are marked.
 */

export const GROUP = "actions.github.com";
export const VERSION = "v1alpha1";

export const LABELS = {
  partOf: "app.kubernetes.io/part-of",
  component: "app.kubernetes.io/component",
  version: "app.kubernetes.io/version",
  scaleSetName: "actions.github.com/scale-set-name",
  scaleSetNamespace: "actions.github.com/scale-set-namespace",
  enterprise: "actions.github.com/enterprise",
  organization: "actions.github.com/organization",
  repository: "actions.github.com/repository",
  /** On the listener's Role and RoleBinding, which live in another namespace than their listener. */
  listenerNamespace: "auto-scaling-listener-namespace",
  listenerName: "auto-scaling-listener-name",
  ephemeralRunner: "actions-ephemeral-runner",
  podTemplateHash: "pod-template-hash",
  /** Set by the runner container hooks on the pods and Secrets of a job: the name of the runner. */
  runnerPod: "runner-pod",
} as const;

export const PART_OF = "gha-runner-scale-set";

export const COMPONENTS = {
  listener: "runner-scale-set-listener",
  runnerSet: "runner-set",
  runner: "runner",
} as const;

export const ANNOTATIONS = {
  /** Decimal; present and above 0: the scale set exists at GitHub. Without a prefix, as upstream has it. */
  scaleSetId: "runner-scale-set-id",
  runnerGroupName: "actions.github.com/runner-group-name",
  scaleSetName: "actions.github.com/runner-scale-set-name",
  /** Private to the controller that wrote it; an unknown value is adopted, never reacted to. */
  integrityHash: "actions.github.com/integrity-hash",
  /** On a runner: its set's `spec.patchID` when it was created. */
  patchId: "actions.github.com/patch-id",
  /** Ours, on a runner's pod: the runner's id at GitHub, so that it is known before the status says so. */
  runnerId: "actions.github.com/runner-id",
  /** Ours, on children: which of their label and annotation keys we set, so that stale ones can go. */
  ownKeys: "actions.github.com/own-keys",
  /** Ours, on a listener: fingerprint of the configuration that its Secret holds. */
  configHash: "actions.github.com/config-hash",
  /** Ours, on a runner set: the labels of its scale set as GitHub has them, a JSON list. */
  scaleSetLabels: "actions.github.com/scale-set-labels",
  /** Ours, on a runner set: the config URL that its scale set was registered under. */
  registeredUrl: "actions.github.com/registered-config-url",
  /** Ours, on a runner set: scale sets that it had at other config URLs and that may still exist, a JSON list. */
  formerScaleSets: "actions.github.com/former-scale-sets",
} as const;

/** Annotations by which ARC's chart names its protected objects, in the order in which they may be let go. */
export const CLEANUP_ANNOTATIONS = {
  kubernetesModeRoleBinding: "actions.github.com/cleanup-kubernetes-mode-role-binding-name",
  kubernetesModeRole: "actions.github.com/cleanup-kubernetes-mode-role-name",
  kubernetesModeServiceAccount: "actions.github.com/cleanup-kubernetes-mode-service-account-name",
  noPermissionServiceAccount: "actions.github.com/cleanup-no-permission-service-account-name",
  githubSecret: "actions.github.com/cleanup-github-secret-name",
  managerRoleBinding: "actions.github.com/cleanup-manager-role-binding",
  managerRole: "actions.github.com/cleanup-manager-role-name",
} as const;

export const FINALIZERS = {
  runnerSet: "autoscalingrunnerset.actions.github.com/finalizer",
  /** ARC's only: removed where found (B5). */
  listener: "autoscalinglistener.actions.github.com/finalizer",
  /** ARC's only: removed where found (B5). */
  ephemeralRunnerSet: "ephemeralrunnerset.actions.github.com/finalizer",
  /** ARC's second one on runners, and until 0.14.2 also on their sets: removed where found. */
  ephemeralRunner: "ephemeralrunner.actions.github.com/finalizer",
  /** Something may exist at GitHub for this runner. */
  runnerRegistration: "ephemeralrunner.actions.github.com/runner-registration-finalizer",
  /** ARC's chart puts it on Roles, RoleBindings, ServiceAccounts and Secrets; we only remove it. */
  cleanupProtection: "actions.github.com/cleanup-protection",
} as const;

/** Container names that carry a meaning. */
export const CONTAINERS = { runner: "runner", listener: "listener" } as const;

/** Exit code of a runner that GitHub refused for its version. Source: `Runner.Common/Constants.cs`. */
export const EXIT_OUTDATED = 7;

/** "No limit" as the listener's configuration and the capacity header spell it. */
export const MAX_RUNNERS = 2147483647;

/** The runner group that has no name in a spec. */
export const DEFAULT_RUNNER_GROUP_ID = 1;

/** Keys of the Secret that holds a runner's JIT configuration. */
export const JIT_SECRET_KEYS = {
  token: "jitToken",
  runnerName: "runnerName",
  runnerId: "runnerId",
  scaleSetId: "scaleSetId",
} as const;

export const RUNNER_ENV = {
  jitConfig: "ACTIONS_RUNNER_INPUT_JITCONFIG",
  userAgent: "GITHUB_ACTIONS_RUNNER_EXTRA_USER_AGENT",
  outdatedExitCode: "ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE",
  /** Its presence means that jobs run in pods of their own. */
  containerHooks: "ACTIONS_RUNNER_CONTAINER_HOOKS",
} as const;

/** Where and how the listener finds its configuration. */
export const LISTENER_CONFIG = {
  key: "config.json",
  volume: "listener-config",
  mountPath: "/etc/gha-listener",
  env: "LISTENER_CONFIG_PATH",
} as const;
