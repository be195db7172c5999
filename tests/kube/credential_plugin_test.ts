import assert from "node:assert/strict";
import { credentialPlugin, PluginFailed } from "../../kube/credential_plugin.ts";
import type { ExecPlugin } from "../../kube/kubeconfig_exec.ts";
import { VirtualClock } from "../../sim/clock.ts";

const mayRun = Deno.permissions.querySync({ name: "run", command: "sh" }).state === "granted";
const NEEDS_SH = mayRun ? "" : " (needs --allow-run=sh)";

/** A plugin that is a line of shell, and leaves a line in a file each time it runs. */
class Plugin implements Disposable {
  readonly folder = Deno.makeTempDirSync();
  readonly clock = new VirtualClock(new Date().toISOString());

  ask(script: string, parts: Partial<ExecPlugin> = {}) {
    return credentialPlugin({
      user: "u",
      command: "sh",
      args: ["-c", `echo ran >> "${this.folder}/runs"; ${script}`],
      env: [{ name: "WORD", value: "hello" }],
      info: '{"kind":"ExecCredential"}',
      installHint: "",
      ...parts,
    }, this.clock);
  }

  get runs(): number {
    return Deno.readTextFileSync(`${this.folder}/runs`).trim().split("\n").length;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

function pluginTest(claim: string, holds: (plugin: Plugin) => Promise<void>): void {
  Deno.test({
    name: claim + NEEDS_SH,
    ignore: !mayRun,
    async fn() {
      using plugin = new Plugin();
      await holds(plugin);
    },
  });
}

const credential = (status: unknown) => `echo '${JSON.stringify({ status })}'`;

pluginTest("a plugin is told what it must know, and runs once for all who ask", async (plugin) => {
  const ask = plugin.ask(
    'test "$KUBERNETES_EXEC_INFO" = \'{"kind":"ExecCredential"}\' && ' +
      'echo "{\\"status\\":{\\"token\\":\\"$WORD\\"}}"',
  );
  const answers = await Promise.all([ask("soft"), ask("soft"), ask("soft")]);
  assert.deepEqual(answers, Array(3).fill({ token: "hello" }));
  await ask("soft");
  assert.equal(plugin.runs, 1);
});

pluginTest("an answer that has expired is not given again", async (plugin) => {
  const ask = plugin.ask(credential({ token: "t", expirationTimestamp: "2020-01-01T00:00:00Z" }));
  await ask("soft");
  await ask("soft");
  assert.equal(plugin.runs, 2);
});

pluginTest("a refused answer is replaced, but not faster than every 5 seconds", async (plugin) => {
  const ask = plugin.ask(credential({ token: "t" }));
  await ask("soft");
  await ask("hard");
  assert.equal(plugin.runs, 1);
  await plugin.clock.advance(5_000);
  await ask("hard");
  assert.equal(plugin.runs, 2);
});

pluginTest("a certificate is an answer too", async (plugin) => {
  const ask = plugin.ask(credential({ clientCertificateData: "C", clientKeyData: "K" }));
  assert.deepEqual(await ask("soft"), { certificate: { cert: "C", key: "K" } });
});

const FAILURES: Readonly<Record<string, readonly [script: string, words: RegExp]>> = {
  "its last words": [
    "echo no >&2; echo log in first >&2; exit 1",
    /"sh" of user "u" failed: log in first$/,
  ],
  "silence": ["exit 3", /failed: it said nothing$/],
  "no JSON": ["echo hello", /did not answer with an ExecCredential$/],
  "no status": ["echo '{}'", /did not answer with an ExecCredential$/],
  "no credential": [credential({}), /did not answer with an ExecCredential$/],
};
for (const [what, [script, words]] of Object.entries(FAILURES)) {
  pluginTest(`a plugin that fails is named with what it said: ${what}`, async (plugin) => {
    await assert.rejects(plugin.ask(script)("soft"), (thrown) => {
      assert.ok(thrown instanceof PluginFailed);
      assert.match(thrown.message, words);
      return true;
    });
  });
}

Deno.test({
  name: "without the right to run programs a plugin cannot be used, and that is said",
  permissions: { env: true, read: true, write: true },
  async fn() {
    using plugin = new Plugin();
    await assert.rejects(plugin.ask("true")("soft"), /cannot be run: this build may not start/);
  },
});

Deno.test({
  name: "a plugin that is not installed is named with the kubeconfig's advice" +
    (Deno.permissions.querySync({ name: "run" }).state === "granted" ? "" : " (needs --allow-run)"),
  ignore: Deno.permissions.querySync({ name: "run" }).state !== "granted",
  async fn() {
    using plugin = new Plugin();
    const parts = { command: "no-such-program-here", args: [] };
    await assert.rejects(plugin.ask("", parts)("soft"), /is not installed: install it, or put/);
    await assert.rejects(
      plugin.ask("", { ...parts, installHint: "see kube.test" })("soft"),
      /is not installed: see kube\.test$/,
    );
  },
});
