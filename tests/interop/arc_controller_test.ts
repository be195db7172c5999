/**
 * Our listener under ARC's own controller, on a real control plane with ARC's own definitions. The controller is of the
 * release 0.6.1, which names the members of a listener's configuration otherwise: they are translated, nothing else is.
 */
import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { LISTENER_CONFIG } from "../../crds/group.ts";
import { PODS } from "../../kube/resources.ts";
import { type KubeObject } from "../../kube/types.ts";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";
import { parseDocuments } from "../../lib/yaml.ts";
import { startGitHubSim } from "../../sim/github/server.ts";
import { overSockets } from "../../sim/github/serving.ts";
import { filesInMemory } from "../../sim/kube/kubelet_files.ts";
import { startKubelet } from "../../sim/kube/kubelet.ts";
import { serveLoopback } from "../../sim/loopback.ts";
import type { Program, ProgramRun } from "../../sim/programs.ts";
import { runRunner } from "../../sim/runner.ts";
import { namespaceObject } from "../../sim/world_objects.ts";
import { applyAll } from "../cluster/apply.ts";
import { findAssets } from "../cluster/assets.ts";
import { startControlPlane } from "../cluster/control_plane.ts";
import { eventually } from "../cluster/eventually.ts";
import { adminConnection, type Facts, tokenConnection } from "../cluster/facts.ts";
import { clientOver } from "../cluster/real_stage.ts";
import { type Ground, listenerProgram, type Process } from "../journeys/product.ts";
import { ARC_VERSION, arcInterop, currentNames } from "./arc_programs.ts";

const SYSTEMS = "arc-systems";
const RUNNERS = "arc-runners";

const SET = { namespace: RUNNERS, name: "linux" };

function setObjects(githubUrl: string): readonly KubeObject[] {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "linux-github", namespace: RUNNERS },
    data: { github_token: btoa("ghp_example") },
  };
  const set = {
    apiVersion: "actions.github.com/v1alpha1",
    kind: "AutoscalingRunnerSet",
    metadata: { ...SET, labels: { "app.kubernetes.io/version": ARC_VERSION } },
    spec: {
      githubConfigUrl: `${githubUrl}/acme`,
      githubConfigSecret: secret.metadata.name,
      minRunners: 1,
      maxRunners: 4,
      template: {
        spec: {
          restartPolicy: "Never",
          containers: [{ name: "runner", image: "runner", command: ["/home/runner/run.sh"] }],
        },
      },
    },
  };
  return [secret, set];
}

/** The listener as it is, with its document under the names of today. */
function translating(program: Program): Program {
  return (run: ProgramRun) => {
    const path = run.env[LISTENER_CONFIG.env] ?? "";
    const document = new TextDecoder().decode(run.files.get(path));
    const files = new Map(run.files);
    files.set(path, new TextEncoder().encode(currentNames(document)));
    return program({ ...run, files });
  };
}

async function startManager(
  path: string,
  facts: Facts,
  log: (text: string) => void,
): Promise<AsyncDisposable> {
  const child = new Deno.Command(path, {
    args: [
      "--auto-scaling-runner-set-only",
      "--metrics-addr=0",
      "--listener-metrics-addr=0",
      "--log-format=json",
    ],
    clearEnv: true,
    env: {
      KUBECONFIG: facts.kubeconfig,
      CONTROLLER_MANAGER_POD_NAMESPACE: SYSTEMS,
      CONTROLLER_MANAGER_CONTAINER_IMAGE: "controller",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = Promise.all([child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) log(text);
  }));
  await Promise.resolve();
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
      await said;
    },
  };
}

arcInterop(
  "our listener works under ARC's controller: jobs are served, runners are gone",
  async ({ manager, definitions }) => {
    const found = await findAssets(() => {});
    if ("missing" in found) return found.missing;
    await using stack = new AsyncDisposableStack();
    const plane = await startControlPlane({
      assets: found.assets,
      definitions: await Promise.all(
        definitions.map(async (file) =>
          parseDocuments(await Deno.readTextFile(file), file)[0]?.value as KubeObject
        ),
      ),
    });
    stack.defer(() => plane.stop());
    const { facts } = plane;
    const opened = Promise.withResolvers<(request: Request) => Promise<Response>>();
    const server = serveLoopback(
      overSockets(async (request) => await (await opened.promise)(request)),
    );
    const github = startGitHubSim({
      clock: systemClock,
      random: systemRandom,
      baseUrl: server.origin,
      settings: { pollHoldMs: 1_000, userAgent: "any", backend: "pipelines" },
    });
    opened.resolve(github.handle);
    stack.defer(async () => {
      const hungUp = server.stop();
      await github.stop();
      await hungUp;
      await github.stop();
    });
    const link = stack.use(adminConnection(facts));
    const kube = clientOver(link, "world");
    const listeners = new Set<Process>();
    const ground: Ground = {
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
      taps: { controller: undefined, listener: undefined },
      githubHosts: "",
      connection: (token) => stack.use(tokenConnection(facts, token)),
      githubFetch: (request) => fetch(request),
    };
    const listener = translating(listenerProgram(ground, listeners));
    const api = new URL(facts.server);
    const kubelet = await startKubelet({
      kube: clientOver(link, "kubelet"),
      clock: systemClock,
      random: systemRandom,
      files: filesInMemory,
      apiServer: { host: api.hostname, port: Number(api.port), ca: facts.ca },
      programs: (container) => {
        if (container === "autoscaler" || container === "listener") return listener;
        if (container !== "runner") return undefined;
        return ({ env, signal, killed }) =>
          runRunner({
            env,
            fetch: (request) => fetch(request),
            clock: systemClock,
            random: systemRandom,
            signal,
            killed,
            script: "run",
          });
      },
    });
    stack.defer(() => kubelet.stop());
    const log: string[] = [];
    const { control } = github;
    const until = async (what: string, holds: () => boolean | Promise<boolean>) => {
      try {
        await eventually(what, async () => await holds() || undefined);
      } catch (thrown) {
        const pods = (await kube.listPage(PODS, {})).items;
        throw new Error(
          `${String(thrown)}\n${JSON.stringify(control.state())}\n${JSON.stringify(pods)}\n${
            log.join("").slice(-6_000)
          }`,
        );
      }
    };
    const runners = async () => (await kube.listPage(EPHEMERAL_RUNNERS, {})).items;
    await applyAll(facts, [namespaceObject(SYSTEMS), namespaceObject(RUNNERS)]);
    stack.use(await startManager(manager, facts, (text) => log.push(text)));
    await applyAll(facts, setObjects(server.origin));
    await until(
      "a session is open",
      () => control.state().scaleSets[0]?.session !== undefined,
    );
    await until("the minimum is there", async () => (await runners()).length === 1);

    control.queueJobs({ scaleSet: "linux", count: 6, durationMs: 2_000 });
    await until("as many runners as may be", async () => (await runners()).length === 4);
    await until(
      "runners are marked with their jobs",
      async () => (await runners()).some(({ status }) => (status?.jobRepositoryName ?? "") !== ""),
    );
    await until(
      "all jobs are over",
      () => control.state().jobs.every(({ state }) => state === "completed"),
    );
    assert.ok(control.state().jobs.every(({ result }) => result === "succeeded"));
    await until("the minimum is left", async () => (await runners()).length === 1);

    await kube.delete(AUTOSCALING_RUNNER_SETS, SET);
    await until(
      "everything is gone",
      async () => (await runners()).length === 0 && control.state().scaleSets.length === 0,
    );
    assert.equal(listeners.size, 0);
  },
);
