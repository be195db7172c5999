import assert from "node:assert/strict";
import { aConfigMap, aKubeApi, aPod, CONFIG_MAPS, PODS, type Talk } from "./a_kube_api.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const ROBOT = { serviceAccount: { namespace: "default", name: "robot" } };

async function allow(talk: Talk, rules: readonly unknown[], kind = "Role"): Promise<void> {
  const plural = kind === "Role" ? "roles" : "clusterroles";
  const place = kind === "Role" ? `${RBAC}/namespaces/default` : RBAC;
  await talk.done("POST", `${place}/${plural}`, { body: { metadata: { name: "r" }, rules } });
  await talk.done("POST", `${place}/${kind === "Role" ? "rolebindings" : "clusterrolebindings"}`, {
    body: {
      metadata: { name: "r" },
      roleRef: { kind, name: "r" },
      subjects: [{ kind: "ServiceAccount", name: "robot", namespace: "default" }],
    },
  });
}

Deno.test("without a valid token only version and health are open", async () => {
  const { call } = aKubeApi();
  for (const path of ["/version", "/healthz", "/readyz", "/livez"]) {
    assert.equal((await call("GET", path, { token: "" })).code, 200, path);
  }
  const unknown = await call("GET", PODS, { token: "made-up" });
  assert.equal(unknown.code, 401);
  assert.equal(unknown.body.reason, "Unauthorized");
  assert.equal(unknown.body.message, "Unauthorized");
  const nobody = await call("GET", PODS, { token: "" });
  assert.equal(nobody.code, 403);
  assert.match(nobody.body.message, /User "system:anonymous" cannot list resource "pods"/);
});

Deno.test("denials read as Kubernetes writes them", async () => {
  const { api, call } = aKubeApi();
  const token = api.tokenFor(ROBOT);
  const who = 'User "system:serviceaccount:default:robot" cannot';
  const denials: readonly (readonly [string, string, string])[] = [
    [
      "GET",
      PODS,
      `pods is forbidden: ${who} list resource "pods" in API group "" in the namespace "default"`,
    ],
    [
      "GET",
      `${PODS}?watch=true`,
      `pods is forbidden: ${who} watch resource "pods" in API group "" in the namespace "default"`,
    ],
    [
      "GET",
      `${PODS}/a`,
      `pods "a" is forbidden: ${who} get resource "pods" in API group "" in the namespace "default"`,
    ],
    [
      "PATCH",
      `${PODS}/a/status`,
      `pods "a" is forbidden: ${who} patch resource "pods/status" in API group "" in the namespace ` +
      '"default"',
    ],
    [
      "GET",
      "/api/v1/nodes",
      `nodes is forbidden: ${who} list resource "nodes" in API group "" at the cluster scope`,
    ],
    [
      "DELETE",
      "/apis/apps/v1/namespaces/default/deployments/d",
      `deployments.apps "d" is forbidden: ${who} delete resource "deployments" in API group "apps" ` +
      'in the namespace "default"',
    ],
    ["GET", "/metrics", `forbidden: ${who} get path "/metrics"`],
  ];
  for (const [method, path, message] of denials) {
    const answer = await call(method, path, { token });
    assert.equal(answer.code, 403, path);
    assert.equal(answer.body.reason, "Forbidden");
    assert.equal(answer.body.message, message);
  }
});

Deno.test("a role allows its verbs on its resources in its namespace, and nothing else", async () => {
  const talk = aKubeApi();
  await allow(talk, [{
    apiGroups: [""],
    resources: ["pods", "pods/status"],
    verbs: ["get", "create"],
  }]);
  const token = talk.api.tokenFor(ROBOT);
  const codeOf = async (method: string, path: string, body?: unknown) =>
    (await talk.call(method, path, { token, ...(body ? { body } : {}) })).code;
  assert.equal(await codeOf("POST", PODS, aPod("a")), 201);
  assert.equal(await codeOf("GET", `${PODS}/a`), 200);
  assert.equal(await codeOf("GET", PODS), 403);
  assert.equal(await codeOf("GET", `${PODS}/a/status`), 200);
  assert.equal(await codeOf("GET", `/api/v1/namespaces/kube-system/pods/a`), 403);
  assert.equal(await codeOf("GET", CONFIG_MAPS), 403);
});

Deno.test("permissions by name hold for one object, and for lists and watches of it", async () => {
  const talk = aKubeApi();
  await allow(talk, [{
    apiGroups: [""],
    resources: ["configmaps"],
    resourceNames: ["mine"],
    verbs: ["get", "list", "watch", "patch"],
  }]);
  await talk.done("POST", CONFIG_MAPS, { body: aConfigMap("mine") });
  const token = talk.api.tokenFor(ROBOT);
  const codeOf = async (path: string) => (await talk.call("GET", path, { token })).code;
  assert.equal(await codeOf(`${CONFIG_MAPS}/mine`), 200);
  assert.equal(await codeOf(`${CONFIG_MAPS}/other`), 403);
  assert.equal(await codeOf(CONFIG_MAPS), 403);
  assert.equal(await codeOf(`${CONFIG_MAPS}?fieldSelector=metadata.name%3Dmine`), 200);
  assert.equal(await codeOf(`${CONFIG_MAPS}?fieldSelector=metadata.name%3Dother`), 403);
});

Deno.test("a change of roles counts from the next call on", async () => {
  const talk = aKubeApi();
  const token = talk.api.tokenFor(ROBOT);
  const codeOf = async () => (await talk.call("GET", "/api/v1/nodes", { token })).code;
  assert.equal(await codeOf(), 403);
  await allow(talk, [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }], "ClusterRole");
  assert.equal(await codeOf(), 200);
  await talk.done("DELETE", `${RBAC}/clusterrolebindings/r`);
  assert.equal(await codeOf(), 403);
});

Deno.test("nobody hands out what they do not hold", async () => {
  const talk = aKubeApi();
  await allow(talk, [
    { apiGroups: ["rbac.authorization.k8s.io"], resources: ["*"], verbs: ["create"] },
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
  ]);
  const token = talk.api.tokenFor(ROBOT);
  const roles = `${RBAC}/namespaces/default/roles`;
  const role = (name: string, verbs: readonly string[]) => ({
    metadata: { name },
    rules: [{ apiGroups: [""], resources: ["pods"], verbs }],
  });
  await talk.done("POST", roles, { token, body: role("fine", ["get"]) });
  const refused = await talk.call("POST", roles, { token, body: role("more", ["get", "delete"]) });
  assert.equal(refused.code, 403);
  assert.equal(
    refused.body.message,
    'roles.rbac.authorization.k8s.io "more" is forbidden: user ' +
      '"system:serviceaccount:default:robot" (groups=["system:serviceaccounts" ' +
      '"system:serviceaccounts:default" "system:authenticated"]) is attempting to grant RBAC ' +
      'permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
  );
  const binding = await talk.call("POST", `${RBAC}/namespaces/default/rolebindings`, {
    token,
    body: {
      metadata: { name: "b" },
      roleRef: { kind: "ClusterRole", name: "cluster-admin" },
      subjects: [],
    },
  });
  assert.equal(binding.code, 403);
  assert.match(binding.body.message, /attempting to grant RBAC permissions not currently held/);
});

Deno.test("a SelfSubjectAccessReview answers what a call would", async () => {
  const talk = aKubeApi();
  await allow(talk, [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }]);
  const token = talk.api.tokenFor(ROBOT);
  const ask = async (verb: string) => {
    const review = await talk.done(
      "POST",
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      {
        token,
        body: { spec: { resourceAttributes: { verb, resource: "pods", namespace: "default" } } },
      },
    );
    return review.status.allowed;
  };
  assert.ok(await ask("get"));
  assert.ok(!await ask("delete"));
});

Deno.test("who may impersonate acts with the other's permissions", async () => {
  const { api, call } = aKubeApi();
  const headers = (token: string) => ({
    authorization: `Bearer ${token}`,
    "impersonate-user": "system:serviceaccount:default:robot",
  });
  const list = async (token: string) => {
    const answer = await api.handle(
      new Request(`https://kube${PODS}`, { headers: headers(token) }),
    );
    return (await answer.json()).message;
  };
  assert.match(
    await list(api.tokenFor("admin")),
    /User "system:serviceaccount:default:robot" cannot list/,
  );
  assert.match(
    await list(api.tokenFor({ user: "eve" })),
    /User "eve" cannot impersonate resource "serviceaccounts"/,
  );
  assert.equal((await call("GET", PODS)).code, 200);
});
