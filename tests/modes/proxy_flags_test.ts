import assert from "node:assert/strict";
import { parseFlags } from "../../lib/flags.ts";
import { flattenedProxy } from "../../lib/proxy.ts";
import { ownProxies, PROXY_FLAGS, proxyNet } from "../../modes/proxy_flags.ts";

const read = (env: Readonly<Record<string, string>>) =>
  parseFlags(PROXY_FLAGS, { args: [], env }).config;

function pure(claim: string, test: () => void): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}

pure("the environment's proxies are the process's own, and may be reached", () => {
  const flags = read({
    HTTP_PROXY: "http://ann:pw@a.example",
    HTTPS_PROXY: "b.example:3128",
    NO_PROXY: "10.0.0.0/8, c.example",
  });
  assert.deepEqual(flattenedProxy(ownProxies(flags)), {
    http_proxy: "http://ann:pw@a.example",
    https_proxy: "http://b.example:3128",
    no_proxy: "10.0.0.0/8,c.example",
  });
  assert.deepEqual(proxyNet(flags), ["a.example:80", "b.example:3128"]);
});

pure("an environment without proxies names none", () => {
  assert.deepEqual(ownProxies(read({})), { noProxy: [] });
  assert.deepEqual(proxyNet(read({ HTTP_PROXY: "" })), []);
});

pure(
  "§20.31: a proxy that is none is refused by the name of its variable, without its password",
  () => {
    assert.throws(
      () => ownProxies(read({ HTTPS_PROXY: "ftp://ann:hunter2@a.example" })),
      (thrown) => {
        const { message } = thrown as Error;
        assert.match(message, /^https_proxy is/);
        assert.ok(!message.includes("hunter2"));
        return true;
      },
    );
  },
);
