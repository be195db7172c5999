import assert from "node:assert/strict";
import { aKubeApi } from "./a_kube_api.ts";

const ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";
const WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

Deno.test("a requested token is its ServiceAccount until it expires", async () => {
  const { clock, done, call } = aKubeApi();
  const request = await done("POST", `${ACCOUNTS}/default/token`, {
    body: { spec: { expirationSeconds: 600 } },
  });
  assert.equal(request.kind, "TokenRequest");
  assert.equal(request.status.expirationTimestamp, "2026-01-01T12:10:00Z");
  const { token } = request.status;
  const me = await done("POST", WHO, { token, body: {} });
  assert.deepEqual(me.status.userInfo.username, "system:serviceaccount:default:default");
  assert.deepEqual(me.status.userInfo.groups, [
    "system:serviceaccounts",
    "system:serviceaccounts:default",
    "system:authenticated",
  ]);
  await clock.advance(600_000);
  assert.equal((await call("POST", WHO, { token, body: {} })).code, 401);
});

Deno.test("a token dies with its ServiceAccount, also when a namesake follows", async () => {
  const { api, done, call } = aKubeApi();
  const body = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot" } };
  await done("POST", ACCOUNTS, { body });
  const token = api.tokenFor({ serviceAccount: { namespace: "default", name: "robot" } });
  await done("POST", WHO, { token, body: {} });
  await done("DELETE", `${ACCOUNTS}/robot`);
  assert.equal((await call("POST", WHO, { token, body: {} })).code, 401);
  await done("POST", ACCOUNTS, { body });
  assert.equal((await call("POST", WHO, { token, body: {} })).code, 401);
});

Deno.test("a revoked token is unknown", async () => {
  const { api, call } = aKubeApi();
  const token = api.tokenFor({ user: "eve" });
  assert.equal((await call("GET", "/api", { token })).code, 200);
  api.revoke(token);
  assert.equal((await call("GET", "/api", { token })).code, 401);
});
