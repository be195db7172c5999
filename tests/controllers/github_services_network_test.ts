import assert from "node:assert/strict";
import { createGitHubServices } from "../../controllers/github_services.ts";
import type { GitHubTarget } from "../../controllers/reconcile/step.ts";
import { createActionsService } from "../../github/service.ts";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/log.ts";
import { createNetwork } from "../../lib/network.ts";
import { NO_PROXIES } from "../../lib/proxy.ts";
import { seededRandom } from "../../lib/random.ts";
import { startGitHubSim } from "../../sim/github/server.ts";
import { serveLoopback } from "../../sim/loopback.ts";
import { startProxy } from "../../sim/proxy.ts";
import { loopbackIdentity, type TlsIdentity } from "../../sim/tls.ts";
import { fakeKube, NEVER } from "./fakes.ts";
import { TARGET } from "./situations.ts";

const LOGIN = { username: "ann", password: "p@ss:word" };

/** A GitHub Enterprise Server on loopback, over https when there is an identity; and services that can reach it. */
function open(proxyUrl: string, tls?: TlsIdentity) {
  const clock = systemClock;
  const random = seededRandom(1);
  const ready = Promise.withResolvers<ReturnType<typeof startGitHubSim>>();
  const served = serveLoopback(async (request) => (await ready.promise).handle(request), tls);
  const github = startGitHubSim({ clock, random, baseUrl: served.origin });
  ready.resolve(github);
  const documents: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    [TARGET.secretName]: { github_token: btoa("ghp_one") },
    login: { username: btoa(LOGIN.username), password: btoa(LOGIN.password) },
    ca: { "ca.crt": tls?.ca ?? "" },
  };
  const { kube } = fakeKube(({ key: { name } }) => ({ data: documents[name] }));
  const network = createNetwork({
    proxy: NO_PROXIES,
    clock,
    // The rules would reach a server of this machine directly.
    choose: (url, { http, https }) => url.protocol === "https:" ? https : http,
  });
  const services = createGitHubServices({
    kube,
    clock,
    random,
    log: silentLogger,
    forceGhes: false,
    createService: (config, credential, way) =>
      createActionsService({
        config,
        credential,
        fetch: network.fetchFor(way.network),
        clock,
        random,
        userAgent: { system: "s", version: "1", commitSha: "c", subsystem: "t" },
        log: silentLogger,
      }),
  });
  const url = proxyUrl;
  const target: GitHubTarget = {
    ...TARGET,
    configUrl: `${served.origin}/my-org`,
    proxy: {
      http: { url, credentialSecretRef: "login" },
      https: { url, credentialSecretRef: "login" },
    },
    ...(tls && {
      serverTls: { certificateFrom: { configMapKeyRef: { name: "ca", key: "ca.crt" } } },
    }),
  };
  return {
    services,
    target,
    port: served.port,
    [Symbol.asyncDispose]: async () => {
      network[Symbol.dispose]();
      await github.stop();
      await served.stop();
    },
  };
}

async function openProxy(options: { readonly credentials: typeof LOGIN }) {
  const state = { port: 0 };
  const proxy = startProxy({
    ...options,
    portOf: (target) => target.endsWith(`:${state.port}`) ? state.port : undefined,
  });
  await Promise.resolve();
  return {
    url: proxy.url,
    calls: proxy.calls,
    leadsTo: (port: number) => state.port = port,
    [Symbol.asyncDispose]: () => proxy.stop(),
  };
}

Deno.test("ARS-16: with a proxy and its credentials, plain requests reach GitHub through the proxy", async () => {
  await using proxy = await openProxy({ credentials: LOGIN });
  await using world = open(proxy.url);
  proxy.leadsTo(world.port);
  const service = await world.services.service(world.target, NEVER);
  assert.equal(await service.findScaleSet("linux", 1), undefined);
  assert.ok(proxy.calls.length >= 3);
  assert.ok(proxy.calls.every(({ status }) => status === 200));
});

Deno.test("ARS-18, §20.31: with a CA of its own, GitHub is reached by CONNECT behind the proxy", async () => {
  const tls = await loopbackIdentity(systemClock.now());
  await using proxy = await openProxy({ credentials: LOGIN });
  await using world = open(proxy.url, tls);
  proxy.leadsTo(world.port);
  const service = await world.services.service(world.target, NEVER);
  assert.equal(await service.findScaleSet("linux", 1), undefined);
  assert.deepEqual(
    [...new Set(proxy.calls.map(({ method, status }) => `${method} ${status}`))],
    ["CONNECT 200"],
  );
});

Deno.test("§20.29: without the certificate the set is told to name it, and nothing is tried again at once", async () => {
  const tls = await loopbackIdentity(systemClock.now());
  await using proxy = await openProxy({ credentials: LOGIN });
  await using world = open(proxy.url, tls);
  proxy.leadsTo(world.port);
  const { serverTls: _, ...target } = world.target;
  const { service, problem } = await world.services.check(target, NEVER);
  assert.deepEqual([service, problem?.reason, problem?.about], ["none", "Unreachable", "network"]);
  assert.match(problem?.message ?? "", /githubServerTLS has to name/);
  await world.services.check(target, NEVER);
  assert.equal(proxy.calls.length, 1);
});
