import { equal, match, ok } from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { parseConfigUrl } from "../../github/config_url.ts";
import { parseCredential } from "../../github/credentials.ts";
import { advice, GitHubError, type GitHubErrorCode, withHint } from "../../github/errors.ts";
import { isRefusal, refusalHint, type RegistrationCall } from "../../github/refusals.ts";

const PAT = parseCredential({ github_token: "ghp_secret" });
const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const APP = parseCredential({
  github_app_id: "Iv23abc",
  github_app_installation_id: 4815162,
  github_app_private_key: key.export({ type: "pkcs1", format: "pem" }).toString(),
});
const URL_OF = {
  organization: "https://github.com/octo",
  repository: "https://github.com/octo/w",
  enterprise: "https://github.com/enterprises/acme",
};

const ROWS: readonly (readonly [
  call: RegistrationCall,
  code: GitHubErrorCode,
  credential: typeof PAT,
  scope: keyof typeof URL_OF,
  hint: RegExp,
])[] = [
  [
    "get installation token",
    "github_not_found",
    APP,
    "organization",
    /_installation_id 4815162 is/,
  ],
  ["get installation token", "github_unauthorized", APP, "organization", /_private_key.*Iv23abc/],
  ["get installation token", "github_forbidden", APP, "organization", /4815162.*suspended/],
  ["get registration token", "github_unauthorized", PAT, "organization", /^github_token is not/],
  ["get registration token", "github_forbidden", PAT, "organization", /scope admin:org/],
  ["get registration token", "github_not_found", PAT, "repository", /scope repo,.*octo\/w names/],
  ["get registration token", "github_not_found", PAT, "enterprise", /manage_runners:enterprise/],
  ["get registration token", "github_forbidden", APP, "repository", /Administration/],
  ["get registration token", "github_forbidden", APP, "organization", /Self-hosted runners/],
  [
    "register",
    "github_forbidden",
    PAT,
    "organization",
    /githubConfigUrl https:\/\/github.com\/octo/,
  ],
  ["register", "github_bad_answer", PAT, "organization", /may be no GitHub/],
  ["get registration token", "github_unreachable", PAT, "organization", /cannot be reached/],
];

for (const [call, code, credential, scope, hint] of ROWS) {
  Deno.test({
    name: `${call}, ${credential.kind}, ${code}: a person is told ${hint}`,
    permissions: "none",
    fn: () => {
      const config = parseConfigUrl(URL_OF[scope]);
      const text = refusalHint(call, new GitHubError(code, "no"), { credential, config });
      match(text ?? "", hint);
      ok(!text?.includes("ghp_secret"));
    },
  });
}

Deno.test({
  name: "what passes by itself is no refusal, and there is nothing to say about it",
  permissions: "none",
  fn: () => {
    const asker = { credential: PAT, config: parseConfigUrl(URL_OF.organization) };
    const passing = [
      new GitHubError("github_unavailable", "no"),
      new GitHubError("github_rate_limited", "no"),
      new GitHubError("github_unauthorized", "no", { disposition: { kind: "retry" } }),
      new TypeError("a bug"),
    ];
    for (const thrown of passing) {
      ok(!isRefusal(thrown));
      equal(refusalHint("register", thrown, asker), undefined);
    }
    ok(isRefusal(new GitHubError("github_forbidden", "no")));
  },
});

Deno.test({
  name: "advice is the hint and then what happened; a certificate's hint names its field",
  permissions: "none",
  fn: () => {
    const error = withHint(new GitHubError("github_forbidden", "Cannot x"), "Look at y");
    equal(advice(error), "Look at y. Cannot x");
    equal(advice(new Error("Cannot z")), "Cannot z");
    const lasting = new GitHubError("github_unreachable", "no", { disposition: { kind: "stop" } });
    const asker = { credential: PAT, config: parseConfigUrl("https://ghes.example/octo") };
    match(refusalHint("register", lasting, asker) ?? "", /githubServerTLS/);
  },
});
