/**
 * A real control plane on loopback: etcd, kube-apiserver and the controllers that a cluster cannot do without, with TLS,
 * RBAC, an audit log and real tokens. Knows their files and when each is ready; what is tested with it is others'.
 */
import { systemClock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import { applyAll } from "./apply.ts";
import type { Assets } from "./assets.ts";
import { type Authority, createAuthority, createTokenKeys } from "./certificates.ts";
import { eventually } from "./eventually.ts";
import { adminConnection, type Facts, kubeconfigText } from "./facts.ts";
import { apiServerFlags, etcdFlags, managerFlags } from "./control_plane_flags.ts";
import { endProcess, freePort, type Process, startProcess, tailOf } from "./processes.ts";
import type { KubeObject } from "../../kube/types.ts";

export type Part = "etcd" | "kube-apiserver" | "kube-controller-manager";

/** What can be done to a part; `start` and `resume` resolve when it is ready, the others when it is done. */
export type Deed = "start" | "kill" | "end" | "pause" | "resume";

export interface ControlPlane {
  readonly facts: Facts;
  /**
   * `kill` is SIGKILL, `end` is SIGTERM with patience, `pause` and `resume` are SIGSTOP and SIGCONT. A part that runs is
   * not started again. Data survives.
   */
  readonly do: (deed: Deed, part: Part) => Promise<void>;
  /** Ends everything and removes its folder. */
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly assets: Assets;
  /** CustomResourceDefinitions that are there before the controllers start, so that they know them from the start. */
  readonly definitions?: readonly KubeObject[];
  /** Leaves the folder with logs and data behind. */
  readonly keepFolder?: "always" | "never";
}

const ATTEMPTS = 3;
/** Metadata of every request, when it is answered; of a watch also when it starts. */
const AUDIT_POLICY = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata" }],
};

/**
 * Starts everything and resolves when namespaces get their accounts, about 10 s later. Throws what a part last said.
 * Starts again, with other ports, when somebody was quicker to take one.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  for (let attempt = 1;; attempt++) {
    try {
      return await startedOnce(options);
    } catch (thrown) {
      const isTaken = /address already in use/.test(messageOf(thrown));
      if (!isTaken || attempt === ATTEMPTS) throw thrown;
    }
  }
}

async function startedOnce(options: ControlPlaneOptions): Promise<ControlPlane> {
  const folder = await Deno.makeTempDir({ prefix: "longshore-cluster-" });
  const processes = new Map<Part, Process>();
  try {
    const { facts, args, probes } = await prepared(options.assets, folder);
    const perform = (deed: Deed, part: Part) =>
      performed(deed, {
        part,
        processes,
        folder,
        plan: { path: options.assets[part], args: args[part] },
        isReady: probes[part],
      });
    await perform("start", "etcd");
    await perform("start", "kube-apiserver");
    await applyAll(facts, options.definitions ?? []);
    await perform("start", "kube-controller-manager");
    return {
      facts,
      do: perform,
      stop: () => stopped(processes, options.keepFolder === "always" ? undefined : folder),
    };
  } catch (thrown) {
    await stopped(processes, options.keepFolder === "always" ? undefined : folder);
    throw thrown;
  }
}

async function stopped(processes: ReadonlyMap<Part, Process>, folder: string | undefined) {
  for (const process of processes.values()) process.signal("SIGKILL"); // nothing here is to be kept
  await Promise.all([...processes.values()].map(({ ended }) => ended));
  if (folder !== undefined) await Deno.remove(folder, { recursive: true });
}

interface Performance {
  readonly part: Part;
  readonly processes: Map<Part, Process>;
  readonly folder: string;
  readonly plan: { readonly path: string; readonly args: readonly string[] };
  readonly isReady: () => Promise<boolean>;
}

async function performed(deed: Deed, known: Performance): Promise<void> {
  const { part, processes, folder, plan } = known;
  const process = processes.get(part);
  switch (deed) {
    case "start":
      if (process === undefined || process.hasEnded) {
        processes.set(part, startProcess({ ...plan, logFile: `${folder}/${part}.log` }));
      }
      return await ready(known);
    case "resume":
      process?.signal("SIGCONT");
      return await ready(known);
    case "pause":
      return process?.signal("SIGSTOP");
    case "kill":
      process?.signal("SIGKILL");
      return await process?.ended;
    case "end":
      return process && await endProcess(process);
    default:
      throw new TypeError(`No deed "${deed satisfies never}"`);
  }
}

async function ready({ part, processes, folder, isReady }: Performance): Promise<void> {
  const outcome = await eventually(`${part} to be ready`, async () => {
    if (processes.get(part)?.hasEnded) return "ended";
    return await isReady() ? "ready" : undefined;
  });
  if (outcome === "ready") return;
  throw new Error(`${part} has ended:\n${await tailOf(`${folder}/${part}.log`)}`);
}

interface Prepared {
  readonly facts: Facts;
  readonly args: Readonly<Record<Part, readonly string[]>>;
  readonly probes: Readonly<Record<Part, () => Promise<boolean>>>;
}

/** Ports, certificates, files and flags; nothing runs yet. */
async function prepared(assets: Assets, folder: string): Promise<Prepared> {
  const authority = await createAuthority(systemClock.now());
  const [etcdPort, peerPort, apiPort, managerPort] = [
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ];
  const facts: Facts = {
    server: `https://127.0.0.1:${apiPort}`,
    etcd: `http://127.0.0.1:${etcdPort}`,
    ca: authority.ca,
    admin: await authority.client("kubernetes-admin", ["system:masters"]),
    tokenKeys: await createTokenKeys(),
    kubeconfig: `${folder}/admin.kubeconfig`,
    auditLog: `${folder}/audit.log`,
    folder,
    assets,
  };
  await writeFiles(facts, authority);
  const args = {
    etcd: etcdFlags(facts, peerPort),
    "kube-apiserver": apiServerFlags(facts, apiPort),
    "kube-controller-manager": managerFlags(facts, managerPort),
  };
  const probes = {
    etcd: () => answers(`${facts.etcd}/readyz`),
    "kube-apiserver": () => apiServerAnswers(facts, "/readyz"),
    "kube-controller-manager": async () =>
      await apiServerAnswers(facts, "/api/v1/namespaces/default/serviceaccounts/default") &&
      await apiServerAnswers(facts, "/api/v1/namespaces/default/configmaps/kube-root-ca.crt") &&
      await managerAnswers(facts, managerPort),
  };
  return { facts, args, probes };
}

async function writeFiles(facts: Facts, authority: Authority): Promise<void> {
  const [server, manager, managerClient] = await Promise.all([
    authority.server("kube-apiserver"),
    authority.server("kube-controller-manager"),
    authority.client("system:kube-controller-manager"),
  ]);
  const files: Readonly<Record<string, string>> = {
    "ca.crt": facts.ca,
    "apiserver.crt": server.cert,
    "apiserver.key": server.key,
    "manager.crt": manager.cert,
    "manager.key": manager.key,
    "manager.kubeconfig": kubeconfigText(facts, managerClient),
    "admin.kubeconfig": kubeconfigText(facts, facts.admin),
    "tokens.key": facts.tokenKeys.privateKey,
    "tokens.pub": facts.tokenKeys.publicKey,
    "audit-policy.json": JSON.stringify(AUDIT_POLICY),
    "audit.log": "",
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${facts.folder}/${name}`, text, { mode: 0o600 });
  }
}

async function apiServerAnswers(facts: Facts, path: string): Promise<boolean> {
  using connection = adminConnection(facts);
  const response = await connection.fetch(new Request(`${facts.server}${path}`));
  await response.body?.cancel();
  return response.ok;
}

async function managerAnswers(facts: Facts, port: number): Promise<boolean> {
  using client = Deno.createHttpClient({ caCerts: [facts.ca] });
  return await answers(`https://127.0.0.1:${port}/healthz`, client);
}

async function answers(url: string, client?: Deno.HttpClient): Promise<boolean> {
  const response = await fetch(url, client === undefined ? {} : { client });
  await response.body?.cancel();
  return response.ok;
}
