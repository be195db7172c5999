/** The rights that the product uses on a real API server are the rights that it declares, both ways. */
import assert from "node:assert/strict";
import {
  clusterRules,
  eventRules,
  leaderElectionRules,
  ownNamespaceRules,
  runnerNamespaceRules,
} from "../../controllers/rules.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { CLEANUP_ANNOTATIONS, FINALIZERS } from "../../crds/group.ts";
import { EVENTS, SECRETS } from "../../kube/resources.ts";
import { keyOf, type KubeObject } from "../../kube/types.ts";
import { listenerRules, watchRules } from "../../listener/rules.ts";
import { CONTROLLER, grant } from "../../sim/world_objects.ts";
import { hasSession } from "../journeys/invariants.ts";
import { idle, queue, untilAtRest, untilOver } from "../journeys/stories/story.ts";
import { setObjects } from "../journeys/stage.ts";
import type { AuditedRequest } from "./audit_log.ts";
import { clusterTest } from "./cluster_test_case.ts";
import { eventually } from "./eventually.ts";
import { type Grant, rightText, uncovered, unused } from "./used_rights.ts";
import { openWatchedRealStage, OURS } from "./watched.ts";

const NAMESPACE = "arc-runners";
const USER = `${OURS}${CONTROLLER.name}`;

const CONTROLLER_GRANTS: readonly Grant[] = [
  { namespace: "*", rules: [...clusterRules, ...eventRules] },
  { namespace: CONTROLLER.namespace, rules: [...ownNamespaceRules, ...leaderElectionRules] },
  { namespace: NAMESPACE, rules: runnerNamespaceRules },
];
const LISTENER_GRANTS: readonly Grant[] = [
  { namespace: NAMESPACE, rules: listenerRules({ ephemeralRunnerSetName: "linux" }) },
  { namespace: CONTROLLER.namespace, rules: watchRules({ name: "" }).map(withoutNames) },
];

/** As a chart grants it: of any name. */
function withoutNames({ resourceNames: _, ...rule }: ReturnType<typeof watchRules>[number]) {
  return rule;
}

clusterTest(
  "[real] RBAC used is RBAC declared: nothing more is asked for, nothing is refused, and what is not used is kept for a reason",
  async ({ facts }) => {
    const watched = await openWatchedRealStage(facts, {
      max: 6,
      runnerScript: () => scripts.pop() ?? "run",
    });
    const scripts: ("fail-early" | "run")[] = [];
    await using stage = watched.stage;
    await stage.world.apply(asArcsChartWroteIt(setObjects({ min: 1, max: 6 })));
    const flags = ["--enable-leader-election"];
    const first = stage.startController(flags);
    await stage.until("a session is open", () => hasSession(stage));
    await stage.until("a runner is idle", () => idle(stage) === 1);
    // Nobody told its pod to stop before the controller comes to it.
    const [lost] = stage.runners().map(keyOf);
    assert.ok(lost);
    await stage.world.admin.delete(EPHEMERAL_RUNNERS, lost);
    const isThere = () => stage.runners().some((runner) => keyOf(runner).name === lost.name);
    await stage.until("another runner is idle", () => !isThere() && idle(stage) === 1);
    scripts.push("fail-early");
    queue(stage, 8, 20);
    await untilOver(stage);
    await untilAtRest(watched, 1);
    const key = { namespace: NAMESPACE, name: "linux" };
    await stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, key, { spec: { maxRunners: 5 } });
    await stage.pass(10);
    await stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, key, { spec: { minRunners: 0 } });
    await stage.until("no runner is left", () => stage.runners().length === 0);
    // Without its Secret, and without the memory of it, the set leaves something behind and says so.
    await first.stop();
    await stage.world.admin.delete(SECRETS, { ...key, name: "linux-github" });
    const second = stage.startController(flags);
    await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, key);
    await stage.until("the set is gone", () => stage.runnerSet() === undefined);
    await stage.until("it was told", () => stage.stored(EVENTS).length > 0);
    await second.stop();
    const requests = await eventually("the lease to be given back", async () => {
      const all = (await stage.audit.requests()).filter(({ user }) => user.startsWith(OURS));
      return all.some(({ resource, verb }) => resource === "leases" && verb === "update")
        ? all
        : undefined;
    });
    const isController = ({ user }: AuditedRequest) => user === USER;
    const isRefused = ({ code }: AuditedRequest) => code === 403 || code === 401;
    const refused = [...new Set(requests.filter(isRefused).map(rightText))];
    assert.deepEqual(refused.filter((right) => !FALL_BACKS.includes(right)), [], "refused");
    const granted = requests.filter((one) => !isRefused(one));
    const ofController = granted.filter(isController);
    const ofListeners = granted.filter((one) => !isController(one));
    assert.ok(ofListeners.length > 0, "no listener was heard of");
    assert.deepEqual(uncovered(ofController, CONTROLLER_GRANTS), [], "the controller");
    assert.deepEqual(uncovered(ofListeners, LISTENER_GRANTS), [], "the listeners");
    const isNotKept = (right: string) => !KEPT.includes(right);
    assert.deepEqual(unused(ofController, CONTROLLER_GRANTS).filter(isNotKept), [], "not used");
    assert.deepEqual(unused(ofListeners, LISTENER_GRANTS).filter(isNotKept), [], "not used");
  },
);

/** A manager role and its binding that ARC's chart protected, and a set that names them. */
function asArcsChartWroteIt(objects: readonly KubeObject[]): readonly KubeObject[] {
  const [role, binding] = grant(CONTROLLER, {
    name: "arc-manager",
    rules: [],
    namespace: NAMESPACE,
  }).map((object) => ({
    ...object,
    metadata: { ...object.metadata, finalizers: [FINALIZERS.cleanupProtection] },
  }));
  return [
    ...objects.map((object) =>
      object.kind !== AUTOSCALING_RUNNER_SETS.kind ? object : {
        ...object,
        metadata: {
          ...object.metadata,
          annotations: {
            [CLEANUP_ANNOTATIONS.managerRole]: "arc-manager",
            [CLEANUP_ANNOTATIONS.managerRoleBinding]: "arc-manager",
          },
        },
      }
    ),
    role as KubeObject,
    binding as KubeObject,
  ];
}

/** Asked for where a chart may grant it; without it documents are read now and then (`controllers/documents.ts`). */
const FALL_BACKS: readonly string[] = ["watch secrets", "watch configmaps"];

/** What ARC's own charts grant and we do not use, by name: kept for drop-in. */
const KEPT_FOR_DROP_IN: readonly (readonly [place: string, resources: string, verbs: string])[] = [
  ["*", "autoscalingrunnersets", "create delete get update"],
  ["*", "autoscalinglisteners ephemeralrunners ephemeralrunnersets", "get update"],
  ["*", "ephemeralrunnersets", "patch"],
  [
    "*",
    "autoscalingrunnersets/status autoscalinglisteners/status ephemeralrunners/status ephemeralrunnersets/status",
    "get update",
  ],
  [
    "*",
    "autoscalingrunnersets/finalizers autoscalinglisteners/finalizers ephemeralrunners/finalizers ephemeralrunnersets/finalizers",
    "patch update",
  ],
  ["arc-runners", "ephemeralrunners", "patch"],
  ["arc-runners", "pods pods/status", "get"],
  ["arc-runners", "secrets", "delete patch update"],
  ["arc-runners", "serviceaccounts", "create delete get list patch update"],
  ["arc-runners", "roles rolebindings", "delete update"],
  ["arc-systems", "pods", "delete get"],
  ["arc-systems", "pods/status", "get"],
  ["arc-systems", "secrets", "delete get update"],
  ["arc-systems", "serviceaccounts", "delete get patch update"],
  ["arc-systems", "leases", "delete list watch"],
  ["arc-systems", "events", "create patch"],
];

/** Ours beyond ARC's, and used when a repeated event is counted, which is a minute later at the earliest. */
const USED_LATER: readonly string[] = ["*: patch events"];

/** Ours beyond ARC's, declared although a list with the object's name is all that we ask. */
const DECLARED_IN_VAIN: readonly string[] = [
  "arc-systems: get autoscalinglisteners.actions.github.com",
];

const GROUPS: readonly (readonly [RegExp, string])[] = [
  [/^(?:autoscaling|ephemeral)/, ".actions.github.com"],
  [/^role/, ".rbac.authorization.k8s.io"],
  [/^leases/, ".coordination.k8s.io"],
];

function groupOf(resource: string): string {
  return GROUPS.find(([resources]) => resources.test(resource))?.[1] ?? "";
}

const KEPT: readonly string[] = [
  ...USED_LATER,
  ...DECLARED_IN_VAIN,
  ...KEPT_FOR_DROP_IN.flatMap(([place, resources, verbs]) =>
    resources.split(" ").flatMap((resource) =>
      verbs.split(" ").map((verb) => `${place}: ${verb} ${resource}${groupOf(resource)}`)
    )
  ),
];
