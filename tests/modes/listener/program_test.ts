/** The mode as ARC's controller starts it: its environment, its document byte for byte, real HTTP on both sides. */
import assert from "node:assert/strict";
import {
  EPHEMERAL_RUNNER_SETS,
  type EphemeralRunnerSet,
} from "../../../crds/ephemeral_runner_set.ts";
import { EPHEMERAL_RUNNERS, type EphemeralRunner } from "../../../crds/ephemeral_runner.ts";
import { parseConfigUrl } from "../../../github/config_url.ts";
import { parseCredential } from "../../../github/credentials.ts";
import { createActionsService } from "../../../github/service.ts";
import { systemClock } from "../../../lib/clock.ts";
import { parseFlags } from "../../../lib/flags.ts";
import { silentLogger } from "../../../lib/log.ts";
import { seededRandom } from "../../../lib/random.ts";
import { listenerRules } from "../../../listener/rules.ts";
import { LISTENER_METRICS } from "../../../listener/metrics.ts";
import { MODES } from "../../../modes/mode.ts";
import { runInSandbox } from "../../../modes/sandbox.ts";
import { startWorld, type World } from "../../../sim/world.ts";
import { grant } from "../../../sim/world_objects.ts";
import { until } from "../until.ts";

const LISTENER = { namespace: "arc-systems", name: "linux-754b578d-listener" };
const SET = { namespace: "arc-runners", name: "linux" };

/** As ARC's controller writes it: members in its order, Go's escapes, one line and its end. */
function document(words: {
  readonly configureUrl: string;
  readonly scaleSetId: number;
  readonly metricsAddress: string;
}): string {
  return `{"configure_url":"${words.configureUrl}","vault_type":"","vault_lookup_key":"",` +
    '"github_app_id":"","github_app_installation_id":0,"github_app_private_key":"",' +
    '"github_token":"ghp_A\\u0026b",' +
    `"ephemeral_runner_set_namespace":"${SET.namespace}","ephemeral_runner_set_name":"${SET.name}",` +
    `"max_runners":2147483647,"min_runners":1,"runner_scale_set_id":${words.scaleSetId},` +
    '"runner_scale_set_name":"linux","server_root_ca":"","log_level":"debug","log_format":"json",' +
    `"metrics_addr":"${words.metricsAddress}","metrics_endpoint":"/metrics","metrics":null}\n`;
}

interface Listening extends AsyncDisposable {
  readonly world: World;
  readonly log: readonly string[];
  readonly metricsUrl: string;
  readonly healthUrl: string;
  readonly scaleSetId: number;
  /** As on SIGTERM; resolves with the exit code. */
  stop(): Promise<number>;
}

async function listening(): Promise<Listening> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const world = await startWorld({
    clock: systemClock,
    random: seededRandom(1),
    at: "loopback",
    controllerRights: { cluster: [], ownNamespace: [] },
    github: { pollHoldMs: 1_000 },
  });
  const configureUrl = `${world.githubUrl}/my-org`;
  const scaleSetId = await register(configureUrl);
  const rules = listenerRules({ ephemeralRunnerSetName: SET.name });
  await world.apply([
    { apiVersion: "v1", kind: "ServiceAccount", metadata: LISTENER },
    ...grant(LISTENER, { name: LISTENER.name, rules, namespace: SET.namespace }),
    aRunnerSet(),
    aRunner("linux-runner-a"),
  ]);
  const [metricsPort, healthPort] = [freePort(), freePort()];
  const identity = `${folder}/serviceaccount`;
  await Deno.mkdir(identity);
  await Deno.writeTextFile(`${identity}/token`, world.api.tokenFor({ serviceAccount: LISTENER }));
  await Deno.writeTextFile(`${identity}/ca.crt`, world.ca);
  await Deno.writeTextFile(`${identity}/namespace`, LISTENER.namespace);
  await Deno.writeTextFile(
    `${folder}/config.json`,
    document({ configureUrl, scaleSetId, metricsAddress: `127.0.0.1:${metricsPort}` }),
  );
  const kube = new URL(world.kubeUrl);
  const mode = MODES.listener;
  const { config } = parseFlags(mode.flags, {
    // What a pod has at a fixed place, and what ARC's listener does not serve.
    args: [
      `--service-account-dir=${identity}`,
      `--health-probe-bind-address=127.0.0.1:${healthPort}`,
    ],
    env: {
      LISTENER_CONFIG_PATH: `${folder}/config.json`,
      KUBERNETES_SERVICE_HOST: kube.hostname,
      KUBERNETES_SERVICE_PORT: kube.port,
      HOSTNAME: LISTENER.name,
    },
  });
  const log: string[] = [];
  const stopping = new AbortController();
  const ended = runInSandbox({
    mode: "listener",
    config,
    // Any host may be GitHub's; a test may have none but this machine.
    sandbox: { ...mode.sandbox(config) ?? assert.fail(), net: ["127.0.0.1"] },
    signal: stopping.signal,
    killed: new AbortController().signal,
    onLog: (line) => log.push(line),
    onBug: (message) => log.push(message),
  });
  const stop = async () => {
    stopping.abort(new Error("SIGTERM"));
    return await ended;
  };
  return {
    world,
    log,
    scaleSetId,
    metricsUrl: `http://127.0.0.1:${metricsPort}`,
    healthUrl: `http://127.0.0.1:${healthPort}`,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await world.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** What the controller did before it started the listener. */
async function register(configureUrl: string): Promise<number> {
  const service = createActionsService({
    config: parseConfigUrl(configureUrl),
    credential: parseCredential({ github_token: "ghp_controller" }),
    fetch: (request) => fetch(request),
    clock: systemClock,
    random: seededRandom(2),
    userAgent: { system: "test", version: "1", commitSha: "x", subsystem: "test" },
    log: silentLogger,
  });
  const draft = { name: "linux", runnerGroupId: 1, labels: ["linux"] };
  return (await service.createScaleSet(draft)).id;
}

function aRunnerSet(): EphemeralRunnerSet {
  return {
    apiVersion: "actions.github.com/v1alpha1",
    kind: "EphemeralRunnerSet",
    metadata: SET,
    spec: { patchID: 0 },
  };
}

function aRunner(name: string): EphemeralRunner {
  return {
    apiVersion: "actions.github.com/v1alpha1",
    kind: "EphemeralRunner",
    metadata: { ...SET, name },
    spec: {
      githubConfigUrl: "https://github.com/my-org",
      githubConfigSecret: "secret",
      runnerScaleSetId: 1,
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function text(url: string): Promise<string> {
  try {
    const response = await fetch(url);
    return `${response.status} ${await response.text()}`;
  } catch {
    return "no answer";
  }
}

function replicas(world: World): number | undefined {
  return (world.api.store.list(EPHEMERAL_RUNNER_SETS) as readonly EphemeralRunnerSet[])[0]?.spec
    ?.replicas;
}

Deno.test("started by hand as ARC's controller does, it polls, scales, serves metrics and exits 0", async () => {
  await using started = await listening();
  const { world, metricsUrl, healthUrl, log, scaleSetId } = started;
  const { control } = world.github;
  await until(
    "it is ready",
    async () => (await text(`${healthUrl}/readyz`)).startsWith("200"),
  );
  assert.match(await text(`${healthUrl}/healthz`), /^200/);
  assert.equal(control.state().scaleSets[0]?.session?.ownerName, LISTENER.name);
  await until("the minimum is told", () => replicas(world) === 1);

  control.queueJobs({ scaleSet: scaleSetId, count: 3, durationMs: 60_000 });
  await until("the jobs are told", () => replicas(world) === 4);
  const metrics = await text(`${metricsUrl}/metrics`);
  for (const { name, kind } of LISTENER_METRICS) {
    if (kind === "gauge") assert.ok(metrics.includes(`${name}{`), name);
  }
  const labels =
    'enterprise="",organization="my-org",repository="",name="linux",namespace="arc-runners"';
  assert.ok(metrics.includes(`gha_assigned_jobs{${labels}} 3`), metrics);
  assert.ok(metrics.includes(`gha_max_runners{${labels}} 2147483647`));
  assert.match(await text(`${metricsUrl}/other`), /^404/);

  const runner = () =>
    (world.api.store.list(EPHEMERAL_RUNNERS) as readonly EphemeralRunner[])[0]?.status;
  const service = createActionsService({
    config: parseConfigUrl(`${world.githubUrl}/my-org`),
    credential: parseCredential({ github_token: "ghp_controller" }),
    fetch: (request) => fetch(request),
    clock: systemClock,
    random: seededRandom(3),
    userAgent: { system: "test", version: "1", commitSha: "x", subsystem: "test" },
    log: silentLogger,
  });
  const jit = await service.issueJitConfig({
    scaleSetId,
    runnerName: "linux-runner-a",
    workFolder: "",
  });
  assert.ok(typeof jit === "object");
  const asked = await fetch(`${world.githubUrl}/_sim/runners`, {
    method: "POST",
    body: JSON.stringify({ jitConfig: jit.encoded.reveal() }),
  });
  await asked.body?.cancel();
  await until("the runner with a job is marked", () => (runner()?.jobId ?? "") !== "");
  assert.equal(runner()?.jobRepositoryName, "my-org/widgets");

  assert.equal(await started.stop(), 0);
  assert.equal(control.state().scaleSets[0]?.session, undefined, "the session is closed");
  assert.equal(await text(`${metricsUrl}/metrics`), "no answer");
  const all = log.join("\n");
  assert.ok(all.includes("A message was handled"));
  assert.ok(!all.includes("ghp_A"), "a secret in the log");
  for (const line of log) assert.doesNotThrow(() => JSON.parse(line), line);
});

Deno.test("ready means that polling works: without a session it is not", async () => {
  await using started = await listening();
  const { world, healthUrl } = started;
  await until(
    "it is ready",
    async () => (await text(`${healthUrl}/readyz`)).startsWith("200"),
  );
  world.github.control.setFaults([
    { operation: "createsession", effect: { do: "answer", status: 503 } },
    { operation: "poll", effect: { do: "answer", status: 503 } },
  ]);
  world.github.control.loseSession(started.scaleSetId);
  await until("it is not ready", async () => {
    return (await text(`${healthUrl}/readyz`)).startsWith("503");
  });
  assert.match(await text(`${healthUrl}/healthz`), /^200/);
  world.github.control.setFaults([]);
  await until("it is ready again", async () => {
    return (await text(`${healthUrl}/readyz`)).startsWith("200");
  });
});
