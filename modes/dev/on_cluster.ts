/**
 * `longshore dev` for a real cluster: the controller-manager and its listeners on this machine, for one namespace. Knows
 * the order in which they start, end and are cleaned up after.
 */
import type { KubeClient } from "../../kube/client.ts";
import { createKubeClient } from "../../kube/client.ts";
import { createTransport } from "../../kube/transport.ts";
import { BUILD } from "../../lib/build.ts";
import { systemClock } from "../../lib/clock.ts";
import { HouseError } from "../../lib/errors.ts";
import { parseFlags } from "../../lib/flags.ts";
import { createLogger } from "../../lib/logger.ts";
import { systemRandom } from "../../lib/random.ts";
import { linkToCluster } from "../cluster_link.ts";
import { MODES, type Sandbox } from "../mode.ts";
import type { NamedCluster } from "../named_cluster.ts";
import { type TextSink, writeLine } from "../output.ts";
import { runInSandbox } from "../sandbox.ts";
import { withDocument } from "../start_document.ts";
import { temporaryFolder } from "./folder.ts";
import { type RunListener, runLocalListeners, SCHEDULER } from "./local_listeners.ts";
import type { DevConfig } from "./options.ts";
import { rivalsIn } from "./rivals.ts";

export interface ClusterRun {
  readonly cluster: NamedCluster;
  /** Ctrl-C: ends the run cleanly. */
  readonly signal: AbortSignal;
  /** Ctrl-C again: only what must not stay behind is removed. */
  readonly killed: AbortSignal;
  readonly out: TextSink;
  readonly err: TextSink;
}

/** A controller serves the namespace already. */
class ServedAlready extends HouseError {
  override readonly name = "ServedAlready";
  override readonly code = "served_already";
  override readonly disposition = { kind: "stop" } as const;
}

/** Exit code 0 after Ctrl-C, else that of the controller-manager; 1 with a sentence beside another controller. */
export async function runDevOnCluster(config: DevConfig, run: ClusterRun): Promise<number> {
  const { cluster, out, err } = run;
  const { flags, askPlugin } = cluster;
  const choice = { ...flags, kubePort: 443, serviceAccountDir: "" };
  using link = await linkToCluster(choice, askPlugin === undefined ? {} : { askPlugin });
  const transport = createTransport({
    connection: link.connection,
    clock: systemClock,
    userAgent: `longshore-dev/${BUILD.version}`,
  });
  const kube = createKubeClient(transport);
  try {
    await refuseBesideOthers(kube, config, run);
  } catch (thrown) {
    if (run.signal.aborted) return 0;
    if (!(thrown instanceof HouseError)) throw thrown;
    writeLine(err, thrown.message);
    return 1;
  }
  const folder = await Deno.realPath(await temporaryFolder());
  const remove = () => Deno.removeSync(folder, { recursive: true });
  run.killed.addEventListener("abort", remove, { once: true });
  writeLine(
    out,
    `Serving the runner sets of namespace "${config.namespace}" of ${link.whence} from this ` +
      "machine, until Ctrl-C",
  );
  try {
    return await serve({ ...run, config, kube, folder });
  } finally {
    run.killed.removeEventListener("abort", remove);
    remove();
    writeLine(out, "Stopped. Runner sets and runners stay as they are, for whoever serves next");
  }
}

async function refuseBesideOthers(
  kube: KubeClient,
  { namespace }: DevConfig,
  { err, signal }: ClusterRun,
): Promise<void> {
  const { found, unseen } = await rivalsIn(kube, namespace, { now: systemClock.now(), signal });
  if (found !== undefined) {
    throw new ServedAlready(
      `A controller serves namespace "${namespace}" already: ${found}. Two would undo each other's ` +
        "work: stop it first, or name another namespace",
    );
  }
  for (const why of unseen) {
    writeLine(err, `Warning: whether a controller serves it already could not be seen: ${why}`);
  }
}

interface Serving extends ClusterRun {
  readonly config: DevConfig;
  readonly kube: KubeClient;
  readonly folder: string;
}

async function serve(of: Serving): Promise<number> {
  const { config, kube, folder, out } = of;
  const takeLog = (line: string) => writeLine(out, line);
  const listening = new AbortController();
  const listeners = runLocalListeners({
    kube,
    namespace: config.namespace,
    folder,
    run: listenerRunner(of, takeLog),
    clock: systemClock,
    random: systemRandom,
    log: createLogger({ level: "info", format: "text", clock: systemClock, write: takeLog })
      .child("listeners"),
  }, listening.signal);
  // Ends first: it would make the pods of the listeners anew.
  const code = await runController(of, takeLog);
  listening.abort(new DOMException("The controller has ended", "AbortError"));
  try {
    await listeners;
    return code;
  } catch (thrown) {
    if (!(thrown instanceof HouseError)) throw thrown;
    writeLine(of.err, `Not all of the listeners' pods could be removed: ${thrown.message}`);
    return code === 0 ? 1 : code;
  }
}

async function runController(of: Serving, takeLog: (line: string) => void): Promise<number> {
  const { cluster, config } = of;
  const mode = MODES["controller-manager"];
  const { config: told } = parseFlags(mode.flags, {
    args: [
      `--namespace=${config.namespace}`,
      `--watch-single-namespace=${config.namespace}`,
      "--image=longshore:dev",
      `--listener-scheduler=${SCHEDULER}`,
      "--enable-leader-election",
      `--github-hosts=${config.githubHosts}`,
      "--metrics-addr=0",
      "--listener-metrics-addr=0",
      "--log-level=info",
    ],
  });
  const controller = { ...told, ...cluster.flags, ...shared(config) };
  return await runInSandbox({
    mode: "controller-manager",
    config: controller,
    sandbox: sandboxOf(mode.sandbox(controller, cluster.places)),
    signal: of.signal,
    killed: of.killed,
    askPlugin: cluster.askPlugin,
    onLog: takeLog,
    onEnd: (because) => writeLine(of.err, because),
    onBug: takeLog,
  });
}

function listenerRunner(of: Serving, takeLog: (line: string) => void): RunListener {
  const { cluster, config, killed } = of;
  const mode = MODES.listener;
  return async ({ configPath, env }, signal) => {
    const { config: asInPod } = parseFlags(mode.flags, { args: [], env });
    const listener = { ...asInPod, ...cluster.flags, ...shared(config), configPath };
    const sandbox = sandboxOf(mode.sandbox(listener, cluster.places));
    return await runInSandbox({
      mode: "listener",
      config: listener,
      sandbox: await withDocument(sandbox, { document: mode.document, config: listener }),
      signal,
      killed,
      askPlugin: cluster.askPlugin,
      onLog: takeLog,
      onBug: takeLog,
    });
  };
}

/** What both are told as we are. */
function shared(config: DevConfig) {
  const { httpProxy, httpsProxy, noProxy, allowedGithubHosts } = config;
  return { httpProxy, httpsProxy, noProxy, allowedGithubHosts };
}

function sandboxOf(sandbox: Sandbox | undefined): Sandbox {
  if (sandbox === undefined) throw new TypeError("A serving mode has no sandbox");
  return sandbox;
}
