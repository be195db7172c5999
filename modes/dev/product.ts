/**
 * Starts the product in the simulated world exactly as a cluster would: the controller-manager with the files of its
 * ServiceAccount, a listener with what its pod gives it. Knows how modes are told what, not what they do.
 */
import type { ObjectKey } from "../../kube/types.ts";
import { parseFlags } from "../../lib/flags.ts";
import type { Program } from "../../sim/programs.ts";
import { MODES } from "../mode.ts";
import { runInSandbox } from "../sandbox.ts";

/** Takes log lines of a part of the product. */
export type TakeLog = (line: string) => void;

/** The image of the simulated pods; nobody pulls it. */
const IMAGE = "longshore:simulated";
/** Where a pod finds its identity, as kubelets mount it. */
const IDENTITY_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";

export interface ControllerStart {
  readonly account: ObjectKey;
  readonly token: string;
  readonly ca: string;
  readonly kubeUrl: string;
  /** Text of the flag `--github-hosts`. */
  readonly githubHosts: string;
  /** A folder of its own that stands for `/`. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly killed: AbortSignal;
  readonly takeLog: TakeLog;
}

/** Runs the mode `controller-manager` in its sandbox until it ends; resolves with its exit code. */
export async function runControllerManager(start: ControllerStart): Promise<number> {
  const identity = start.folder + IDENTITY_PATH;
  await Deno.mkdir(identity, { recursive: true });
  const write = (name: string, text: string) =>
    Deno.writeTextFile(`${identity}/${name}`, text, { mode: 0o600 });
  await write("token", start.token);
  await write("ca.crt", start.ca);
  await write("namespace", start.account.namespace);
  const server = new URL(start.kubeUrl);
  const mode = MODES["controller-manager"];
  const { config } = parseFlags(mode.flags, {
    args: [
      `--namespace=${start.account.namespace}`,
      `--image=${IMAGE}`,
      `--kube-host=${server.hostname}`,
      `--kube-port=${server.port}`,
      `--service-account-dir=${identity}`,
      `--github-hosts=${start.githubHosts}`,
      "--metrics-addr=0",
      "--listener-metrics-addr=0",
      "--log-level=warn",
      "--log-format=json",
    ],
  });
  return await runInSandbox({
    mode: "controller-manager",
    config,
    sandbox: sandboxOf(mode.sandbox(config)),
    signal: start.signal,
    killed: start.killed,
    onLog: start.takeLog,
    onBug: start.takeLog,
  });
}

/** The program of containers named `listener`: the mode `listener` in its sandbox, told by its pod alone. */
export function listenerProgram(takeLog: TakeLog): Program {
  return async ({ env, root, signal, killed }) => {
    const mode = MODES.listener;
    const { config: asInPod } = parseFlags(mode.flags, { args: [], env });
    const config = {
      ...asInPod,
      configPath: root + asInPod.configPath,
      serviceAccountDir: root + asInPod.serviceAccountDir,
    };
    return await runInSandbox({
      mode: "listener",
      config,
      sandbox: sandboxOf(mode.sandbox(config)),
      signal,
      killed,
      onLog: takeLog,
      onBug: takeLog,
    });
  };
}

function sandboxOf<T>(sandbox: T | undefined): T {
  if (sandbox === undefined) throw new TypeError("A serving mode has no sandbox");
  return sandbox;
}
