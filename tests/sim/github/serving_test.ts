import assert from "node:assert/strict";
import { systemClock } from "../../../lib/clock.ts";
import { seededRandom } from "../../../lib/random.ts";
import { startGitHubSim } from "../../../sim/github/server.ts";
import { overSockets } from "../../../sim/github/serving.ts";
import { RawClient } from "./raw_client.ts";

Deno.test("a connection that a fault breaks breaks over sockets too", async () => {
  await using stack = new AsyncDisposableStack();
  const sim = startGitHubSim({
    clock: systemClock,
    random: seededRandom(1),
    baseUrl: "http://127.0.0.1",
  });
  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    overSockets(sim.handle),
  );
  stack.defer(() => listener.shutdown());
  stack.defer(() => sim.stop());
  sim.control.setFaults([{ operation: "registrationtoken", effect: { do: "drop" } }]);
  const github = new RawClient(fetch, {
    rest: `http://127.0.0.1:${listener.addr.port}/api/v3`,
    configUrl: "https://github.com/octo",
  });
  await assert.rejects(github.registrationToken(), TypeError);
});

Deno.test("a bug is no broken connection", async () => {
  const handle = overSockets(() => Promise.reject(new RangeError("a bug")));
  await assert.rejects(handle(new Request("http://github.test")), RangeError);
});
