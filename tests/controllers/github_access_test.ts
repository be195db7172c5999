import assert from "node:assert/strict";
import type { DocumentKey, Reading } from "../../controllers/documents.ts";
import { accessOf, documentsOf, readAccess } from "../../controllers/github_access.ts";
import type { GitHubTarget } from "../../controllers/reconcile/step.ts";
import { NEVER } from "./fakes.ts";
import { pure, TARGET } from "./situations.ts";

const PROXIED: GitHubTarget = {
  ...TARGET,
  proxy: { https: { url: "http://proxy.example", credentialSecretRef: "login" } },
};
const GOOD = { github_token: btoa("ghp_one") };
const LOGIN = { username: btoa("ann"), password: btoa("pw") };

function found(documents: Readonly<Record<string, Readonly<Record<string, string>> | string>>) {
  return ({ name }: DocumentKey): Reading => {
    const what = documents[name];
    if (typeof what === "string") return { found: "refusal", message: what };
    return what === undefined ? { found: "nothing" } : { found: "data", data: what };
  };
}

const PROBLEMS: readonly (readonly [
  claim: string,
  documents: Parameters<typeof found>[0],
  reason: string,
  about?: "network",
])[] = [
  ["no Secret", { login: LOGIN }, "SecretMissing"],
  ["a Secret that may not be read", { [TARGET.secretName]: "may not" }, "SecretForbidden"],
  ["a Secret without a credential", { [TARGET.secretName]: {}, login: LOGIN }, "SecretInvalid"],
  ["no Secret of the proxy", { [TARGET.secretName]: GOOD }, "ProxyInvalid", "network"],
];

for (const [claim, documents, reason, about] of PROBLEMS) {
  pure(`${claim} is ${reason}`, () => {
    const problem = accessOf(PROXIED, found(documents));
    assert.ok("reason" in problem);
    assert.deepEqual([problem.reason, problem.about], [reason, about]);
  });
}

pure(
  "credentials in a vault are refused, even where a Secret has the name of the vault's entry",
  () => {
    const target = { ...TARGET, vaultType: "azure_key_vault" };
    const problem = accessOf(target, found({ [TARGET.secretName]: GOOD }));
    assert.ok("reason" in problem);
    assert.equal(problem.reason, "VaultUnsupported");
    assert.match(problem.message, /^spec\.vaultConfig\.type is "azure_key_vault", .* remove/);
  },
);

pure("an access has one fingerprint of credential and way, from which neither can be told", () => {
  const of = (token: string, password: string) => {
    const access = accessOf(
      PROXIED,
      found({
        [TARGET.secretName]: { github_token: btoa(token) },
        login: { ...LOGIN, password: btoa(password) },
      }),
    );
    assert.ok("fingerprint" in access);
    return access.fingerprint;
  };
  const all = [of("ghp_one", "a"), of("ghp_one", "b"), of("ghp_two", "a")];
  assert.equal(new Set(all).size, 3);
  assert.equal(of("ghp_one", "a"), all[0]);
});

Deno.test("every document that a spec names is read, and none when no Secret is named", async () => {
  const read: string[] = [];
  const documents = {
    read: (key: DocumentKey) => {
      read.push(key.name);
      return Promise.resolve(found({ [TARGET.secretName]: GOOD, login: LOGIN })(key));
    },
  };
  const options = { documents, maxAgeMs: 1, signal: NEVER };
  assert.ok("credential" in await readAccess(PROXIED, options));
  assert.deepEqual(read, documentsOf(PROXIED).map(({ name }) => name));
  const none = await readAccess({ ...PROXIED, secretName: "" }, options);
  assert.equal("reason" in none && none.reason, "SecretMissing");
  assert.equal(read.length, 2);
});
