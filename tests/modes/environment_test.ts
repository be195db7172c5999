import assert from "node:assert/strict";
import { environmentNames, environmentOf } from "../../modes/environment.ts";

Deno.test({
  name: "the program knows the variables of its flags and those of proxies, and asks for no others",
  permissions: "none",
  fn: () => {
    const names = environmentNames();
    for (const name of ["LISTENER_CONFIG_PATH", "KUBERNETES_SERVICE_HOST", "https_proxy"]) {
      assert.ok(names.includes(name), name);
    }
    assert.deepEqual(names, [...new Set(names)].sort());
    const asked: string[] = [];
    const found = environmentOf((name) => {
      asked.push(name);
      return name === "HOME" ? "/x" : undefined;
    });
    assert.deepEqual([found, asked], [{ HOME: "/x" }, names]);
  },
});
