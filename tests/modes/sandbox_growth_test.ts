import assert from "node:assert/strict";
import { addedHosts } from "../../modes/sandbox_growth.ts";

Deno.test({
  name: "hosts with a port are added, each once",
  permissions: "none",
  fn: () =>
    assert.deepEqual(
      addedHosts(["ghes.example:443", "ghes.example:443", "old:1", "[fd00::1]:8443"], ["old:1"]),
      ["ghes.example:443", "[fd00::1]:8443"],
    ),
});

for (
  const word of [
    "*.example.com:443",
    "example.com",
    "10.0.0.0/8",
    "169.254.169.254:80",
    "metadata.google.internal:80",
    "[fe80::1]:80",
    "[::ffff:169.254.169.254]:80",
    "a b:80",
    "",
  ]
) {
  Deno.test({
    name: `${JSON.stringify(word)} is never added`,
    permissions: "none",
    fn: () => assert.deepEqual(addedHosts([word], []), []),
  });
}

Deno.test({
  name: "there is an end to it",
  permissions: "none",
  fn: () => {
    const many = Array.from({ length: 300 }, (_, n) => `h${n}:443`);
    assert.equal(addedHosts(many, []).length, 200);
    assert.equal(addedHosts(["more:443"], many).length, 0);
  },
});
