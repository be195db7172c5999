import assert from "node:assert/strict";
import { servedKinds, servedSchemas, serverVersion } from "../../kube/discovery.ts";
import { isForbidden } from "../../kube/errors.ts";
import { createTransport } from "../../kube/transport.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { startKubeApi } from "../../sim/kube/server.ts";
import { kindObjects } from "../../sim/world_objects.ts";

const OURS = { group: "actions.github.com", version: "v1alpha1" };
const signal = new AbortController().signal;

function cluster(fetchWith?: (request: Request) => Promise<Response>) {
  const clock = new VirtualClock();
  const api = startKubeApi({ clock, random: seededRandom(1) });
  const token = api.tokenFor("admin");
  const transport = createTransport({
    connection: {
      server: "https://kube.test",
      headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
      fetch: fetchWith ?? api.handle,
    },
    clock,
  });
  return { api, transport, [Symbol.dispose]: () => api.stop() };
}

Deno.test("a group that is not there serves no kinds", async () => {
  using stage = cluster();
  assert.deepEqual(await servedKinds(stage.transport, OURS, signal), new Set());
});

Deno.test("kinds that are installed are served, with their fields", async () => {
  using stage = cluster();
  stage.api.install(kindObjects() as Parameters<typeof stage.api.install>[0]);
  const kinds = await servedKinds(stage.transport, OURS, signal);
  assert.deepEqual([...kinds].sort(), [
    "AutoscalingListener",
    "AutoscalingRunnerSet",
    "EphemeralRunner",
    "EphemeralRunnerSet",
  ]);
  const schemas = await servedSchemas(stage.transport, OURS, signal);
  const set = schemas.get("EphemeralRunnerSet");
  assert.ok(set?.properties?.["spec"]?.properties?.["patchID"]);
});

Deno.test("a refusal is an error that names what was asked about", async () => {
  using stage = cluster(() => Promise.resolve(Response.json({ kind: "Status" }, { status: 403 })));
  await assert.rejects(servedSchemas(stage.transport, OURS, signal), (thrown) => {
    assert.ok(isForbidden(thrown));
    assert.match(String(thrown), /Cannot discover actions\.github\.com\/v1alpha1/);
    return true;
  });
});

Deno.test("the server tells its version", async () => {
  using stage = cluster();
  assert.match(await serverVersion(stage.transport, signal), /^v1\.\d+\.\d+/);
});
