/**
 * What others do to the cluster: nodes fall silent, pods are evicted, somebody deletes what is ours, quotas are set, watches
 * end. Whose runners that costs is remembered, as their jobs are not our fault.
 */
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { isDeleting } from "../../kube/meta.ts";
import { PODS, SECRETS } from "../../kube/resources.ts";
import { keyOf, type KubeObject, type Pod, type ResourceType } from "../../kube/types.ts";
import { type Deed, type Deletable, labelOf } from "./plan.ts";
import { chosen, HOME, isIn, nameOf, type Scene, SYSTEM } from "./scene.ts";

const QUOTAS: ResourceType<KubeObject> = {
  group: "",
  version: "v1",
  kind: "ResourceQuota",
  plural: "resourcequotas",
  namespaced: true,
};

/** Every watch of everybody ends. */
export function endWatches({ stage }: Scene, how: "close" | "break" | "expire" | "compact"): void {
  const { api } = stage.world;
  if (how !== "compact") return api.endWatches(how);
  api.compact();
  api.endWatches("break");
}

/** A node goes, with all that runs there; after a while a new one comes. */
export async function loseNode(
  scene: Scene,
  deed: Extract<Deed, { do: "lose-node" }>,
): Promise<void> {
  const { stage, nodes } = scene;
  const { kubelet } = stage.world;
  const name = chosen(nodes, deed.nth);
  if (name === undefined || nodes.length === 1) return;
  nodes.splice(nodes.indexOf(name), 1);
  const dies = (pod: Pod) => pod.spec?.nodeName === name;
  for (const pod of stage.pods().filter(dies)) scene.lost.add(nameOf(pod));
  scene.happened(labelOf(deed), name);
  if (deed.how === "silent") kubelet.killNode(name);
  else await kubelet.removeNode(name);
  await stage.clock.sleep(deed.forS * 1000);
  if (deed.how === "silent") await kubelet.removeNode(name);
  const fresh = `${name}-again`;
  await kubelet.addNode(fresh);
  nodes.push(fresh);
  await collectPods(scene);
}

/** What the cluster's own collector does about pods of nodes that do not exist. */
export async function collectPods({ stage, nodes }: Scene): Promise<void> {
  for (const pod of stage.pods()) {
    const node = pod.spec?.nodeName;
    if (node === undefined || nodes.includes(node)) continue;
    await stage.world.admin.delete(PODS, keyOf(pod), { gracePeriodSeconds: 0 });
  }
}

/** A runner's pod comes to harm. */
export async function harmPod(
  scene: Scene,
  deed: Extract<Deed, { do: "harm-pod" }>,
): Promise<void> {
  const { stage } = scene;
  const { kubelet, admin } = stage.world;
  const pods = stage.pods().filter(isIn(HOME)).filter((pod) => !isDeleting(pod));
  const pod = chosen(pods, deed.nth);
  if (pod === undefined) return;
  const key = keyOf(pod);
  scene.lost.add(key.name);
  scene.happened(labelOf(deed), key.name);
  switch (deed.how) {
    case "delete":
      return void await admin.delete(PODS, key);
    case "force-delete":
      return void await admin.delete(PODS, key, { gracePeriodSeconds: 0 });
    case "evict":
      return void kubelet.evict(key);
    case "kill-for-memory":
      return void kubelet.oomKill(key, "runner");
    default:
      return deed.how satisfies never;
  }
}

/** Somebody deletes an object of ours that is there. */
export async function deleteOne(
  scene: Scene,
  deed: Extract<Deed, { do: "delete" }>,
): Promise<void> {
  const { type, objects } = found(scene, deed.what);
  const object = chosen(objects.filter((object) => !isDeleting(object)), deed.nth);
  if (object === undefined) return;
  scene.happened(labelOf(deed), nameOf(object));
  await scene.stage.world.admin.delete(type, keyOf(object));
}

interface Found {
  readonly type: ResourceType<KubeObject>;
  readonly objects: readonly KubeObject[];
}

function found({ stage }: Scene, what: Deletable): Found {
  const all = (type: ResourceType<KubeObject>, namespace: string): Found => ({
    type,
    objects: stage.stored(type).filter(isIn(namespace)),
  });
  switch (what) {
    case "runner":
      return all(EPHEMERAL_RUNNERS, HOME);
    case "ephemeral runner set":
      return all(EPHEMERAL_RUNNER_SETS, HOME);
    case "listener":
      return all(AUTOSCALING_LISTENERS, SYSTEM);
    case "listener pod":
      return all(PODS, SYSTEM);
    case "listener config":
      return all(SECRETS, SYSTEM);
    case "runner secret": {
      const runners = new Set(stage.runners().map(nameOf));
      const { type, objects } = all(SECRETS, HOME);
      return { type, objects: objects.filter((secret) => runners.has(nameOf(secret))) };
    }
    default:
      return what satisfies never;
  }
}

/** A quota on pods, which also counts those that are there already. */
export async function limitPods(scene: Scene, deed: Extract<Deed, { do: "quota" }>): Promise<void> {
  const { world, clock } = scene.stage;
  const key = { namespace: HOME, name: `pods-${Math.round(scene.trace.seconds * 10)}` };
  scene.happened(deed.do, `${deed.pods} pods for ${deed.forS} s`);
  const quota: KubeObject & { readonly spec: unknown } = {
    apiVersion: "v1",
    kind: QUOTAS.kind,
    metadata: key,
    spec: { hard: { pods: String(deed.pods) } },
  };
  await world.apply([quota]);
  await clock.sleep(deed.forS * 1000);
  await world.admin.delete(QUOTAS, key);
}
