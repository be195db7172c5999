/** Controller-managers as processes of their own, on a stage that starts none itself. Knows processes, not what they do. */
import { LEASES } from "../../../kube/resources.ts";
import { CONTROLLER } from "../../../sim/world_objects.ts";
import { controllerManager, type Running } from "../command_line.ts";
import { kubeconfigText } from "../facts.ts";
import type { RealStage } from "../real_stage.ts";

/** Everything that a test started, killed at its end. */
export class Managers implements AsyncDisposable {
  readonly #stage: RealStage;
  readonly #running = new Set<Running>();

  constructor(stage: RealStage) {
    this.#stage = stage;
  }

  /** By a kubeconfig with a token. */
  async start(flags: readonly string[] = []): Promise<Running> {
    const { facts } = this.#stage;
    const path = await Deno.makeTempFile({ dir: facts.folder, suffix: ".kubeconfig" });
    const token = await this.#stage.controllerToken();
    await Deno.writeTextFile(path, kubeconfigText(facts, { token }));
    return this.run([`--kubeconfig=${path}`, ...flags]);
  }

  /** With whatever identity the flags name. */
  run(flags: readonly string[]): Running {
    const hosts = `--github-hosts=github.com=${this.#stage.githubUrl}`;
    const running = controllerManager(CONTROLLER.namespace, [...flags, hosts]);
    this.#running.add(running);
    return running;
  }

  /** Who holds the lease. */
  get leader(): string | undefined {
    return this.#lease?.holderIdentity || undefined;
  }

  /** Since when, as RFC 3339 text. */
  get leadingSince(): string {
    return this.#lease?.acquireTime ?? "";
  }

  get #lease() {
    return this.#stage.stored(LEASES)[0]?.spec;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) running.signal("SIGKILL");
    await Promise.all([...this.#running].map(({ ended }) => ended));
  }
}
