import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { createKubeClient } from "../../kube/client.ts";
import { isForbidden } from "../../kube/errors.ts";
import { createTransport } from "../../kube/transport.ts";
import { NAMESPACES, PODS, SECRETS } from "../../kube/resources.ts";
import { systemClock } from "../../lib/clock.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { startWorld, type WorldOptions } from "../../sim/world.ts";
import { CONTROLLER } from "../../sim/world_objects.ts";

const RIGHTS = {
  cluster: [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }],
  ownNamespace: [{ apiGroups: [""], resources: ["secrets"], verbs: ["create"] }],
};

function inMemory(more: Partial<WorldOptions> = {}) {
  return startWorld({
    clock: new VirtualClock(),
    random: seededRandom(3),
    at: "memory",
    controllerRights: RIGHTS,
    ...more,
  });
}

Deno.test("the controller may do what its rights say, and no more", async () => {
  const clock = new VirtualClock();
  const world = await inMemory({ clock });
  const token = world.api.tokenFor({ serviceAccount: CONTROLLER });
  const kube = createKubeClient(createTransport({ clock, connection: world.connection(token) }));
  assert.deepEqual(await kube.list(PODS), []);
  const secret = { metadata: { namespace: CONTROLLER.namespace, name: "s" } };
  assert.equal((await kube.create(SECRETS, secret)).metadata?.name, "s");
  await assert.rejects(() => kube.list(SECRETS), isForbidden);
  await world.stop();
});

Deno.test("applied twice, an object is changed in place; its namespace is made", async () => {
  const world = await inMemory();
  const set = (maxRunners: number) => ({
    apiVersion: "actions.github.com/v1alpha1",
    kind: "AutoscalingRunnerSet",
    metadata: { namespace: "new", name: "set" },
    spec: { maxRunners },
  });
  await world.apply([set(1)]);
  await world.apply([set(2)]);
  const stored = await world.admin.get(AUTOSCALING_RUNNER_SETS, { namespace: "new", name: "set" });
  assert.equal(stored?.spec?.maxRunners, 2);
  assert.ok(await world.admin.get(NAMESPACES, { namespace: "", name: "new" }));
  await world.stop();
});

Deno.test("a container named runner is a runner: without its configuration it fails", async () => {
  const clock = new VirtualClock();
  const world = await inMemory({ clock });
  await world.apply([{
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { namespace: "n", name: "a" },
  }]);
  await world.admin.create(PODS, {
    metadata: { namespace: "n", name: "p" },
    spec: {
      restartPolicy: "Never",
      serviceAccountName: "a",
      containers: [{ name: "runner", image: "i" }],
    },
  });
  await clock.advance(2_000);
  const pod = await world.admin.get(PODS, { namespace: "n", name: "p" });
  assert.equal(pod?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode, 1);
  await world.stop();
});

Deno.test("on loopback both servers answer over real HTTP, the cluster's over TLS", async () => {
  const folder = await Deno.makeTempDir();
  const world = await startWorld({
    clock: systemClock,
    random: seededRandom(3),
    at: "loopback",
    controllerRights: RIGHTS,
    folder,
  });
  using client = Deno.createHttpClient({ caCerts: [world.ca] });
  const headers = { authorization: `Bearer ${world.api.tokenFor("admin")}` };
  const version = await fetch(`${world.kubeUrl}/version`, { client, headers });
  assert.equal(version.status, 200);
  await version.body?.cancel();
  const state = await fetch(`${world.githubUrl}/_sim/state`);
  assert.deepEqual((await state.json()).scaleSets, []);
  await world.stop();
  await Deno.remove(folder, { recursive: true });
});
