import assert from "node:assert/strict";
import { parseFlags } from "../../lib/flags.ts";
import { MODES } from "../../modes/mode.ts";
import { EXIT_FORCED, runInSandbox } from "../../modes/sandbox.ts";

const never = () => new AbortController().signal;

function listenerConfig(configPath: string) {
  return parseFlags(MODES.listener.flags, {
    args: [`--config=${configPath}`],
    env: { KUBERNETES_SERVICE_HOST: "127.0.0.1" },
  }).config;
}

Deno.test("a mode whose input makes no sense ends with 2 and says why in its log", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/config.json`, "{}");
  const lines: string[] = [];
  const code = await runInSandbox({
    mode: "listener",
    config: listenerConfig(`${folder}/config.json`),
    sandbox: { net: [], read: [folder] },
    signal: never(),
    killed: never(),
    onLog: (line) => lines.push(line),
    onBug: (message) => lines.push(message),
  });
  assert.equal(code, 2);
  assert.match(lines.join("\n"), /GitHubConfigUrl is not provided/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a worker cannot read what its sandbox does not name", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/config.json`, "{}");
  const lines: string[] = [];
  const code = await runInSandbox({
    mode: "listener",
    config: listenerConfig(`${folder}/config.json`),
    sandbox: { net: [], read: [`${folder}/elsewhere`] },
    signal: never(),
    killed: never(),
    onLog: (line) => lines.push(line),
    onBug: (message) => lines.push(message),
  });
  assert.equal(code, 2);
  assert.match(lines.join("\n"), /Requires read access/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a killed worker ends at once", async () => {
  const code = await runInSandbox({
    mode: "listener",
    config: listenerConfig("/nowhere"),
    sandbox: { net: [], read: [] },
    signal: never(),
    killed: AbortSignal.abort(),
    onLog: () => {},
    onBug: () => {},
  });
  assert.equal(code, EXIT_FORCED);
});
