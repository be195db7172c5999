/**
 * How much memory an object costs in the caches of a controller. Run it with
 * `deno run --allow-read --v8-flags=--expose-gc bench/cache_memory.ts [COUNT]`; it prints a table for `docs/memory.md`.
 */
import { createCaches } from "../controllers/caches.ts";
import type { KubeClient, ListPage } from "../kube/client.ts";
import type { AnyType, KubeObject, Pod } from "../kube/types.ts";
import { silentLogger } from "../lib/log.ts";
import { silentMetrics } from "../lib/metrics.ts";
import { seededRandom } from "../lib/random.ts";
import { runTogether } from "../lib/tasks.ts";
import { VirtualClock } from "../sim/clock.ts";
import { anEphemeralRunnerSet, aPod, aRunner } from "../tests/builders.ts";

const COUNT = Number(Deno.args[0] ?? "5000");
const PAGE = 500;

/** What the API server adds to a pod of a runner: defaults, tokens, status, who wrote what. */
function podAsStored(): KubeObject {
  const pod = aPod().running();
  const condition = (type: string) => ({
    type,
    status: "True",
    lastProbeTime: null,
    lastTransitionTime: "2026-01-01T00:00:00Z",
  });
  const env = Array.from({ length: 12 }, (_, i) => ({ name: `VARIABLE_${i}`, value: "a value" }));
  const container = {
    name: "runner",
    image: "ghcr.io/actions/actions-runner:latest",
    command: ["/home/runner/run.sh"],
    env,
    resources: { requests: { cpu: "2", memory: "4Gi" }, limits: { memory: "4Gi" } },
    volumeMounts: [
      { name: "work", mountPath: "/home/runner/_work" },
      { name: "kube-api-access", readOnly: true, mountPath: "/var/run/secrets/kubernetes.io" },
    ],
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: "Always",
  };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      managedFields: ["longshore", "kubelet"].map((manager) => ({
        manager,
        operation: "Update",
        apiVersion: "v1",
        time: "2026-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: Object.fromEntries(
          Array.from({ length: 40 }, (_, i) => [`f:field${i}`, { "f:name": {}, "f:value": {} }]),
        ),
      })),
    },
    spec: {
      ...pod.spec,
      containers: [container],
      initContainers: [{ ...container, name: "init" }, { ...container, name: "dind" }],
      volumes: [{ name: "work", emptyDir: {} }, {
        name: "kube-api-access",
        projected: {
          defaultMode: 420,
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
            { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
          ],
        },
      }],
      tolerations: ["not-ready", "unreachable"].map((key) => ({
        key: `node.kubernetes.io/${key}`,
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 300,
      })),
      nodeName: "node-1",
      schedulerName: "default-scheduler",
      dnsPolicy: "ClusterFirst",
      securityContext: {},
      enableServiceLinks: true,
    },
    status: {
      ...pod.status,
      conditions: ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map(condition),
      podIP: "10.0.0.1",
      hostIP: "10.1.0.1",
      qosClass: "Burstable",
      startTime: "2026-01-01T00:00:00Z",
    },
  } as KubeObject;
}

/** A runner with the template that its pod is made from. */
function runnerAsStored(): KubeObject {
  const { spec } = podAsStored() as Pod;
  const runner = aRunner({ hasJob: true });
  return { ...runner, spec: { ...runner.spec, spec } } as KubeObject;
}

/** The `i`-th of its kind, with every text of its own, as JSON from the wire has it. */
function numbered(text: string, i: number): KubeObject {
  const object = JSON.parse(text) as KubeObject;
  const metadata = {
    ...object.metadata,
    name: `linux-runner-${i}`,
    uid: `00000000-0000-0000-0000-${String(i).padStart(12, "0")}`,
    resourceVersion: String(i),
  };
  return { ...object, metadata };
}

function clientWith(kind: string, text: string): KubeClient {
  const listPage = (
    type: AnyType,
    options: { readonly continue?: string },
  ): Promise<ListPage<KubeObject>> => {
    if (type.kind !== kind) return Promise.resolve({ items: [], resourceVersion: "1" });
    const from = Number(options.continue ?? "0");
    const to = Math.min(from + PAGE, COUNT);
    const items = Array.from({ length: to - from }, (_, i) => numbered(text, from + i));
    return Promise.resolve({
      items,
      resourceVersion: "1",
      continue: to < COUNT ? String(to) : undefined,
    });
  };
  async function* watch(_type: AnyType, { signal }: { readonly signal: AbortSignal }) {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    yield* [];
  }
  return { listPage, watch } as unknown as KubeClient;
}

function heapBytes(): number {
  for (let i = 0; i < 3; i++) (globalThis as unknown as { gc(): void }).gc();
  return Deno.memoryUsage().heapUsed;
}

async function bytesEach(kind: string, text: string): Promise<number> {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const before = heapBytes();
  const { caches, tasks } = createCaches({
    kube: clientWith(kind, text),
    namespaces: [],
    clock,
    random: seededRandom(1),
    log: silentLogger,
    metrics: silentMetrics,
  });
  const following = runTogether(tasks, stop.signal);
  await clock.advance(1_000);
  const after = heapBytes();
  const held = Object.values(caches).reduce((sum, cache) => sum + cache.all().length, 0);
  if (held !== COUNT) throw new Error(`${held} of ${COUNT} ${kind} in the caches`);
  stop.abort();
  await clock.advance(0);
  await following;
  return Math.round((after - before) / COUNT);
}

/** What the same objects cost whole. */
function bytesWhole(text: string): number {
  const before = heapBytes();
  const held = Array.from({ length: COUNT }, (_, i) => numbered(text, i));
  const after = heapBytes();
  return Math.round((after - before) / held.length);
}

const kinds: readonly (readonly [string, KubeObject])[] = [
  ["Pod", podAsStored()],
  ["EphemeralRunner", runnerAsStored()],
  ["EphemeralRunnerSet", anEphemeralRunnerSet()],
];
const lines = [
  `${COUNT} objects of each kind`,
  "",
  "| kind | JSON, bytes | whole in memory, bytes | in the caches, bytes |",
  "| --- | --- | --- | --- |",
];
for (const [kind, object] of kinds) {
  const text = JSON.stringify(object);
  lines.push(
    `| ${kind} | ${text.length} | ${bytesWhole(text)} | ${await bytesEach(kind, text)} |`,
  );
}
await Deno.stdout.write(new TextEncoder().encode(`${lines.join("\n")}\n`));
