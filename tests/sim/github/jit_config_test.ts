import assert from "node:assert/strict";
import { encodeJitConfig } from "../../../sim/github/jit_config.ts";

Deno.test("a JIT configuration is base64 of files in base64, in the genuine runner's shape", {
  permissions: "none",
}, () => {
  const text = encodeJitConfig({
    agentId: 42,
    agentName: "runner-ü",
    credential: "3b6f6c2e",
    serviceUrl: "http://github.test/_services/broker/t/",
    runnerUrl: "http://github.test/_runner/",
    workFolder: "",
    disableUpdate: true,
  });
  const utf8 = (base64: string) =>
    new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  const files = JSON.parse(utf8(text));
  assert.deepEqual(Object.keys(files), [".runner", ".credentials", ".credentials_rsaparams"]);
  assert.deepEqual(JSON.parse(utf8(files[".runner"])), {
    AgentId: 42,
    AgentName: "runner-ü",
    PoolId: 1,
    PoolName: "Default",
    ServerUrl: "http://github.test/_services/broker/t/",
    ServerUrlV2: "http://github.test/_runner/",
    UseV2Flow: true,
    Ephemeral: true,
    DisableUpdate: true,
    IsHostedServer: false,
    WorkFolder: "_work",
  });
  const credentials = JSON.parse(utf8(files[".credentials"]));
  assert.equal(credentials.Scheme, "OAuth");
  assert.equal(credentials.Data.clientId, "3b6f6c2e");
  const key = JSON.parse(utf8(files[".credentials_rsaparams"]));
  assert.equal(atob(key.modulus).length, 256);
});
