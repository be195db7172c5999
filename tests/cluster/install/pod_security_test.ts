/** The pods of ours under the Pod Security level `restricted`, which the API server's own admission enforces. */
import assert from "node:assert/strict";
import { kubectl } from "../command_line.ts";
import { hasSession } from "../../journeys/invariants.ts";
import { queue, results, untilAtRest, untilOver } from "../../journeys/stories/story.ts";
import { installTest, openInstalled } from "./installed_stage.ts";

const SYSTEM = "restricted-systems";
const RUNNERS = "restricted-runners";
const ENFORCED = { "pod-security.kubernetes.io/enforce": "restricted" };

/** Of runner pods, which are the user's: what `docs/install.md` shows. */
const RUNNER = {
  spec: {
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1001,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [{
      name: "runner",
      image: "ghcr.io/actions/actions-runner:latest",
      command: ["/home/runner/run.sh"],
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    }],
  },
};

installTest(
  "[real] controller, listener and a plain runner live in namespaces that enforce the Pod Security level restricted",
  async (facts) => {
    const namespaces = { [SYSTEM]: ENFORCED, [RUNNERS]: ENFORCED };
    await using installed = await openInstalled(facts, { max: 2, namespaces });
    const { stage } = installed;
    const root = ["run", "root", "--image=busybox", `--namespace=${SYSTEM}`];
    await assert.rejects(() => kubectl(facts, ...root), /violates PodSecurity/, "it is enforced");

    const controller = installed.controller({ namespace: SYSTEM });
    const runnerSet = installed.runnerSet({
      namespace: RUNNERS,
      values: { maxRunners: 2, template: RUNNER },
    });
    await installed.upgrade(controller);
    await installed.upgrade(runnerSet);
    await stage.until("a session is open", () => hasSession(stage));
    queue(stage, 3, 5);
    await untilOver(stage);
    await untilAtRest(installed);
    assert.deepEqual(results(stage), { succeeded: 3 });
    await installed.uninstall(runnerSet, "--wait");
    await installed.uninstall(controller, "--wait");
    await installed.untilNothingLeft();
  },
);
