import assert from "node:assert/strict";
import { bench, USER_AGENT } from "./raw_client.ts";

const SERVICE_HEADERS = { "content-type": "application/json" };

Deno.test("a service call without api-version, content type or a proper User-Agent is a 400", async () => {
  const github = await bench().client();
  const authorization = `Bearer ${github.admin}`;
  const url = `${github.service}_apis/runtime/runnergroups/?groupName=Default`;
  const headers = { ...SERVICE_HEADERS, authorization };
  const version = "&api-version=6.0-preview";
  const rows = [
    { url: url + version, headers, status: 200 },
    { url, headers, status: 400 },
    { url: `${url}&api-version=5.0`, headers, status: 400 },
    { url: url + version, headers: { authorization }, status: 400 },
    { url: url + version, headers: { ...headers, "content-type": "text/plain" }, status: 400 },
    { url: url + version, headers: { ...headers, "user-agent": "curl/8" }, status: 400 },
    { url: url + version, headers: { ...headers, "user-agent": `${USER_AGENT} x` }, status: 400 },
    { url: url + version, headers: { ...headers, "user-agent": "{}" }, status: 400 },
    { url: url.replace("_apis", "/_apis") + version, headers, status: 404 },
  ];
  for (const { url, headers, status } of rows) {
    const answer = await github.send("GET", url, { headers });
    assert.equal(answer.status, status, JSON.stringify({ url, headers }));
  }
});

Deno.test("each door takes its own kind of token and no other", async () => {
  const github = await bench().client();
  const { body: { token: registration } } = await github.registrationToken();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  const queue = session.opened.body.messageQueueAccessToken;
  const service =
    `${github.service}_apis/runtime/runnerscalesets/${set.id}?api-version=6.0-preview`;
  const register = "https://api.github.com/actions/runner-registration";
  const rows = [
    ["GET", service, `Bearer ${registration}`],
    ["GET", service, `Bearer ${queue}`],
    ["GET", service, `RemoteAuth ${github.admin}`],
    ["GET", service, ""],
    ["POST", register, `Bearer ${registration}`],
    ["POST", register, `RemoteAuth ${github.admin}`],
    ["POST", "https://api.github.com/orgs/octo/actions/runners/registration-token", "Bearer x"],
    ["POST", "https://api.github.com/app/installations/1/access_tokens", "Bearer ghp_x"],
  ] as const;
  for (const [method, url, authorization] of rows) {
    const headers = { ...SERVICE_HEADERS, authorization };
    const { status, body } = await github.send(method, url, { headers });
    assert.equal(status, 401, `${method} ${url}`);
    assert.equal(typeof body.message, "string");
    if (url === service) assert.ok(body.typeName.includes("InvalidTokenException"));
  }
});

Deno.test("who is not known hears that first, whatever else is wrong with the call", async () => {
  const github = await bench().client();
  const rows = [
    ["GET", `${github.service}_apis/runtime/runnergroups/?groupName=Default`],
    ["GET", `${github.service}scalesets/message`],
    ["POST", "https://api.github.com/orgs/octo/actions/runners/registration-token"],
  ] as const;
  for (const [method, url] of rows) {
    const headers = { "user-agent": "curl/8", authorization: "Bearer nonsense" };
    assert.equal((await github.send(method, url, { headers })).status, 401, url);
  }
});

Deno.test("a personal access token is taken as Bearer, as token, or as a password", async () => {
  const github = await bench().client();
  const url = "https://api.github.com/orgs/octo/actions/runners/registration-token";
  const rows = [
    ["Bearer ghp_x", 201],
    ["token ghp_x", 201],
    [`Basic ${btoa("github:ghp_x")}`, 201],
    [`Basic ${btoa("github:x")}`, 401],
    [`Basic ${btoa("ghp_x")}`, 401],
    ["Basic ghp_x!", 401],
    ["Digest ghp_x", 401],
  ] as const;
  for (const [authorization, status] of rows) {
    const headers = { ...SERVICE_HEADERS, authorization };
    assert.equal((await github.send("POST", url, { headers })).status, status, authorization);
  }
});

Deno.test("an admin token ends with its time", async () => {
  const { clock, client } = bench({ adminTokenLifetimeMs: 90_000 });
  const github = await client();
  const claims = JSON.parse(atob(github.admin.split(".")[1] ?? ""));
  assert.equal(claims.exp, clock.now().getTime() / 1000 + 90);
  assert.equal((await github.createSet("a")).status, 200);
  await clock.advance(90_000);
  assert.equal((await github.createSet("b")).status, 401);
});

Deno.test("a poll must say which version it accepts", async () => {
  const github = await bench().client();
  const { body: set } = await github.createSet("linux");
  const { messageQueueUrl, messageQueueAccessToken } =
    (await github.openSession(set.id)).opened.body;
  const headers = { authorization: `Bearer ${messageQueueAccessToken}`, accept: "*/*" };
  assert.equal((await github.send("GET", messageQueueUrl, { headers })).status, 400);
});

Deno.test("the host of a request is of no account", async () => {
  const github = await bench().client();
  github.service = github.service.replace("http://github.test", "http://127.0.0.1:8080");
  assert.equal((await github.createSet("linux")).status, 200);
});
