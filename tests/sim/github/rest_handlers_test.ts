import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { generateKeyPairSync, sign } from "node:crypto";
import { bench, RawClient } from "./raw_client.ts";

Deno.test("a GitHub App gets an installation token for a JWT that its key signed", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const appPublicKey = publicKey.export({ type: "spki", format: "pem" }).toString();
  const { clock, client } = bench({ appPublicKey, installationTokenLifetimeMs: 1_000 });
  const github = await client();
  const now = clock.now().getTime() / 1000;
  const parts = [{ alg: "RS256", typ: "JWT" }, { iat: now - 60, exp: now + 480, iss: "Iv1.test" }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const signature = sign("RSA-SHA256", Buffer.from(parts), privateKey).toString("base64url");
  const ask = (jwt: string) =>
    github.send("POST", "https://github.example/api/v3/app/installations/7/access_tokens", {
      headers: { authorization: `Bearer ${jwt}` },
    });
  assert.equal((await ask(`${parts}.${Buffer.from("forged").toString("base64url")}`)).status, 401);
  const { status, body } = await ask(`${parts}.${signature}`);
  assert.equal(status, 201);
  assert.equal((await github.registrationToken(body.token)).status, 201);
  await clock.advance(1_000);
  assert.equal((await github.registrationToken(body.token)).status, 401);
});

Deno.test("a registration is refused for another scope than its token's", async () => {
  const { client, sim } = bench();
  const octo = await client("octo");
  const other = await client("other");
  const { body: { token } } = await octo.registrationToken();
  assert.equal((await other.register(token)).status, 404);
  assert.equal(sim.calls.runnerregistration, 3);
});

Deno.test("with service URLs that change, a token is good for the URL that it came with", async () => {
  const github = await bench({ serviceTenant: "changing", serviceUrl: "no-slash" }).client();
  const { service } = github;
  assert.ok(!service.endsWith("/"));
  await github.bootstrap();
  assert.notEqual(github.service, service);
  assert.equal((await github.createSet("a")).status, 200);
  github.service = service;
  assert.equal((await github.createSet("b")).status, 401);
});

Deno.test("every scope is registered at its own path, and nothing else is a scope", async () => {
  const { sim, client } = bench();
  for (const scope of ["octo", "octo/widgets", "enterprises/acme"]) await client(scope);
  const github = new RawClient(sim.handle, {
    rest: "http://github.test/api/v3",
    configUrl: "https://github.com/octo",
  });
  const path = "https://api.github.com/users/octo/actions/runners/registration-token";
  const headers = { authorization: "Bearer github_pat_x" };
  assert.equal((await github.send("POST", path, { headers })).status, 404);
  const { body: { token } } = await github.registrationToken();
  const lacking = await github.send("POST", "https://api.github.com/actions/runner-registration", {
    headers: { authorization: `RemoteAuth ${token}` },
    body: { url: "https://github.com/octo" },
  });
  assert.equal(lacking.status, 422);
});
