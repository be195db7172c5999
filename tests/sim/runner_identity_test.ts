import assert from "node:assert/strict";
import { runnerIdentity } from "../../sim/runner_identity.ts";

const RUNNER = { AgentId: 4, AgentName: "r1", ServerUrlV2: "http://github.test/_runner" };
const CREDENTIALS = { Scheme: "OAuth", Data: { clientId: "c1" } };

function blob(runner: unknown, credentials: unknown = CREDENTIALS): string {
  const files = { ".runner": runner, ".credentials": credentials };
  const encoded = Object.entries(files).map(([name, file]) => [name, btoa(JSON.stringify(file))]);
  return btoa(JSON.stringify(Object.fromEntries(encoded)));
}

Deno.test("an identity is read from a whole JIT configuration, and from nothing less", {
  permissions: "none",
}, () => {
  const good = {
    url: "http://github.test/_runner/",
    agentId: 4,
    agentName: "r1",
    credential: "c1",
  };
  const rows: readonly (readonly [Readonly<Record<string, string>>, unknown])[] = [
    [{ ACTIONS_RUNNER_INPUT_JITCONFIG: blob(RUNNER) }, good],
    [{ Actions_Runner_Input_JitConfig: ` ${blob(RUNNER)}\n` }, good],
    [{ JITCONFIG: blob(RUNNER) }, undefined],
    [{ ACTIONS_RUNNER_INPUT_JITCONFIG: blob({ ...RUNNER, AgentId: "4" }) }, undefined],
    [{ ACTIONS_RUNNER_INPUT_JITCONFIG: blob({ ...RUNNER, ServerUrlV2: "x" }) }, undefined],
    [{ ACTIONS_RUNNER_INPUT_JITCONFIG: blob(RUNNER, null) }, undefined],
    [{ ACTIONS_RUNNER_INPUT_JITCONFIG: btoa("null") }, undefined],
    [{ ACTIONS_RUNNER_INPUT_JITCONFIG: "?" }, undefined],
  ];
  for (const [env, identity] of rows) assert.deepEqual(runnerIdentity(env), identity);
});
