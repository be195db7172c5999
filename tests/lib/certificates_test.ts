import assert from "node:assert/strict";
import { certificatesIn } from "../../lib/certificates.ts";
import { loopbackIdentity } from "../../sim/tls.ts";

const NONE = ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"];

for (const text of NONE) {
  Deno.test({
    name: `§20.29: ${JSON.stringify(text.slice(0, 20))} holds no certificate, and is refused`,
    permissions: "none",
    fn: () =>
      assert.throws(() => certificatesIn(text, "ca.crt"), /^InvalidInput: ca\.crt holds no/),
  });
}

Deno.test("certificates are found between other text, and one that is broken is refused", async () => {
  const now = new Date("2026-01-01T00:00:00Z");
  const { ca } = await loopbackIdentity(now);
  const other = (await loopbackIdentity(now)).ca;
  const found = certificatesIn(`# the first\n${ca}\n# the second\n${other}`, "ca.crt");
  assert.deepEqual(found.map((text) => text.trim()), [ca.trim(), other.trim()]);
  const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
  assert.throws(() => certificatesIn(`${ca}\n${broken}`, "ca.crt"), /certificate 2 of 2 cannot/);
});
