/** What can be wrong with an installation, each with the line in which `doctor` has to name it first. A table for tests. */
import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import { DEPLOYMENTS, PODS, SECRETS } from "../../../kube/resources.ts";
import type { KubeObject } from "../../../kube/types.ts";
import { CONTROLLER, grant } from "../../../sim/world_objects.ts";
import type { SetWords } from "../../journeys/stage.ts";
import { type Fault, NAMESPACE } from "../installation.ts";

const SET = { namespace: NAMESPACE, name: "linux" };
const SECRET = { namespace: NAMESPACE, name: "linux-github" };
const DEFINITIONS = {
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
};

export interface DoctorFault extends Fault {
  /** Of the check that must fail. */
  readonly check: string;
}

const quota = (hard: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "team", namespace: NAMESPACE },
  ...{ spec: { hard } },
});

const template = (resources: unknown, image = "x") => ({
  template: { spec: { containers: [{ name: "runner", image, resources }] } },
} as unknown as NonNullable<SetWords["spec"]>);

export const DOCTOR_FAULTS: readonly DoctorFault[] = [
  {
    fault: "a kind is not installed",
    plant: ({ stage }) =>
      stage.world.admin.delete(DEFINITIONS, {
        namespace: "",
        name: "ephemeralrunners.actions.github.com",
      }).then(() => stage.pass(5)),
    check: "definitions",
    firstLine: /^✗ The cluster does not serve EphemeralRunner of actions\.github\.com/,
  },
  {
    fault: "the controller's role lost its rules",
    plant: (world) => world.plant(...grant(CONTROLLER, { name: CONTROLLER.name, rules: [] })),
    check: "rights",
    firstLine: /^✗ the controller's account "arc-systems\/arc-gha-rs-controller" cannot create, /,
  },
  {
    fault: "the controller's image cannot be pulled",
    plant: async (world) => {
      const { admin, kubelet } = world.stage.world;
      await admin.patch(DEPLOYMENTS, CONTROLLER, { status: { availableReplicas: 0 } }, {
        subresource: "status",
      });
      kubelet.failImage("nowhere/longshore:0.1");
      await world.plant({
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
          namespace: CONTROLLER.namespace,
          name: "controller",
          labels: { "app.kubernetes.io/part-of": "gha-rs-controller" },
        },
        ...{ spec: { containers: [{ name: "manager", image: "nowhere/longshore:0.1" }] } },
      });
      await world.stage.pass(30);
    },
    check: "controller",
    firstLine:
      /^✗ Deployment .* has no replica available: Container "manager" cannot start from image "nowhere\/longshore:0\.1"/,
  },
  {
    fault: "the controller is scaled to 0",
    plant: async ({ stage: { world } }) => {
      await world.admin.patch(DEPLOYMENTS, CONTROLLER, { spec: { replicas: 0 } });
      await world.admin.patch(DEPLOYMENTS, CONTROLLER, { status: { availableReplicas: 0 } }, {
        subresource: "status",
      });
    },
    check: "controller",
    firstLine: /^✗ Deployment "arc-systems\/arc-gha-rs-controller" is scaled to 0/,
  },
  {
    fault: "GitHub's clock is ten minutes ahead",
    plant: (world) => {
      const { clock } = world.stage;
      world.doctorsWay = (send) => async (request) => {
        const response = await send(request);
        const headers = new Headers(response.headers);
        headers.set("date", new Date(clock.now().getTime() + 600_000).toUTCString());
        return new Response(response.body, { status: response.status, headers });
      };
    },
    check: "clocks",
    // A program in a process of its own sees the address that stands in for GitHub's; an answer on its way for some
    // seconds moves the reading by half of them.
    firstLine: /^✗ The clock of (github\.|127\.0\.0\.1:)\S+ is (59|60)\d s ahead of that of /,
  },
  {
    fault: "the Secret is gone",
    plant: ({ stage }) => stage.world.admin.delete(SECRETS, SECRET),
    check: "secrets",
    firstLine:
      /^✗ Runner set "arc-runners\/linux": Secret "arc-runners\/linux-github" does not exist/,
  },
  {
    fault: "the Secret has a key of another name",
    plant: ({ stage }) =>
      stage.world.admin.patch(SECRETS, SECRET, {
        data: { github_token: null, token: btoa("ghp_hunter2hunter2") },
      }),
    check: "secrets",
    firstLine: /^✗ Runner set .*No credential is given; wanted github_token/,
  },
  {
    fault: "GitHub cannot be reached",
    plant: (world) => {
      world.doctorsWay = () => () => Promise.reject(new TypeError("connection refused"));
    },
    check: "github",
    firstLine: /^✗ The host of githubConfigUrl https:\/\/github\.com\/acme cannot be reached/,
  },
  {
    fault: "the token has expired",
    plant: ({ stage }) =>
      stage.world.github.control.setFaults([{
        operation: "registrationtoken",
        effect: { do: "answer", status: 401 },
      }]),
    check: "credentials",
    firstLine:
      /^✗ GitHub refuses the credentials of "arc-runners\/linux": github_token is not valid/,
  },
  {
    fault: "the token lacks its scope",
    plant: ({ stage }) =>
      stage.world.github.control.setFaults([{
        operation: "registrationtoken",
        effect: { do: "answer", status: 403 },
      }]),
    check: "credentials",
    firstLine: /^✗ GitHub refuses .*github_token may lack the scope admin:org/,
  },
  {
    fault: "the runner group does not exist",
    plant: ({ stage }) =>
      stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, SET, { spec: { runnerGroup: "gpu" } }),
    check: "registration",
    firstLine: /^✗ GitHub has no runner group "gpu" at https:\/\/github\.com\/acme/,
  },
  {
    fault: "GitHub forgot the scale set",
    plant: ({ stage: { world } }) => {
      const [set] = world.github.control.state().scaleSets;
      assert.ok(world.github.control.forgetScaleSet(set?.id ?? 0));
    },
    check: "registration",
    firstLine: /^✗ GitHub knows no scale set "linux" at https:\/\/github\.com\/acme/,
  },
  {
    fault: "GitHub refuses the runner's version",
    words: { min: 1 },
    options: { runnerScript: () => "outdated" },
    plant: ({ stage }) => stage.pass(60),
    check: "image",
    firstLine: /^✗ (GitHub refuses the runner version in image|The runners of .* are outdated)/,
  },
  {
    fault: "the runners' image is older than GitHub takes any",
    words: { spec: template({}, "mirror.example.com/actions-runner:2.311.0") },
    check: "image",
    firstLine:
      /^✗ The image of "arc-runners\/linux" is too old: it is ".*:2\.311\.0", and GitHub registers no runner older than 2\.329\.0/,
  },
  {
    fault: "a quota leaves no room",
    plant: async (world) => {
      await world.plant(quota({ pods: "1" }));
      await world.stage.pass(5);
    },
    check: "room",
    firstLine:
      /^✗ ResourceQuota "team" in namespace "arc-runners" leaves room for 1 more runners of "linux".*: pods is 0 of 1/,
  },
  {
    fault: "runners want more than a LimitRange allows",
    words: { spec: template({ requests: { cpu: "8" } }) },
    plant: (world) =>
      world.plant({
        apiVersion: "v1",
        kind: "LimitRange",
        metadata: { name: "small", namespace: NAMESPACE },
        ...{ spec: { limits: [{ type: "Container", max: { cpu: "4" } }] } },
      }),
    check: "room",
    firstLine: /^✗ No runner of "arc-runners\/linux" can be created: .* wants 8 cpu, more than 4/,
  },
  {
    fault: "the listener's pod is gone and nobody makes another",
    plant: async (world) => {
      const { stage } = world;
      await world.stopController();
      const [pod] = stage.pods();
      await stage.world.admin.delete(PODS, {
        namespace: CONTROLLER.namespace,
        name: pod?.metadata?.name ?? "",
      }, { gracePeriodSeconds: 0 });
      await stage.pass(5);
    },
    check: "listeners",
    firstLine: /^✗ The listener of runner set "arc-runners\/linux" has no pod/,
  },
  {
    fault: "the set is two minor versions behind",
    plant: ({ stage }) =>
      stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, SET, {
        metadata: { labels: { "app.kubernetes.io/version": "0.12.1" } },
      }),
    check: "versions",
    firstLine: /^✗ Runner set "arc-runners\/linux" was made by version 0\.12\.1 of its chart/,
  },
  {
    fault: "a set hangs in its deletion",
    plant: async (world) => {
      const { stage } = world;
      await world.stopController();
      await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, SET);
      await stage.pass(600);
    },
    check: "finalizers",
    firstLine: /^✗ AutoscalingRunnerSet "arc-runners\/linux" hangs in its deletion since /,
  },
];
