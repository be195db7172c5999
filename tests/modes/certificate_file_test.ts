import assert from "node:assert/strict";
import { certificateStore } from "../../modes/certificate_file.ts";
import { environmentNames } from "../../modes/environment.ts";

const PURE = { permissions: "none" } as const;

Deno.test("a file that SSL_CERT_FILE names is trusted besides, if it can be read", PURE, () => {
  const canRead = (path: string) => path === "/ca.pem";
  assert.equal(certificateStore({ SSL_CERT_FILE: "/ca.pem" }, canRead), "mozilla,system");
  for (
    const env of [
      {},
      { SSL_CERT_FILE: "" },
      { SSL_CERT_FILE: "/nowhere" },
      { SSL_CERT_FILE: "/ca.pem", DENO_TLS_CA_STORE: "system" },
    ]
  ) assert.equal(certificateStore(env, canRead), undefined, JSON.stringify(env));
});

Deno.test("the program may read and write the variables that certificates need", PURE, () => {
  const names = environmentNames();
  for (const name of ["SSL_CERT_FILE", "DENO_TLS_CA_STORE"]) assert.ok(names.includes(name), name);
});
