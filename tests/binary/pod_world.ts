/**
 * A simulated world on loopback whose pods of the product are processes of a compiled binary, started as a kubelet would:
 * with the environment and the files of the pod, by ARC's names.
 */
import { systemClock } from "../../lib/clock.ts";
import { seededRandom } from "../../lib/random.ts";
import { CONTROLLER_RIGHTS } from "../../modes/dev/rights.ts";
import type { Program } from "../../sim/programs.ts";
import { startWorld, type World } from "../../sim/world.ts";
import { CONTROLLER } from "../../sim/world_objects.ts";
import type { Started } from "./process.ts";

export interface PodWorld extends AsyncDisposable {
  readonly world: World;
  /** What a controller's pod is given besides. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The files of the controller's account. */
  readonly identity: string;
  /** Processes of listeners, in the order of their start. */
  readonly listeners: readonly Started[];
}

/** `listener`: makes the program of listeners' pods; without it they do nothing. */
export async function podWorld(
  options: { readonly listener?: (onStart: (process: Started) => void) => Program } = {},
): Promise<PodWorld> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "longshore-world-" }));
  const identity = `${folder}/controller`;
  const listeners: Started[] = [];
  const listener = options.listener?.((started) => listeners.push(started));
  const world = await startWorld({
    clock: systemClock,
    random: seededRandom(1),
    at: "loopback",
    folder: `${folder}/pods`,
    controllerRights: CONTROLLER_RIGHTS,
    github: { pollHoldMs: 1_000 },
    startDelay: { fromMs: 10, toMs: 50 },
    programs: (container) => container === "listener" ? listener : undefined,
  });
  await Deno.mkdir(identity, { mode: 0o755 });
  await Deno.writeTextFile(`${identity}/token`, world.api.tokenFor({ serviceAccount: CONTROLLER }));
  await Deno.writeTextFile(`${identity}/ca.crt`, world.ca);
  await Deno.writeTextFile(`${identity}/namespace`, CONTROLLER.namespace);
  const kube = new URL(world.kubeUrl);
  return {
    world,
    identity,
    listeners,
    args: [
      `--github-hosts=github.com=${world.githubUrl}`,
      "--metrics-addr=0",
      "--listener-metrics-addr=0",
      "--log-level=info",
    ],
    env: {
      CONTROLLER_MANAGER_POD_NAMESPACE: CONTROLLER.namespace,
      CONTROLLER_MANAGER_CONTAINER_IMAGE: "image",
      KUBERNETES_SERVICE_HOST: kube.hostname,
      KUBERNETES_SERVICE_PORT: kube.port,
    },
    [Symbol.asyncDispose]: async () => {
      await world.stop();
      await Promise.all(listeners.map((one) => one[Symbol.asyncDispose]()));
      await Deno.remove(folder, { recursive: true });
    },
  };
}
