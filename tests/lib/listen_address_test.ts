import assert from "node:assert/strict";
import {
  formatListenAddress,
  listenPermissions,
  parseListenAddress,
} from "../../lib/listen_address.ts";

function pure(claim: string, test: () => void): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}

pure("an address is written as Go programs write it", () => {
  const rows: Readonly<Record<string, ReturnType<typeof parseListenAddress>>> = {
    ":8080": { host: "", port: 8080 },
    "127.0.0.1:0": { host: "127.0.0.1", port: 0 },
    "localhost:9090": { host: "localhost", port: 9090 },
    "[::1]:9000": { host: "::1", port: 9000 },
    "0": "off",
    "": "off",
    "8080": undefined,
    ":": undefined,
    ":65536": undefined,
    "::1:80": undefined,
    "http://x:80": undefined,
    "host:http": undefined,
  };
  for (const [text, address] of Object.entries(rows)) {
    assert.deepEqual(parseListenAddress(text), address, text);
    if (address === undefined || text === "") continue;
    assert.equal(formatListenAddress(address), text);
  }
});

pure("a sandbox must allow both forms of every interface", () => {
  assert.deepEqual(listenPermissions({ host: "", port: 80 }), ["[::]:80", "0.0.0.0:80"]);
  assert.deepEqual(listenPermissions({ host: "127.0.0.1", port: 80 }), ["127.0.0.1:80"]);
  assert.deepEqual(listenPermissions("off"), []);
});
