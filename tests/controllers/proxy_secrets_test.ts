import assert from "node:assert/strict";
import { desiredProxySecret, proxyEnv } from "../../controllers/proxy_secrets.ts";
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { ownedBy } from "../builders.ts";
import { pure } from "./situations.ts";

const ROWS = [
  [undefined, []],
  [{}, []],
  [{ noProxy: [] }, []],
  [{ http: { url: "http://p" } }, ["http_proxy"]],
  [{ https: { url: "http://p" }, noProxy: ["a"] }, ["https_proxy", "no_proxy"]],
  [{ http: {}, https: {}, noProxy: ["a"] }, ["http_proxy", "https_proxy", "no_proxy"]],
] as const;

for (const [proxy, names] of ROWS) {
  pure(`AL-10: ${JSON.stringify(proxy)} gives a container [${names}]`, () => {
    const expected = names.map((name) => ({
      name,
      valueFrom: { secretKeyRef: { name: "s", key: name } },
    }));
    assert.deepEqual(proxyEnv(proxy, "s"), expected);
  });
}

pure("a proxy Secret says whose it is, and goes with its owner", () => {
  const owner = ownedBy(AUTOSCALING_LISTENERS, { namespace: "a", name: "l" });
  const runnerSet = { namespace: "b", name: "linux" };
  assert.deepEqual(desiredProxySecret({ namespace: "a", name: "s" }, { runnerSet, owner }), {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      namespace: "a",
      name: "s",
      labels: {
        "actions.github.com/scale-set-name": "linux",
        "actions.github.com/scale-set-namespace": "b",
      },
      ownerReferences: [owner],
    },
  });
});
