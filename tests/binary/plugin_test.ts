/** Kubeconfigs that want a credential plugin: the desktop's build runs it, the image's says that it cannot. */
import assert from "node:assert/strict";
import { eventually } from "../cluster/eventually.ts";
import { freePort } from "../cluster/processes.ts";
import { CONTROLLER } from "../../sim/world_objects.ts";
import { kubeconfigText } from "../modes/kubeconfig.ts";
import { binaryTest } from "./binary_test_case.ts";
import { podWorld } from "./pod_world.ts";
import { outcomeOf, started } from "./process.ts";

/** A kubeconfig in `folder` whose user is who a program says. */
async function kubeconfig(
  folder: string,
  cluster: { readonly server: string; readonly ca: string; readonly token: string },
): Promise<string> {
  const credential = {
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    status: { token: cluster.token },
  };
  await Deno.writeTextFile(`${folder}/credential.json`, JSON.stringify(credential));
  const exec = {
    apiVersion: credential.apiVersion,
    command: "cat",
    args: [`${folder}/credential.json`],
    interactiveMode: "Never",
  };
  const { server, ca } = cluster;
  await Deno.writeTextFile(`${folder}/config`, kubeconfigText({ server, ca, user: { exec } }));
  return `${folder}/config`;
}

binaryTest(
  "the desktop's build runs the credential plugin of a kubeconfig, the image's refuses it in a sentence",
  async (path) => {
    await using pods = await podWorld();
    const { world } = pods;
    const config = await kubeconfig(pods.identity, {
      server: world.kubeUrl,
      ca: world.ca,
      token: world.api.tokenFor({ serviceAccount: CONTROLLER }),
    });
    const health = `127.0.0.1:${freePort()}`;
    const args = [
      "controller-manager",
      ...pods.args,
      `--kubeconfig=${config}`,
      `--namespace=${CONTROLLER.namespace}`,
      "--image=image",
      `--health-probe-bind-address=${health}`,
    ];
    const refused = await outcomeOf(path("image"), args);
    assert.notEqual(refused.code, 0);
    assert.match(refused.err, /"cat".*(may not|cannot) .*run|may not run programs|build/i);
    assert.equal(refused.err.trim().split("\n").length, 1);
    await using controller = started(path("desktop"), { args, env: {} });
    await eventually("readiness", async () => {
      assert.ok(!controller.hasEnded());
      const response = await fetch(`http://${health}/readyz`).catch(() => undefined);
      await response?.body?.cancel();
      return response?.status === 200 ? true : undefined;
    });
    assert.deepEqual(await controller.end("SIGTERM"), { code: 0, signal: null });
  },
);
