import { deepEqual, equal, ok } from "node:assert/strict";
import { onlyCredential, RotatingCredentials } from "../../github/credential_source.ts";
import { parseCredential } from "../../github/credentials.ts";

const ONE = parseCredential({ github_token: "ghp_one" });
const TWO = parseCredential({ github_token: "ghp_two" });

Deno.test({
  name: "a credential that never changes is the only one to try",
  permissions: "none",
  fn: () => {
    const source = onlyCredential(ONE);
    source.refused(ONE, new Error("no"));
    source.accepted(ONE);
    deepEqual(source.candidates(), [ONE]);
  },
});

Deno.test({
  name: "F30: a newer credential is tried first, the last that was taken after it",
  permissions: "none",
  fn: () => {
    const source = new RotatingCredentials(ONE);
    deepEqual(source.candidates(), [ONE]);
    ok(source.replace(TWO));
    deepEqual(source.candidates(), [TWO]); // the former was never taken
    source.accepted(TWO);
    source.replace(ONE);
    deepEqual(source.candidates(), [ONE, TWO]);
    source.accepted(TWO);
    deepEqual(source.candidates(), [ONE, TWO]);
    source.accepted(ONE);
    deepEqual(source.candidates(), [ONE]);
  },
});

Deno.test({
  name: "the same credential once more is no change; a refusal is passed on",
  permissions: "none",
  fn: () => {
    const told: unknown[] = [];
    const source = new RotatingCredentials(ONE, (thrown) => told.push(thrown));
    ok(!source.replace(parseCredential({ github_token: "ghp_one" })));
    equal(source.candidates()[0], ONE);
    source.refused(ONE, "why");
    deepEqual(told, ["why"]);
  },
});
