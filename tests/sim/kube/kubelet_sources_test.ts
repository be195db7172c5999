import assert from "node:assert/strict";
import { seededRandom } from "../../../lib/random.ts";
import { createKubeClient } from "../../../kube/client.ts";
import { createTransport } from "../../../kube/transport.ts";
import { PODS } from "../../../kube/resources.ts";
import { VirtualClock } from "../../../sim/clock.ts";
import { startKubeApi } from "../../../sim/kube/server.ts";
import { referencesOf } from "../../../sim/kube/kubelet_sources.ts";

Deno.test("a token is kept until four fifths of its life are over", async () => {
  const clock = new VirtualClock();
  const api = startKubeApi({ clock, random: seededRandom(1) });
  const token = api.tokenFor("admin");
  const kube = createKubeClient(createTransport({
    clock,
    connection: {
      server: "https://kube",
      headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
      fetch: api.handle,
    },
  }));
  const metadata = { namespace: "default", name: "p" };
  api.install([{ apiVersion: "v1", kind: "ServiceAccount", metadata: { ...metadata, name: "a" } }]);
  const pod = await kube.create(PODS, {
    metadata,
    spec: { serviceAccountName: "a", containers: [{ name: "c", image: "i" }] },
  });
  const references = referencesOf(pod, { kube, clock, ca: "" });
  const first = await references.token({ seconds: 1_000 });
  await clock.advance(790_000);
  assert.equal(await references.token({ seconds: 1_000 }), first);
  await clock.advance(20_000);
  assert.notEqual(await references.token({ seconds: 1_000 }), first);
  assert.equal(await references.secret("nobody"), undefined);
  assert.equal(await references.configMap("nobody"), undefined);
  api.stop();
});
