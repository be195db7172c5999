import assert from "node:assert/strict";
import { scopeOfConfigUrl, scopeOfName, serves } from "../../../sim/github/scopes.ts";

const pure = { permissions: "none" } as const;

Deno.test(
  "a config URL names an organization, a repository, an enterprise or nothing",
  pure,
  () => {
    const rows = [
      ["https://github.com/Octo", "orgs/octo"],
      ["https://github.com/octo/", "orgs/octo"],
      ["https://git.example.org/octo/Widgets", "repos/octo/widgets"],
      ["https://github.com/Enterprises/acme", "enterprises/acme"],
      ["https://github.com/enterprises", "orgs/enterprises"],
      ["https://github.com/", undefined],
      ["https://github.com/a/b/c", undefined],
      ["https://github.com/octo//widgets", undefined],
      ["octo", undefined],
    ] as const;
    for (const [url, scope] of rows) assert.equal(scopeOfConfigUrl(url), scope, url);
    assert.equal(scopeOfName("octo/widgets"), "repos/octo/widgets");
  },
);

Deno.test("a set serves its own scope, and an organization its repositories", pure, () => {
  const rows = [
    ["orgs/octo", undefined, true],
    ["orgs/octo", "orgs/octo", true],
    ["orgs/octo", "repos/octo/widgets", true],
    ["orgs/octo", "repos/other/widgets", false],
    ["repos/octo/widgets", "orgs/octo", false],
    ["repos/octo/widgets", "repos/octo/gears", false],
    ["enterprises/acme", "orgs/octo", false],
  ] as const;
  for (const [set, job, expected] of rows) {
    assert.equal(serves(set, job), expected, `${set} ${job}`);
  }
});
