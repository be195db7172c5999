import assert from "node:assert/strict";
import { connectInCluster, type InClusterOptions, NotInCluster } from "../../kube/connect.ts";
import { VirtualClock } from "../../sim/clock.ts";

/** A service account's files, and what a pod with them sends. */
class Pod implements Disposable {
  readonly dir = Deno.makeTempDirSync();
  readonly clock = new VirtualClock();
  status = 200;

  constructor() {
    this.write("ca.crt", "not a real one");
    this.write("namespace", "arc-systems\n");
    this.write("token", "first\n");
  }

  write(file: string, text: string): void {
    Deno.writeTextFileSync(`${this.dir}/${file}`, text);
  }

  connect(options: Partial<InClusterOptions> = {}) {
    return connectInCluster({
      host: "10.96.0.1",
      port: 443,
      clock: this.clock,
      serviceAccountDir: this.dir,
      fetch: () => Promise.resolve(new Response(null, { status: this.status })),
      ...options,
    });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.dir, { recursive: true });
  }
}

Deno.test("a pod knows its server, its namespace and its token", async () => {
  using pod = new Pod();
  using connection = await pod.connect();
  assert.equal(connection.server, "https://10.96.0.1:443");
  assert.equal(connection.namespace, "arc-systems");
  assert.deepEqual(await connection.headers(), { authorization: "Bearer first" });
});

Deno.test("an IPv6 address is put in brackets", async () => {
  using pod = new Pod();
  using connection = await pod.connect({ host: "fd00::1", port: "6443" });
  assert.equal(connection.server, "https://[fd00::1]:6443");
});

Deno.test("the token is read again once a minute", async () => {
  using pod = new Pod();
  using connection = await pod.connect();
  await connection.headers();
  pod.write("token", "second");
  await pod.clock.advance(59_999);
  assert.deepEqual(await connection.headers(), { authorization: "Bearer first" });
  await pod.clock.advance(1);
  assert.deepEqual(await connection.headers(), { authorization: "Bearer second" });
});

Deno.test("the token is read again after a 401", async () => {
  using pod = new Pod();
  using connection = await pod.connect();
  await connection.headers();
  pod.write("token", "second");
  pod.status = 401;
  await connection.fetch(new Request("https://10.96.0.1/api"));
  assert.deepEqual(await connection.headers(), { authorization: "Bearer second" });
});

Deno.test("while the token cannot be read, the last one serves", async () => {
  using pod = new Pod();
  using connection = await pod.connect();
  await connection.headers();
  await Deno.remove(`${pod.dir}/token`);
  await pod.clock.advance(60_000);
  assert.deepEqual(await connection.headers(), { authorization: "Bearer first" });
});

Deno.test("a place without the files is no pod, and the error names the file", async () => {
  using pod = new Pod();
  await Deno.remove(`${pod.dir}/ca.crt`);
  await assert.rejects(pod.connect(), (thrown) => {
    assert.ok(thrown instanceof NotInCluster);
    assert.match(thrown.message, /ca\.crt/);
    return true;
  });
});
