/**
 * The keys as they are spelled on objects that clusters hold today. Written out here on purpose: changing one in the
 * source must be noticed. Source: §3 of the behaviour specification.
 */
import assert from "node:assert/strict";
import {
  ANNOTATIONS,
  CLEANUP_ANNOTATIONS,
  COMPONENTS,
  CONTAINERS,
  DEFAULT_RUNNER_GROUP_ID,
  EXIT_OUTDATED,
  FINALIZERS,
  GROUP,
  JIT_SECRET_KEYS,
  LABELS,
  LISTENER_CONFIG,
  MAX_RUNNERS,
  PART_OF,
  RUNNER_ENV,
  VERSION,
} from "../../crds/group.ts";

const SPELLED = [
  {
    what: "group and version",
    ours: [GROUP, VERSION],
    spelled: ["actions.github.com", "v1alpha1"],
  },
  {
    what: "labels",
    ours: LABELS,
    spelled: {
      partOf: "app.kubernetes.io/part-of",
      component: "app.kubernetes.io/component",
      version: "app.kubernetes.io/version",
      scaleSetName: "actions.github.com/scale-set-name",
      scaleSetNamespace: "actions.github.com/scale-set-namespace",
      enterprise: "actions.github.com/enterprise",
      organization: "actions.github.com/organization",
      repository: "actions.github.com/repository",
      listenerNamespace: "auto-scaling-listener-namespace",
      listenerName: "auto-scaling-listener-name",
      ephemeralRunner: "actions-ephemeral-runner",
      podTemplateHash: "pod-template-hash",
      runnerPod: "runner-pod",
    },
  },
  {
    what: "components",
    ours: { PART_OF, ...COMPONENTS },
    spelled: {
      PART_OF: "gha-runner-scale-set",
      listener: "runner-scale-set-listener",
      runnerSet: "runner-set",
      runner: "runner",
    },
  },
  {
    what: "annotations shared with ARC",
    ours: {
      scaleSetId: ANNOTATIONS.scaleSetId,
      runnerGroupName: ANNOTATIONS.runnerGroupName,
      scaleSetName: ANNOTATIONS.scaleSetName,
      integrityHash: ANNOTATIONS.integrityHash,
      patchId: ANNOTATIONS.patchId,
    },
    spelled: {
      scaleSetId: "runner-scale-set-id",
      runnerGroupName: "actions.github.com/runner-group-name",
      scaleSetName: "actions.github.com/runner-scale-set-name",
      integrityHash: "actions.github.com/integrity-hash",
      patchId: "actions.github.com/patch-id",
    },
  },
  {
    what: "annotations of ARC's chart",
    ours: CLEANUP_ANNOTATIONS,
    spelled: {
      kubernetesModeRoleBinding: "actions.github.com/cleanup-kubernetes-mode-role-binding-name",
      kubernetesModeRole: "actions.github.com/cleanup-kubernetes-mode-role-name",
      kubernetesModeServiceAccount:
        "actions.github.com/cleanup-kubernetes-mode-service-account-name",
      noPermissionServiceAccount: "actions.github.com/cleanup-no-permission-service-account-name",
      githubSecret: "actions.github.com/cleanup-github-secret-name",
      managerRoleBinding: "actions.github.com/cleanup-manager-role-binding",
      managerRole: "actions.github.com/cleanup-manager-role-name",
    },
  },
  {
    what: "finalizers",
    ours: FINALIZERS,
    spelled: {
      runnerSet: "autoscalingrunnerset.actions.github.com/finalizer",
      listener: "autoscalinglistener.actions.github.com/finalizer",
      ephemeralRunnerSet: "ephemeralrunnerset.actions.github.com/finalizer",
      ephemeralRunner: "ephemeralrunner.actions.github.com/finalizer",
      runnerRegistration: "ephemeralrunner.actions.github.com/runner-registration-finalizer",
      cleanupProtection: "actions.github.com/cleanup-protection",
    },
  },
  { what: "containers", ours: CONTAINERS, spelled: { runner: "runner", listener: "listener" } },
  {
    what: "numbers",
    ours: [EXIT_OUTDATED, MAX_RUNNERS, DEFAULT_RUNNER_GROUP_ID],
    spelled: [7, 2147483647, 1],
  },
  {
    what: "keys of a JIT Secret",
    ours: JIT_SECRET_KEYS,
    spelled: {
      token: "jitToken",
      runnerName: "runnerName",
      runnerId: "runnerId",
      scaleSetId: "scaleSetId",
    },
  },
  {
    what: "variables of a runner",
    ours: RUNNER_ENV,
    spelled: {
      jitConfig: "ACTIONS_RUNNER_INPUT_JITCONFIG",
      userAgent: "GITHUB_ACTIONS_RUNNER_EXTRA_USER_AGENT",
      outdatedExitCode: "ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE",
      containerHooks: "ACTIONS_RUNNER_CONTAINER_HOOKS",
    },
  },
  {
    what: "the listener's configuration",
    ours: LISTENER_CONFIG,
    spelled: {
      key: "config.json",
      volume: "listener-config",
      mountPath: "/etc/gha-listener",
      env: "LISTENER_CONFIG_PATH",
    },
  },
] as const;

for (const { what, ours, spelled } of SPELLED) {
  Deno.test(`spelled as ARC spells them: ${what}`, { permissions: "none" }, () => {
    assert.deepEqual(ours, spelled);
  });
}

Deno.test("keys are legal: a prefix that is a domain, a name of at most 63 characters", {
  permissions: "none",
}, () => {
  const keys = [LABELS, ANNOTATIONS, CLEANUP_ANNOTATIONS, FINALIZERS].flatMap(Object.values);
  for (const key of keys) {
    assert.match(key, /^([a-z0-9][-a-z0-9.]*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
  }
  assert.equal(new Set(keys).size, keys.length);
});
