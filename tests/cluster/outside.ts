/** A controller-manager outside of the cluster that it serves: its account, its kubeconfig, its process. Knows no claim. */
import {
  leaderElectionRules,
  ownNamespaceRules,
  singleNamespaceOwnRules,
  singleNamespaceWatchedRules,
} from "../../controllers/rules.ts";
import type { KubeObject } from "../../kube/types.ts";
import { grant, namespaceObject } from "../../sim/world_objects.ts";
import { controllerManager, kubectl, type Running } from "./command_line.ts";
import { type Facts, kubeconfigText } from "./facts.ts";

export const ACCOUNT = { namespace: "longshore-outside", name: "controller" };
/** The namespace that is served. */
export const TEAM = "longshore-team";

/** Two namespaces, and an account that may serve one of them from the other. */
export const GROUND: readonly KubeObject[] = [
  namespaceObject(ACCOUNT.namespace),
  namespaceObject(TEAM),
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { ...ACCOUNT } },
  ...grant(ACCOUNT, { name: "served", rules: singleNamespaceWatchedRules, namespace: TEAM }),
  ...grant(ACCOUNT, {
    name: "own",
    rules: [...singleNamespaceOwnRules, ...ownNamespaceRules, ...leaderElectionRules],
    namespace: ACCOUNT.namespace,
  }),
];

/** A token of the account, for an hour. */
export async function tokenOf(facts: Facts): Promise<string> {
  return await kubectl(facts, "create", "token", ACCOUNT.name, "-n", ACCOUNT.namespace);
}

/** A folder with a kubeconfig in it, whose user is what a test wants. */
export class Home implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync();
  readonly path = `${this.folder}/config`;
  readonly #started: Running[] = [];

  write(facts: Pick<Facts, "server" | "ca">, user: unknown): void {
    const config = JSON.parse(kubeconfigText(facts, { token: "-" }));
    config.users[0].user = user;
    Deno.writeTextFileSync(this.path, JSON.stringify(config));
  }

  start(...flags: readonly string[]): Running {
    const running = controllerManager(ACCOUNT.namespace, [
      `--kubeconfig=${this.path}`,
      `--watch-single-namespace=${TEAM}`,
      "--log-level=warn",
      ...flags,
    ]);
    this.#started.push(running);
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#started) running.signal("SIGKILL");
    await Promise.all(this.#started.map(({ ended }) => ended));
    await Deno.remove(this.folder, { recursive: true });
  }
}
