/** The mode as it is started: in its sandbox, with a kubeconfig, against the simulated cluster over real HTTPS. */
import assert from "node:assert/strict";
import {
  clusterRules,
  leaderElectionRules,
  ownNamespaceRules,
} from "../../../controllers/rules.ts";
import { LEASES } from "../../../kube/resources.ts";
import type { KubeObject } from "../../../kube/types.ts";
import { systemClock } from "../../../lib/clock.ts";
import { parseFlags } from "../../../lib/flags.ts";
import { seededRandom } from "../../../lib/random.ts";
import { MODES } from "../../../modes/mode.ts";
import { namedCluster } from "../../../modes/named_cluster.ts";
import { runInSandbox } from "../../../modes/sandbox.ts";
import { startWorld, type World } from "../../../sim/world.ts";
import { CONTROLLER, grant } from "../../../sim/world_objects.ts";
import { kubeconfigText } from "../kubeconfig.ts";
import { until } from "../until.ts";

const NAMESPACE = CONTROLLER.namespace;

/** A controller-manager at work. */
interface Manager {
  readonly log: string[];
  readonly because: string[];
  readonly ended: Promise<number>;
  stop(): void;
  /** Status and text of `/readyz`. */
  ready(): Promise<string>;
}

class Stage implements AsyncDisposable {
  /** Paths of the calls of controllers, in the order of their coming. */
  readonly seen: string[] = [];
  readonly #folder = Deno.makeTempDirSync();
  readonly #stop = new AbortController();
  readonly #managers: Manager[] = [];
  world!: World;

  static async open(
    rules: { readonly cluster: typeof clusterRules; readonly own: typeof ownNamespaceRules },
  ): Promise<Stage> {
    const stage = new Stage();
    stage.world = await startWorld({
      clock: systemClock,
      random: seededRandom(1),
      at: "loopback",
      controllerRights: { cluster: rules.cluster, ownNamespace: rules.own },
      kube: {
        intercept: ({ url, user }) => {
          if (user === `system:serviceaccount:${NAMESPACE}:${CONTROLLER.name}`) {
            stage.seen.push(url.pathname);
          }
          return Promise.resolve(undefined);
        },
      },
    });
    return stage;
  }

  async start(...flags: readonly string[]): Promise<Manager> {
    const { api, ca, kubeUrl, githubUrl } = this.world;
    const path = `${this.#folder}/config`;
    const token = api.tokenFor({ serviceAccount: CONTROLLER });
    await Deno.writeTextFile(path, kubeconfigText({ server: kubeUrl, ca, user: { token } }));
    const port = freePort();
    const mode = MODES["controller-manager"];
    const { config } = parseFlags(mode.flags, {
      args: [
        `--namespace=${NAMESPACE}`,
        "--image=longshore:test",
        `--kubeconfig=${path}`,
        `--github-hosts=github.com=${githubUrl}`,
        "--metrics-addr=0",
        `--health-probe-bind-address=127.0.0.1:${port}`,
        ...flags,
      ],
    });
    const named = await namedCluster(config);
    const log: string[] = [];
    const because: string[] = [];
    const stop = new AbortController();
    const manager: Manager = {
      log,
      because,
      ended: runInSandbox({
        mode: "controller-manager",
        config: { ...config, ...named.flags },
        sandbox: mode.sandbox(config, named.places) ?? assert.fail(),
        signal: AbortSignal.any([stop.signal, this.#stop.signal]),
        killed: new AbortController().signal,
        onLog: (line) => log.push(line),
        onEnd: (sentence) => because.push(sentence),
        onBug: (message) => log.push(message),
      }),
      stop: () => stop.abort(),
      ready: async () => {
        const response = await fetch(`http://127.0.0.1:${port}/readyz`);
        return `${response.status} ${(await response.text()).trim()}`;
      },
    };
    this.#managers.push(manager);
    return manager;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#managers.map(({ ended }) => ended));
    await this.world.stop();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const RULES = { cluster: clusterRules, own: [...ownNamespaceRules, ...leaderElectionRules] };

Deno.test("a cluster that a kubeconfig names is served, and left with exit code 0", async () => {
  await using stage = await Stage.open(RULES);
  const manager = await stage.start();
  await until("ready", async () => await manager.ready() === "200 ok");
  manager.stop();
  assert.equal(await manager.ended, 0);
  assert.deepEqual(manager.because, []);
});

Deno.test("rights that are missing end the start with code 1 and a sentence", async () => {
  await using stage = await Stage.open({ ...RULES, cluster: [] });
  const manager = await stage.start("--log-level=error");
  assert.equal(await manager.ended, 1);
  assert.match(manager.because.join(), /is forbidden: .* Grant our account the roles/);
  assert.equal(manager.log.length, 1);
});

for (const flag of ["--watch-single-namespace", "--watch-namespace"]) {
  Deno.test(`with ${flag} every call stays within the two namespaces`, async () => {
    await using stage = await Stage.open(RULES);
    const manager = await stage.start(`${flag}=team`);
    await until("ready", async () => await manager.ready() === "200 ok");
    const paths = stage.seen
      .filter((path) => path.startsWith("/api/v1/") || /^\/apis\/[^/]+\/[^/]+\/./.test(path))
      .filter((path) => !path.endsWith("/selfsubjectrulesreviews"));
    assert.ok(paths.length >= 32, `${paths.length} calls`);
    for (const path of paths) assert.match(path, /\/namespaces\/(team|arc-systems)\//);
  });
}

Deno.test("no more calls are made in a second than the flags allow", async () => {
  await using stage = await Stage.open(RULES);
  const [qps, burst] = [10, 2];
  // From before the first call, which may be seen late.
  const startMs = systemClock.now().getTime();
  const manager = await stage.start(
    `--k8s-client-rate-limiter-qps=${qps}`,
    `--k8s-client-rate-limiter-burst=${burst}`,
  );
  await until("ready", async () => await manager.ready() === "200 ok");
  const calls = stage.seen.length;
  const ms = systemClock.now().getTime() - startMs;
  assert.ok(calls >= 19, `${calls} calls`);
  assert.ok(ms >= (calls - burst - 1) * 1000 / qps, `${calls} calls in ${ms} ms`);
});

Deno.test("of two with leader election one works, the other stands by, ready, and follows it", async () => {
  await using stage = await Stage.open(RULES);
  const key = { namespace: NAMESPACE, name: "actions-runner-controller" };
  const leads = (manager: Manager) => manager.log.some((line) => / leader Leading /.test(line));
  const first = await stage.start("--enable-leader-election", "--hostname=arc-7d9-x2k4p");
  await until("the first leads", () => leads(first));
  const second = await stage.start("--enable-leader-election");
  await until("the second is ready", async () => await second.ready() === "200 ok");
  assert.equal(await first.ready(), "200 ok");
  assert.ok(!leads(second));
  const holder = async () => (await stage.world.admin.get(LEASES, key))?.spec?.holderIdentity;
  const before = await holder();
  assert.match(
    before ?? "",
    /^arc-7d9-x2k4p_[0-9a-f-]{36}$/,
    "the pod's name first, as ARC has it",
  );
  first.stop();
  assert.equal(await first.ended, 0);
  await until("the second leads", () => leads(second));
  assert.notEqual(await holder(), before);
  second.stop();
  assert.equal(await second.ended, 0);
  assert.equal(await holder(), "", "given back");
});

Deno.test("a leader whose lease another took ends with code 1", async () => {
  await using stage = await Stage.open(RULES);
  const key = { namespace: NAMESPACE, name: "actions-runner-controller" };
  const manager = await stage.start("--enable-leader-election", "--log-level=error");
  await until(
    "it leads",
    async () => Boolean((await stage.world.admin.get(LEASES, key))?.spec?.holderIdentity),
  );
  await stage.world.admin.patch(LEASES, key, { spec: { holderIdentity: "somebody" } });
  assert.equal(await manager.ended, 1);
  assert.match(manager.because.join(), /^Lost the lead: "somebody" took it$/);
});

Deno.test("a role that was taken away while we serve does not end us", async () => {
  await using stage = await Stage.open(RULES);
  const manager = await stage.start("--log-level=error");
  await until("ready", async () => await manager.ready() === "200 ok");
  const [role] = grant(CONTROLLER, { name: CONTROLLER.name, rules: [] });
  await stage.world.apply([role as KubeObject]);
  stage.world.api.endWatches("close");
  await until("it is told", () => manager.log.some((line) => line.includes("is forbidden")));
  await stage.world.apply(grant(CONTROLLER, { name: CONTROLLER.name, rules: clusterRules }));
  await until(
    "it sees all again",
    async () => stage.world.api.watchCount >= 8 && await manager.ready() === "200 ok",
  );
});
