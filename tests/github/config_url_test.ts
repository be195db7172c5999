import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { hostsOf, parseConfigUrl } from "../../github/config_url.ts";
import { InvalidInput } from "../../lib/errors.ts";

type Row = readonly [
  input: string,
  target: string,
  hosted: boolean,
  apiBase: string,
  options?: { readonly forceGhes: boolean },
];

const ACCEPTED: readonly Row[] = [
  ["https://github.com/octo/widgets", "repository /octo/widgets", true, "https://api.github.com"],
  ["https://github.com/octo/widgets/", "repository /octo/widgets", true, "https://api.github.com"],
  ["https://www.github.com/octo", "organization /octo/", true, "https://api.github.com"],
  ["https://WWW.GitHub.com/octo", "organization /octo/", true, "https://api.github.com"],
  ["https://github.localhost/octo/", "organization /octo/", true, "https://api.github.localhost"],
  ["https://github.com/enterprises/acme", "enterprise acme//", true, "https://api.github.com"],
  ["https://github.com/ENTERPRISES/acme", "enterprise acme//", true, "https://api.github.com"],
  ["https://github.com/enterprises", "organization /enterprises/", true, "https://api.github.com"],
  ["https://tenant.ghe.com/octo", "organization /octo/", true, "https://api.tenant.ghe.com"],
  ["https://Tenant.GHE.COM/octo", "organization /octo/", false, "https://Tenant.GHE.COM/api/v3"],
  ["https://ghe.com/octo", "organization /octo/", false, "https://ghe.com/api/v3"],
  [
    "https://git.example.org/octo/widgets",
    "repository /octo/widgets",
    false,
    "https://git.example.org/api/v3",
  ],
  ["http://localhost:9090/octo", "organization /octo/", false, "http://localhost:9090/api/v3"],
  ["https://github.com:443/octo", "organization /octo/", false, "https://github.com:443/api/v3"],
  ["https://github.com//octo", "organization /octo/", true, "https://api.github.com"],
  ["///https://github.com/octo///", "organization /octo/", true, "https://api.github.com"],
  [
    "https://tenant.ghe.com/octo",
    "organization /octo/",
    false,
    "https://tenant.ghe.com/api/v3",
    { forceGhes: true },
  ],
];

Deno.test("§20.1 §20.4 §20.5 §20.6 a config URL gives scope, names and the REST base", {
  permissions: "none",
}, () => {
  for (const [input, target, hosted, apiBase, options] of ACCEPTED) {
    const config = parseConfigUrl(input, options ?? {});
    const { scope, enterprise, organization, repository } = config;
    equal(`${scope} ${enterprise}/${organization}/${repository}`, target, input);
    deepEqual([config.hosted, config.apiBase], [hosted, apiBase], input);
  }
});

Deno.test("§20.2 slashes at both ends are cut from the text that is sent to GitHub", {
  permissions: "none",
}, () => {
  equal(parseConfigUrl("//https://github.com/o/r//").text, "https://github.com/o/r");
});

Deno.test(
  "§20.2 §20.3 what is no organization, repository or enterprise is refused in one sentence",
  {
    permissions: "none",
  },
  () => {
    const refused = [
      "https://github.com",
      "https://github.com/",
      "https://github.com/a/b/c",
      "https://github.com/octo//widgets",
      "github.com/octo",
      "octo",
      "",
      "://x",
      "https:///octo",
      "https://bad host/",
      "https://github.com/octo\n",
      "https://github.com\\octo",
      "https://github.com/%zz",
      "https://github.com/a%2Fb",
      "ftp://github.com/octo",
      "ssh://git@github.com/octo",
      "https://169.254.169.254/octo",
      "https://0xA9FEA9FE/octo",
      "https://[fe80::1]/octo",
      "https://metadata.google.internal/octo",
    ];
    for (const input of refused) {
      throws(() => parseConfigUrl(input), (thrown: unknown) => {
        if (!(thrown instanceof InvalidInput)) return false;
        ok(!thrown.message.includes("\n"));
        return /^githubConfigUrl .*organization.*repository.*enterprise/.test(thrown.message);
      }, input);
    }
  },
);

Deno.test("a user name or password in a config URL is refused and not repeated", {
  permissions: "none",
}, () => {
  throws(() => parseConfigUrl("https://me:hunter2@github.com/octo"), (thrown: unknown) => {
    return thrown instanceof InvalidInput && thrown.message.includes("[redacted]@github.com") &&
      !thrown.message.includes("hunter2") && !thrown.message.includes("me:");
  });
});

Deno.test("the hosts of a config URL are those that registration and its answers name", {
  permissions: "none",
}, () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["https://github.com/octo", [
      "github.com:443",
      "api.github.com:443",
      "*.actions.githubusercontent.com:443",
    ]],
    ["https://tenant.ghe.com/octo", [
      "tenant.ghe.com:443",
      "api.tenant.ghe.com:443",
      "*.actions.githubusercontent.com:443",
      "*.tenant.ghe.com:443",
    ]],
    ["https://git.example.org/octo", ["git.example.org:443"]],
    ["http://localhost:9090/octo", ["localhost:9090"]],
    ["http://127.0.0.1/octo", ["127.0.0.1:80"]],
  ];
  for (const [input, hosts] of rows) deepEqual(hostsOf(parseConfigUrl(input)), hosts);
});
