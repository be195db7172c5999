import assert from "node:assert/strict";
import { clientOptions, connectAs, type Identity } from "../../kube/identity.ts";
import { createTransport } from "../../kube/transport.ts";
import { PODS } from "../../kube/resources.ts";
import { InvalidInput } from "../../lib/errors.ts";
import type { Fetch } from "../../lib/http.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { LOOPBACK } from "../../sim/loopback.ts";
import { loopbackIdentity, type TlsIdentity } from "../../sim/tls.ts";

const NOW = new Date();

/** An API server on loopback that may come back with other certificates, at the same place. */
class Server implements AsyncDisposable {
  port = 0;
  /** What it takes; others get a 401. */
  token = "first";
  readonly seen: string[] = [];
  #server: Deno.HttpServer<Deno.NetAddr> | undefined;

  start({ cert, key }: TlsIdentity): this {
    this.#server = Deno.serve(
      { hostname: LOOPBACK, port: this.port, cert, key, onListen() {} },
      (request) => {
        const token = request.headers.get("authorization") ?? "";
        this.seen.push(token);
        return token === `Bearer ${this.token}`
          ? Response.json({ kind: "PodList", items: [] })
          : Response.json({ kind: "Status", reason: "Unauthorized" }, { status: 401 });
      },
    );
    this.port = this.#server.addr.port;
    return this;
  }

  get url(): string {
    return `https://${LOOPBACK}:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.shutdown();
  }
}

function identity(token: string, ca?: string): Identity {
  return { headers: { authorization: `Bearer ${token}` }, tls: { ca } };
}

async function connected(
  server: string,
  load: (how: "soft" | "hard") => Identity | Promise<Identity>,
  fetch?: Fetch,
) {
  const clock = new VirtualClock();
  const connection = await connectAs({
    server,
    load: async (how) => await load(how),
    clock,
    fetch,
  });
  const transport = createTransport({ connection, clock });
  const list = () => transport.request({ verb: "list", method: "GET", type: PODS, place: {} });
  return { connection, clock, list };
}

Deno.test("an authority that changes with the server's certificate needs no restart", async () => {
  const [before, after] = [await loopbackIdentity(NOW), await loopbackIdentity(NOW)];
  let ca = before.ca;
  await using server = new Server().start(before);
  const { connection, list } = await connected(server.url, () => identity("first", ca));
  using _ = connection;
  await list();
  await server[Symbol.asyncDispose]();
  server.start(after);
  await assert.rejects(list(), /Cannot list pods: .*(peer certificate|connection)/);
  ca = after.ca;
  await list();
});

Deno.test("a refused token is read again and sent once more, without a failure", async () => {
  const tls = await loopbackIdentity(NOW);
  await using server = new Server().start(tls);
  let token = "first";
  const { connection, list } = await connected(server.url, () => identity(token, tls.ca));
  using _ = connection;
  await list();
  [server.token, token] = ["second", "second"];
  await Promise.all([list(), list()]);
  assert.deepEqual(server.seen.slice(-2), ["Bearer second", "Bearer second"]);
  assert.equal(server.seen.length, 5);
});

Deno.test("a token that stays refused is sent once", async () => {
  const seen: Request[] = [];
  const { list } = await connected("https://kube.test", () => identity("old"), (request) => {
    seen.push(request);
    return Promise.resolve(Response.json({ kind: "Status" }, { status: 401 }));
  });
  await assert.rejects(list(), /Cannot list pods: HTTP 401$/);
  assert.equal(seen.length, 1);
});

Deno.test("why there is no other identity is told with the refusal", async () => {
  const now: { problem?: Error } = {};
  const { list } = await connected(
    "https://kube.test",
    () => now.problem === undefined ? identity("old") : Promise.reject(now.problem),
    () => Promise.resolve(Response.json({ kind: "Status" }, { status: 401 })),
  );
  now.problem = new InvalidInput("The plugin is on holiday");
  await assert.rejects(list(), /Cannot list pods: HTTP 401\. The plugin is on holiday/);
});

Deno.test("certificates that are none are refused at the start, and later never taken", async () => {
  const tls = await loopbackIdentity(NOW);
  const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  await assert.rejects(
    connected("https://kube.test", () => identity("first", broken)),
    InvalidInput,
  );
  await using server = new Server().start(tls);
  let ca = tls.ca;
  const { connection, clock, list } = await connected(server.url, () => identity("first", ca));
  using _ = connection;
  ca = broken;
  await clock.advance(60_000);
  await list();
});

Deno.test({
  name:
    "the platform is told what to trust, what to show, and the way, with the proxy's password apart",
  permissions: "none",
  fn() {
    const certificate = { cert: "CERT", key: "KEY" };
    const proxyUrl = "http://me:p%40ss@proxy.test:3128";
    assert.deepEqual(clientOptions({ headers: {}, tls: { ca: "CA", certificate } }, proxyUrl), {
      http1: true,
      http2: true,
      caCerts: ["CA"],
      ...certificate,
      proxy: {
        url: "http://proxy.test:3128/",
        basicAuth: { username: "me", password: "p@ss" },
      },
    });
    assert.deepEqual(clientOptions({ headers: {}, tls: {} }, undefined), {
      http1: true,
      http2: true,
    });
  },
});
