/** `longshore dev --context` as it is started, against the simulated cluster over real HTTPS. */
import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import { LEASES, PODS } from "../../../kube/resources.ts";
import type { KubeObject } from "../../../kube/types.ts";
import { systemClock } from "../../../lib/clock.ts";
import { seededRandom } from "../../../lib/random.ts";
import { stringify } from "../../../lib/yaml.ts";
import { main } from "../../../main.ts";
import { MODES } from "../../../modes/mode.ts";
import { SCHEDULER } from "../../../modes/dev/local_listeners.ts";
import { rivalAmong } from "../../../modes/dev/rivals.ts";
import { startMode } from "../../../modes/start.ts";
import { parseFlags } from "../../../lib/flags.ts";
import { startWorld, type World } from "../../../sim/world.ts";
import { setObjects } from "../../journeys/stage.ts";
import { aDeployment } from "../installation.ts";
import { Sink } from "../sink.ts";
import { until } from "../until.ts";

const NAMESPACE = "arc-runners";
const LEASE = { namespace: NAMESPACE, name: "actions-runner-controller" };

class Stage implements AsyncDisposable {
  readonly out = new Sink();
  readonly err = new Sink();
  readonly folder = Deno.makeTempDirSync();
  readonly #stop = new AbortController();
  world!: World;

  static async open(): Promise<Stage> {
    const stage = new Stage();
    stage.world = await startWorld({
      clock: systemClock,
      random: seededRandom(1),
      at: "loopback",
      controllerRights: { cluster: [], ownNamespace: [] },
      github: { pollHoldMs: 500 },
      startDelay: { fromMs: 10, toMs: 20 },
    });
    const { api, ca, kubeUrl } = stage.world;
    const cluster = { server: kubeUrl, "certificate-authority-data": btoa(ca) };
    await Deno.writeTextFile(
      `${stage.folder}/config`,
      stringify({
        clusters: [{ name: "c", cluster }],
        users: [{ name: "u", user: { token: api.tokenFor("admin") } }],
        contexts: [{ name: "laptop", context: { cluster: "c", user: "u" } }],
      }),
    );
    return stage;
  }

  dev(): Promise<number> {
    const { config } = parseFlags(MODES.dev.flags, {
      args: [
        "--context=laptop",
        `--namespace=${NAMESPACE}`,
        `--github-hosts=github.com=${this.world.githubUrl}`,
      ],
      env: { KUBECONFIG: `${this.folder}/config` },
    });
    return startMode({
      mode: "dev",
      config,
      signal: this.#stop.signal,
      killed: new AbortController().signal,
      out: this.out,
      err: this.err,
      giveUp: () => {},
    });
  }

  stop(): void {
    this.#stop.abort(new DOMException("Ctrl-C", "AbortError"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.world.stop();
    await Deno.remove(this.folder, { recursive: true });
  }
}

Deno.test("dev --context runs controller and listeners here, jobs run there, and nothing of ours stays", async () => {
  await using stage = await Stage.open();
  const { world } = stage;
  const ours = { namespace: NAMESPACE, fieldSelector: `spec.schedulerName=${SCHEDULER}` };
  await world.apply(setObjects({ max: 3 }));
  const running = stage.dev();
  const { control } = world.github;
  await until("a session is open", () => control.state().scaleSets[0]?.session !== undefined);
  const [listener] = await world.admin.list(PODS, ours);
  assert.equal(listener?.spec?.nodeName, undefined, "no node has the listener's pod");
  assert.equal(listener?.metadata?.namespace, NAMESPACE);
  control.queueJobs({ scaleSet: "linux", count: 2, durationMs: 50 });
  await until("the jobs are done", () => {
    const { jobs } = control.state();
    return jobs.length === 2 && jobs.every(({ result }) => result === "succeeded");
  });
  const set = await world.admin.get(AUTOSCALING_RUNNER_SETS, {
    namespace: NAMESPACE,
    name: "linux",
  });
  const ready = set?.status?.conditions?.find(({ type }) => type === "Ready");
  assert.equal(ready?.status, "True", ready?.message);
  stage.stop();
  assert.equal(await running, 0, stage.out.text + stage.err.text);
  assert.deepEqual(await world.admin.list(PODS, ours), []);
  assert.equal(control.state().scaleSets[0]?.session, undefined, "the session is closed");
  assert.equal((await world.admin.get(LEASES, LEASE))?.spec?.holderIdentity, "");
  assert.match(
    stage.out.text,
    /^Serving the runner sets of namespace "arc-runners" of context "laptop"/,
  );
});

Deno.test("dev refuses to start beside a controller that holds the lease", async () => {
  await using stage = await Stage.open();
  const lease: KubeObject & { readonly spec: unknown } = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: LEASE,
    spec: {
      holderIdentity: "arc-controller-7d9",
      leaseDurationSeconds: 3_600, // held, however long the start takes
      renewTime: `${systemClock.now().toISOString().slice(0, -1)}000Z`,
    },
  };
  await stage.world.apply([lease]);
  assert.equal(await stage.dev(), 1);
  assert.match(
    stage.err.text,
    /^A controller serves namespace "arc-runners" already: "arc-controller-7d9" holds the lease/,
  );
  assert.equal(stage.out.text, "");
});

const ELSEWHERE = { namespace: "arc-systems", name: "actions-runner-controller" };

/** Of a controller without a Deployment, which nobody sees but by it. */
function aLeaseElsewhere(): KubeObject & { readonly spec: unknown } {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: ELSEWHERE,
    spec: {
      holderIdentity: "laptop-of-ann",
      leaseDurationSeconds: 600,
      renewTime: `${systemClock.now().toISOString().slice(0, -1)}000Z`,
    },
  };
}

Deno.test("dev refuses to start beside a controller elsewhere that holds its lease and has listeners for the namespace", async () => {
  await using stage = await Stage.open();
  await stage.world.apply([aLeaseElsewhere(), {
    apiVersion: "actions.github.com/v1alpha1",
    kind: "AutoscalingListener",
    metadata: { namespace: ELSEWHERE.namespace, name: "linux-1234-listener" },
    ...{ spec: { autoscalingRunnerSetNamespace: NAMESPACE, autoscalingRunnerSetName: "linux" } },
  }]);
  assert.equal(await stage.dev(), 1);
  assert.match(
    stage.err.text,
    /already: "laptop-of-ann" holds the lease "arc-systems\/actions-runner-controller"/,
  );
});

Deno.test("dev warns of a held lease elsewhere that may be for other namespaces, and starts", async () => {
  await using stage = await Stage.open();
  await stage.world.apply([aLeaseElsewhere(), ...setObjects({ max: 3 })]);
  const running = stage.dev();
  await until("it serves", () => stage.out.text.includes("Serving the runner sets"));
  stage.stop();
  assert.equal(await running, 0);
  assert.match(
    stage.err.text,
    /^Warning: .* could not be seen: "laptop-of-ann" holds the lease "arc-systems\/actions-runner-controller"/,
  );
});

Deno.test("dev refuses to start beside the Deployment of a controller", async () => {
  await using stage = await Stage.open();
  await stage.world.apply([aDeployment()]);
  assert.equal(await stage.dev(), 1);
  assert.match(
    stage.err.text,
    /^A controller serves .* already: Deployment "arc-systems\/arc-gha-rs/,
  );
  assert.deepEqual(await stage.world.admin.list(PODS), []);
});

function deploymentWith(args: readonly string[], replicas = 1) {
  const { spec } = aDeployment();
  const containers = [{ name: "manager", image: "x", args }];
  return aDeployment({
    spec: { ...spec, replicas, template: { spec: { containers } } } as NonNullable<typeof spec>,
  });
}

const RIVALS: Readonly<Record<string, readonly [ReturnType<typeof aDeployment>, boolean]>> = {
  "one that serves every namespace is one": [deploymentWith([]), true],
  "one that serves this namespace is one": [
    deploymentWith([`--watch-single-namespace=${NAMESPACE}`]),
    true,
  ],
  "one that serves another namespace is none": [
    deploymentWith(["--watch-single-namespace=elsewhere"]),
    false,
  ],
  "one that is scaled to 0 is none": [deploymentWith([], 0), false],
};

for (const [claim, [deployment, isRival]] of Object.entries(RIVALS)) {
  Deno.test({
    name: `rivals of dev: ${claim}`,
    permissions: "none",
    fn: () => {
      const found = rivalAmong({
        deployments: [deployment],
        leases: [],
        listeners: [],
        namespace: NAMESPACE,
      });
      assert.equal(found !== undefined, isRival);
    },
  });
}

for (const flag of ["--jobs=5", "--chaos=github", "--keep", "-f=x.yaml"]) {
  Deno.test(`dev refuses ${flag} beside a cluster`, async () => {
    const [out, err] = [new Sink(), new Sink()];
    const args = ["dev", "--context=x", flag];
    assert.equal(await main({ args, programPath: "longshore", env: {}, out, err }), 2);
    assert.match(err.text, /^--\w+ goes not with --context or --kubeconfig: /);
  });
}

Deno.test("an environment that names a kubeconfig names no cluster for dev", () => {
  const { config } = parseFlags(MODES.dev.flags, { args: [], env: { KUBECONFIG: "/etc/config" } });
  assert.equal(MODES.dev.cluster?.(config), undefined);
});
