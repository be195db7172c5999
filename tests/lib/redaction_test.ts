import assert from "node:assert/strict";
import { redacted } from "../../lib/redaction.ts";

function pure(claim: string, test: () => void): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}

// Put together here so that no scanner of secrets takes this file for a leak.
const PEM_HEAD = ["-----BEGIN RSA", "PRIVATE KEY-----"].join(" ");
const PEM_TAIL = ["-----END RSA", "PRIVATE KEY-----"].join(" ");

const rows: Readonly<Record<string, readonly (readonly [text: string, shown: string])[]>> = {
  "GitHub's tokens are masked": [
    ["with ghp_0123456789abcdef.", "with [redacted]"],
    ["a gho_abc, ghs_a.b-c and ghu_x1", "a [redacted], [redacted] and [redacted]"],
    ["github_pat_11ABC_def!", "[redacted]!"],
  ],
  "base64 of JSON is masked: JWTs and JIT configs": [
    ["token=eyJhbGciOiJI.eyJzdWIiOiIx.sig-x_y end", "token=[redacted] end"],
    ["eyJydW5uZXIiOiJ4In0=", "[redacted]"],
  ],
  "the credential of an Authorization header is masked": [
    ["authorization: Bearer abc.def", "authorization: Bearer [redacted]"],
    ["RemoteAuth s3cret== and more", "RemoteAuth [redacted] and more"],
    ["basic dXNlcjpwYXNz", "basic [redacted]"],
  ],
  "user and password of a URL are masked": [
    ["GET https://me:p@ss@host/x?q=a@b", "GET https://[redacted]@host/x?q=a@b"],
    ["proxy http://user@proxy:3128", "proxy http://[redacted]@proxy:3128"],
  ],
  "what signs a query is masked": [
    ["https://h/p?sig=a%2Bb&se=1", "https://h/p?sig=[redacted]&se=1"],
    ["https://h/p?x=1&token=abc", "https://h/p?x=1&token=[redacted]"],
  ],
  "private keys are masked, whole or cut off": [
    [`a ${PEM_HEAD}\nMIIE\n${PEM_TAIL} b`, "a [redacted] b"],
    [`a ${PEM_HEAD}\nMIIE`, "a [redacted]"],
  ],
  "what only resembles a secret stays": [
    ["highps_x eyJ eyebrow https://host/a@b mail me@host", ""],
    ["nothing at https://github.com/org/repo?page=2", ""],
  ].map(([text = ""]) => [text, text] as const),
};

for (const [claim, cases] of Object.entries(rows)) {
  pure(claim, () => {
    for (const [text, shown] of cases) assert.equal(redacted(text), shown);
  });
}

pure("a line of JSON is still one after masking", () => {
  const values = [
    `${PEM_HEAD}\nMIIE\n${PEM_TAIL}\n`,
    `${PEM_HEAD}\nMI"IE\\`,
    'Bearer abc"def',
    'https://u:p@h/"x"',
    "eyJhbGciOiJI.eyJzdWIiOiIx.sig",
  ];
  const line = redacted(JSON.stringify({ values, after: 1 }));
  assert.equal(JSON.parse(line).after, 1);
  assert.doesNotMatch(line, /MIIE|abc|u:p|sig/);
});
