import assert from "node:assert/strict";
import { type ControllerConfig, controllerFlags } from "../../controllers/config.ts";
import { startControllers } from "../../controllers/start.ts";
import { parseFlags } from "../../lib/flags.ts";
import { silentLogger } from "../../lib/log.ts";
import { silentMetrics } from "../../lib/metrics.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { aRunnerSet, STORY } from "../builders.ts";
import { fakeKube } from "./fakes.ts";

const config: ControllerConfig = parseFlags(controllerFlags, {
  args: [],
  env: {
    CONTROLLER_MANAGER_POD_NAMESPACE: STORY.controllerNamespace,
    CONTROLLER_MANAGER_CONTAINER_IMAGE: "image:1",
    KUBERNETES_SERVICE_HOST: "10.0.0.1",
  },
}).config;

/** A cluster that holds one runner set without credentials, and whose watches are silent. */
function cluster() {
  const { kube, outline } = fakeKube();
  const listPage = (type: { kind: string }) =>
    Promise.resolve({
      items: type.kind === "AutoscalingRunnerSet" ? [aRunnerSet({ fresh: true })] : [],
      resourceVersion: "1",
    });
  const watch = (_type: unknown, { signal }: { signal?: AbortSignal }) => ({
    [Symbol.asyncIterator]: () => ({
      next: () =>
        new Promise((resolve) => {
          signal?.addEventListener("abort", () => resolve({ done: true }), { once: true });
        }),
    }),
  });
  return { kube: { ...kube, listPage, watch } as unknown as typeof kube, outline };
}

Deno.test("the controllers are ready when they have seen all, work, and stop when told", async () => {
  const { kube, outline } = cluster();
  const clock = new VirtualClock();
  const stop = new AbortController();
  let ready = 0;
  const running = startControllers({
    kube,
    config,
    fetchFor: () => () => Promise.reject(new Error("no network here")),
    clock,
    random: seededRandom(1),
    log: silentLogger,
    metrics: silentMetrics,
    signal: stop.signal,
    onReady: () => void ready++,
  });
  await clock.advance(0);
  assert.equal(ready, 1, "at once: nothing is waited for but answers");
  await clock.advance(1_000);
  assert.deepEqual(outline().map((call) => call.replace(/\.[0-9a-f]+$/, "")), [
    "get Secret github-credentials",
    "json-patch AutoscalingRunnerSet linux",
    "patch-status AutoscalingRunnerSet linux",
    "create Event linux",
  ]);
  stop.abort();
  await clock.advance(0);
  await running;
});
