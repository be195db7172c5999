import assert from "node:assert/strict";
import { namedCluster } from "../../modes/named_cluster.ts";
import { MODES } from "../../modes/mode.ts";
import { parseFlags } from "../../lib/flags.ts";
import { kubeconfigText } from "./kubeconfig.ts";

async function kubeconfig(folder: string, user: object = {}, cluster = {}): Promise<string> {
  const path = `${folder}/config`;
  const server = "https://kube.test";
  await Deno.writeTextFile(path, kubeconfigText({ server, user, cluster }));
  return path;
}

Deno.test("the controller reads the kubeconfig and what it names, and reaches its server and proxy", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/token`, "t");
  const path = await kubeconfig(folder, { tokenFile: "token" }, {
    "proxy-url": "http://proxy.test:3128",
  });
  const mode = MODES["controller-manager"];
  const { config } = parseFlags(mode.flags, {
    args: [
      "--namespace=n",
      "--image=i",
      `--kubeconfig=${path}`,
      "--github-hosts=github.com=http://127.0.0.1:1",
      "--metrics-addr=0",
    ],
  });
  const cluster = await namedCluster(mode.cluster?.(config) ?? assert.fail());
  assert.deepEqual(mode.sandbox(config, cluster.places), {
    net: ["kube.test:443", "proxy.test:3128", "127.0.0.1:1"],
    read: [path, `${folder}/token`],
  });
  assert.deepEqual(cluster.flags, { kubeconfig: path, context: "x" });
  assert.equal(cluster.askPlugin, undefined);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the kubeconfig in the home folder is found when a context is wanted", async () => {
  const home = await Deno.makeTempDir();
  await Deno.mkdir(`${home}/.kube`);
  const path = await kubeconfig(`${home}/.kube`);
  assert.equal((await namedCluster({ context: "x", home })).places.paths[0], path);
  await assert.rejects(namedCluster({ context: "y", home }), /has no context "y"/);
  await Deno.remove(home, { recursive: true });
});

Deno.test("a plugin is not run before somebody asks", async () => {
  const folder = await Deno.makeTempDir();
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "/no/such/program" };
  const cluster = await namedCluster({ kubeconfig: await kubeconfig(folder, { exec }) });
  assert.notEqual(cluster.askPlugin, undefined);
  await Deno.remove(folder, { recursive: true });
});
