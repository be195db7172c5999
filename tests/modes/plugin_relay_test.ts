import assert from "node:assert/strict";
import type { AskPlugin } from "../../kube/credential_plugin.ts";
import { answerTo, createPluginRelay } from "../../modes/plugin_relay.ts";

/** A worker's end joined to its starter's. */
function joined(ask: AskPlugin | undefined) {
  const relay = createPluginRelay((question) => {
    // As postMessage does: plain data only.
    void answerTo(structuredClone(question), ask).then((answer) =>
      relay.answered(structuredClone(answer))
    );
  });
  return relay;
}

Deno.test("answers reach those who asked, in whatever order they come", async () => {
  const first = Promise.withResolvers<{ token: string }>();
  const relay = joined((how) =>
    how === "soft" ? first.promise : Promise.resolve({ token: "second" })
  );
  const slow = relay.ask("soft");
  assert.deepEqual(await relay.ask("hard"), { token: "second" });
  first.resolve({ token: "first" });
  assert.deepEqual(await slow, { token: "first" });
});

Deno.test("a failure crosses the border as a sentence", async () => {
  const relay = joined(() => Promise.reject(new Error("log in first")));
  await assert.rejects(relay.ask("soft"), (thrown) => {
    assert.equal((thrown as Error).name, "PluginFailed");
    assert.equal((thrown as Error).message, "log in first");
    return true;
  });
});

Deno.test("who started without a plugin answers that", async () => {
  await assert.rejects(joined(undefined).ask("soft"), /named no credential plugin when we started/);
});
