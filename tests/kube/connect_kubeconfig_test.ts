import assert from "node:assert/strict";
import { connectKubeconfig, type KubeconfigOptions } from "../../kube/connect_kubeconfig.ts";
import { InvalidInput } from "../../lib/errors.ts";
import { stringify } from "../../lib/yaml.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { loopbackIdentity } from "../../sim/tls.ts";

type Members = Readonly<Record<string, unknown>>;

/** A folder with a kubeconfig of one context in it. */
class Home implements Disposable {
  readonly folder = Deno.makeTempDirSync();
  readonly path = `${this.folder}/config`;
  readonly clock: VirtualClock;
  status = 200;

  constructor(user: Members, now = new Date()) {
    this.clock = new VirtualClock(now.toISOString());
    this.write({ user });
  }

  write({ user = {}, cluster = {} }: { readonly user?: Members; readonly cluster?: Members }) {
    this.file(
      "config",
      stringify({
        "current-context": "x",
        clusters: [{ name: "c", cluster: { server: "https://kube.test", ...cluster } }],
        users: [{ name: "u", user }],
        contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      }),
    );
  }

  file(name: string, text: string): void {
    Deno.writeTextFileSync(`${this.folder}/${name}`, text);
  }

  connect(options: Partial<KubeconfigOptions> = {}) {
    return connectKubeconfig({
      paths: [this.path],
      clock: this.clock,
      fetch: () => Promise.resolve(new Response(null, { status: this.status })),
      ...options,
    });
  }

  async headers(): Promise<Readonly<Record<string, string>>> {
    using connection = await this.connect();
    return await connection.headers();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

Deno.test("a token, a token in a file, a name with a password, nothing at all", async () => {
  using home = new Home({ token: "abc" });
  assert.deepEqual(await home.headers(), { authorization: "Bearer abc" });
  home.write({ user: { tokenFile: "token" } });
  home.file("token", " from-file\n");
  assert.deepEqual(await home.headers(), { authorization: "Bearer from-file" });
  home.write({ user: { username: "mé", password: "p:w" } });
  assert.deepEqual(await home.headers(), { authorization: "Basic bcOpOnA6dw==" });
  home.write({});
  assert.deepEqual(await home.headers(), {});
});

Deno.test("a kubeconfig that was renewed serves without a restart", async () => {
  using home = new Home({ token: "old" });
  using connection = await home.connect();
  const before = await connection.headers();
  home.write({ user: { token: "new" } });
  assert.ok(await connection.renew?.(before));
  assert.deepEqual(await connection.headers(), { authorization: "Bearer new" });
  home.write({ user: { token: "newer" } });
  await home.clock.advance(60_000);
  assert.deepEqual(await connection.headers(), { authorization: "Bearer newer" });
});

Deno.test("a kubeconfig that now names another server is not followed there", async () => {
  using home = new Home({ token: "old" });
  using connection = await home.connect();
  const before = await connection.headers();
  home.write({ user: { token: "new" }, cluster: { server: "https://elsewhere.test" } });
  await assert.rejects(async () => await connection.renew?.(before), /now names another server/);
  await home.clock.advance(60_000);
  assert.deepEqual(await connection.headers(), { authorization: "Bearer old" });
});

Deno.test("a plugin is asked softly at first, hard when its answer was refused", async () => {
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "plugin" };
  using home = new Home({ exec });
  const asked: string[] = [];
  using connection = await home.connect({
    askPlugin: (how) => {
      asked.push(how);
      return Promise.resolve({ token: `t${asked.length}` });
    },
  });
  const first = await connection.headers();
  assert.deepEqual(first, { authorization: "Bearer t1" });
  assert.ok(await connection.renew?.(first));
  assert.deepEqual(await connection.headers(), { authorization: "Bearer t2" });
  assert.deepEqual(asked, ["soft", "hard"]);
  await assert.rejects(home.connect(), /User "u" needs the program "plugin"/);
});

Deno.test("a plugin is not asked where the user has a token", async () => {
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "plugin" };
  using home = new Home({ exec, token: "abc" });
  assert.deepEqual(await home.headers(), { authorization: "Bearer abc" });
});

Deno.test("a client certificate is used until it ends, and an ended one is refused by its date", async () => {
  const now = new Date("2026-01-01T00:00:00Z");
  const { cert, key, ca } = await loopbackIdentity(now);
  const user = { "client-certificate": "u.crt", "client-key-data": btoa(key) };
  using home = new Home(user, now);
  home.file("u.crt", cert);
  home.write({ user, cluster: { "certificate-authority-data": btoa(ca) } });
  assert.deepEqual(await home.headers(), {});
  using later = new Home(user, new Date("2027-01-02T00:00:00Z"));
  later.file("u.crt", cert);
  await assert.rejects(later.connect(), /client certificate of user "u" in .* ended on 2027-01-01/);
});

Deno.test("files that hold something else are refused by name", async () => {
  const { cert, key } = await loopbackIdentity(new Date());
  using home = new Home({});
  const refused = async (words: RegExp) =>
    await assert.rejects(home.connect(), (thrown) => {
      assert.ok(thrown instanceof InvalidInput);
      assert.match(thrown.message, words);
      assert.ok(!thrown.message.includes("BEGIN"));
      return true;
    });
  home.write({ cluster: { "certificate-authority-data": btoa("hello") } });
  await refused(/certificate-authority of context "x" .* holds no certificate in PEM/);
  home.write({ user: { "client-certificate-data": btoa(cert), "client-key-data": btoa(cert) } });
  await refused(/client-certificate and client-key of user "u" .* are no pair/);
  home.write({ user: { "client-certificate-data": btoa(key), "client-key-data": btoa(key) } });
  await refused(/client-certificate of user "u" .* holds no certificate in PEM/);
  home.write({ user: { tokenFile: "absent" } });
  await refused(/Cannot read the token .*absent: there is no such file/);
});
