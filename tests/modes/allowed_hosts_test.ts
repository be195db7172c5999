import assert from "node:assert/strict";
import { allowedNet } from "../../modes/allowed_hosts.ts";

Deno.test({
  name:
    "github.com brings the hosts that it hands out; others stand for themselves, with their port",
  permissions: "none",
  fn: () =>
    assert.deepEqual(
      allowedNet({ allowedGithubHosts: ["github.com", "ghes.example:8443", "[fd00::1]"] }),
      [
        "github.com:443",
        "api.github.com:443",
        "*.actions.githubusercontent.com:443",
        "ghes.example:8443",
        "[fd00::1]:443",
      ],
    ),
});

for (const host of ["https://github.com", "169.254.169.254", "a b", "", "*.example.com"]) {
  Deno.test({
    name: `${JSON.stringify(host)} is refused in one sentence`,
    permissions: "none",
    fn: () =>
      assert.throws(
        () => allowedNet({ allowedGithubHosts: [host] }),
        /^InvalidInput: --allowed-github-hosts names ".*", expected a host such as github\.com/,
      ),
  });
}
