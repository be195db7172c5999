import assert from "node:assert/strict";
import { createHttpClients } from "../../kube/http_clients.ts";

/** A server on loopback that tells connections apart, and holds `/held` until told. */
class Server implements AsyncDisposable {
  readonly release = Promise.withResolvers<void>();
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request, { remoteAddr }) => {
      if (request.url.endsWith("/held")) await this.release.promise;
      return new Response(String(remoteAddr.port));
    },
  );

  request(path: string, init: RequestInit = {}): Request {
    return new Request(`http://127.0.0.1:${this.#server.addr.port}${path}`, init);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test("an abandoned connection is replaced, and what is under way on it ends by itself", async () => {
  await using server = new Server();
  using clients = createHttpClients({});
  const send = async (request: Request) => (await clients.fetch(request)).text();

  const first = server.request("/a");
  const port = await send(first);
  assert.equal(await send(server.request("/b")), port);

  const held = send(server.request("/held"));
  clients.abandon(first);
  clients.abandon(first);
  const next = server.request("/c");
  assert.notEqual(await send(next), port);
  clients.abandon(first);
  assert.equal(await send(server.request("/d")), await send(next));
  server.release.resolve();
  assert.match(await held, /^\d+$/);
});

Deno.test("other options take a new connection, equal ones do not, bad ones change nothing", async () => {
  await using server = new Server();
  using clients = createHttpClients({ http1: true });
  const send = async () => (await clients.fetch(server.request("/a"))).text();

  const port = await send();
  clients.configure({ http1: true });
  assert.equal(await send(), port);
  assert.throws(() => clients.configure({ cert: "none", key: "none" }));
  assert.equal(await send(), port);
  clients.configure({ http1: true, poolMaxIdlePerHost: 1 });
  assert.notEqual(await send(), port);
});

Deno.test("writes have connections of their own, a crowd of them is served all the same", async () => {
  await using server = new Server();
  using clients = createHttpClients({});
  const send = async (path: string, init?: RequestInit) =>
    (await clients.fetch(server.request(path, init))).text();
  const create = { method: "POST", body: "x".repeat(2_000) };

  const port = await send("/a");
  const own = await send("/b", create);
  assert.notEqual(own, port);
  assert.equal(await send("/c"), port);
  const held = Array.from({ length: 10 }, () => send("/held", create));
  server.release.resolve();
  assert.equal((await Promise.all(held)).length, 10);
});
