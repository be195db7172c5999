/** What can hold a runner set back, each with the line in which `explain` has to name it first. A table for tests. */
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import { PODS, SECRETS } from "../../../kube/resources.ts";
import { keyOf, type KubeObject } from "../../../kube/types.ts";
import { CONTROLLER } from "../../../sim/world_objects.ts";
import { queue } from "../../journeys/stories/story.ts";
import { type Fault, type Installation, NAMESPACE } from "../installation.ts";

const SET = { namespace: NAMESPACE, name: "linux" };
const SECRET = { namespace: NAMESPACE, name: "linux-github" };

export interface ExplainFault extends Fault {
  /** Of the first reason. */
  readonly code: string;
}

/** One that leaves room for so many pods. */
export const quota = (pods: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "team", namespace: NAMESPACE },
  ...{ spec: { hard: { pods } } },
});

/** Long jobs, and time for runners to be hired for them. */
export async function untilRunners(world: Installation, jobs: number, seconds = 60): Promise<void> {
  queue(world.stage, jobs, 600);
  await world.stage.pass(seconds);
}

export const EXPLAIN_FAULTS: readonly ExplainFault[] = [
  {
    fault: "no controller has ever run",
    words: { controller: "none" },
    isStuck: true,
    plant: () => {},
    code: "unserved",
    firstLine: /^✗ "arc-runners\/linux" is held back: No controller has looked at the runner set/,
  },
  {
    fault: "the Secret is missing",
    isStuck: true,
    plant: async ({ stage }) => {
      await stage.world.admin.delete(SECRETS, SECRET);
      await stage.pass(60);
    },
    code: "credential",
    firstLine: /is held back: Secret "arc-runners\/linux-github" does not exist/,
  },
  {
    fault: "GitHub refuses the token",
    isStuck: true,
    plant: async ({ stage }) => {
      stage.world.github.control.setFaults([{
        operation: "registrationtoken",
        effect: { do: "answer", status: 401 },
      }]);
      await stage.pass(60);
    },
    code: "credential",
    firstLine: /is held back: .*github_token is not valid/,
  },
  {
    fault: "the config URL is none",
    words: { url: "ftp://github.com/acme" },
    isStuck: true,
    plant: ({ stage }) => stage.pass(30),
    code: "spec",
    firstLine: /is held back: .*githubConfigUrl "ftp:\/\/github\.com\/acme" is not accepted/,
  },
  {
    fault: "the listener's image cannot be pulled",
    isStuck: true,
    plant: async ({ stage }) => {
      stage.world.kubelet.failImage("longshore:test");
      await stage.pass(60);
    },
    code: "listener",
    firstLine: /is held back: The listener's pod .* does not run: .*image "longshore:test"/,
  },
  {
    fault: "the session is another's",
    plant: async ({ stage }) => {
      stage.world.github.control.setFaults([
        { operation: "createsession", effect: { do: "answer", status: 409 } },
        { operation: "poll", effect: { do: "lose-session" } },
      ]);
      await stage.pass(300);
    },
    code: "session",
    firstLine: /is held back: .*session/i,
  },
  {
    fault: "maxRunners is 0",
    plant: async ({ stage }) => {
      await stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, SET, { spec: { maxRunners: 0 } });
      queue(stage, 2, 60);
      await stage.pass(30);
    },
    code: "paused",
    firstLine: /is held back: .*maxRunners is 0/,
  },
  {
    fault: "more jobs than the maximum",
    plant: (world) => untilRunners(world, 9),
    code: "max",
    firstLine: /^✗ "arc-runners\/linux" is at its limit: .*maxRunners is 3/,
  },
  {
    fault: "a quota is full",
    plant: async (world) => {
      await world.plant(quota("1"));
      await untilRunners(world, 3);
    },
    code: "quota",
    firstLine: /is held back: .*quota/,
  },
  {
    fault: "the runner's image cannot be pulled",
    plant: async (world) => {
      world.stage.world.kubelet.failImage("ghcr.io/actions/actions-runner:latest");
      await untilRunners(world, 2);
    },
    code: "failing",
    firstLine: /does not start: .*image "ghcr\.io\/actions\/actions-runner:latest"/,
  },
  {
    fault: "no node takes the listener",
    plant: async ({ stage }) => {
      const { admin, kubelet } = stage.world;
      for (const node of ["node-1", "node-2", "node-3"]) await kubelet.removeNode(node);
      await stage.pass(30);
      for (const pod of stage.pods()) {
        await admin.patch(PODS, keyOf(pod), {
          status: {
            conditions: [{
              type: "PodScheduled",
              status: "False",
              reason: "Unschedulable",
              message: "0/3 nodes are available: 3 Insufficient cpu",
              lastTransitionTime: "2026-01-01T12:00:00Z",
            }],
          },
        }, { subresource: "status" });
      }
      await stage.pass(5);
    },
    code: "listener",
    firstLine: /The listener's pod .* does not run: 0\/3 nodes are available: 3 Insufficient cpu/,
  },
  {
    fault: "GitHub refuses the runner's version",
    words: { min: 1 },
    options: { runnerScript: () => "outdated" },
    plant: ({ stage }) => stage.pass(60),
    code: "image",
    firstLine: /is held back: GitHub refuses the version of the runner/,
  },
  {
    fault: "runners fail one after the other",
    words: { min: 1 },
    options: { runnerScript: () => "fail-early" },
    plant: ({ stage }) => stage.pass(120),
    code: "failing",
    firstLine: /is held back: Runners? failed .*exit code 1/,
  },
  {
    fault: "the controller has gone, and its listener's pod with it",
    plant: async (world) => {
      await world.stopController();
      const [pod] = world.stage.pods();
      await world.stage.world.admin.delete(PODS, {
        namespace: CONTROLLER.namespace,
        name: pod?.metadata?.name ?? "",
      }, { gracePeriodSeconds: 0 });
      await world.stage.pass(5);
    },
    code: "listener",
    firstLine: /is held back: The listener ".*" has no pod/,
  },
  {
    fault: "it hangs in its deletion",
    plant: async (world) => {
      await world.stopController();
      await world.stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, SET);
      await world.stage.pass(60);
    },
    code: "deleting",
    firstLine: /is held back: It is being deleted since .*, held by autoscalingrunnerset/,
  },
];
