/** A simulated cluster in memory in which a test watches pods live: a namespace, programs by name, a clock to drive. */
import { seededRandom } from "../../../lib/random.ts";
import type { KubeClient } from "../../../kube/client.ts";
import { PODS } from "../../../kube/resources.ts";
import type { Container, Pod, PodSpec } from "../../../kube/types.ts";
import { VirtualClock } from "../../../sim/clock.ts";
import type { Exit } from "../../../sim/kube/kubelet.ts";
import type { Write } from "../../../sim/kube/engine.ts";
import type { Program } from "../../../sim/programs.ts";
import { startWorld, type World } from "../../../sim/world.ts";

export const NAMESPACE = "theatre";

export interface Theatre extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly world: World;
  readonly kube: KubeClient;
  /** Every completed write to a pod by the kubelet. */
  readonly podWrites: Write[];
  readonly exits: Exit[];
  /** Creates a pod with one container `main`, unless the spec says otherwise. */
  play(name: string, spec?: Partial<PodSpec>): Promise<Pod>;
  pod(name: string): Promise<Pod | undefined>;
  /** Lets time pass until the pod is as wanted; fails after a simulated hour. */
  until(name: string, is: (pod: Pod | undefined) => boolean): Promise<Pod | undefined>;
}

export async function openTheatre(
  programs: Readonly<Record<string, Program>> = {},
): Promise<Theatre> {
  const clock = new VirtualClock();
  const podWrites: Write[] = [];
  const exits: Exit[] = [];
  const world = await startWorld({
    clock,
    random: seededRandom(7),
    at: "memory",
    controllerRights: { cluster: [], ownNamespace: [] },
    programs: (container) => programs[container],
    onExit: (exit) => exits.push(exit),
    kube: {
      onWrite: (write) => {
        if (write.object.kind === "Pod" && write.user.startsWith("system:node:")) {
          podWrites.push(write);
        }
      },
    },
  });
  const kube = world.admin;
  await world.apply([
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "actor", namespace: NAMESPACE } },
  ]);
  const pod = (name: string) => kube.get(PODS, { namespace: NAMESPACE, name });
  return {
    clock,
    world,
    kube,
    podWrites,
    exits,
    pod,
    play: (name, spec = {}) =>
      kube.create(PODS, {
        metadata: { name, namespace: NAMESPACE },
        spec: {
          restartPolicy: "Never",
          serviceAccountName: "actor",
          containers: [aContainer("main")],
          ...spec,
        },
      }),
    until: async (name, is) => {
      for (let waited = 0; waited < 3_600_000; waited += 100) {
        const seen = await pod(name);
        if (is(seen)) return seen;
        await clock.advance(100);
      }
      throw new Error(
        `Pod ${name} never was as wanted: ${JSON.stringify((await pod(name))?.status)}`,
      );
    },
    [Symbol.asyncDispose]: () => world.stop(),
  };
}

export function aContainer(name: string, more: Partial<Container> = {}): Container {
  return { name, image: `${name}:1`, ...more };
}

export function hasPhase(phase: string): (pod: Pod | undefined) => boolean {
  return (pod) => pod?.status?.phase === phase;
}

/** Why the container of this name waits; `undefined` when it does not. */
export function waitingReason(pod: Pod | undefined, name = "main"): string | undefined {
  return pod?.status?.containerStatuses?.find((status) => status.name === name)?.state?.waiting
    ?.reason;
}

/** How the container of this name ended; `undefined` when it has not. */
export function ending(
  pod: Pod | undefined,
  name = "main",
): { readonly exitCode: number; readonly reason: string | undefined } | undefined {
  const status = pod?.status?.containerStatuses?.find((status) => status.name === name);
  const ended = status?.state?.terminated;
  return ended && { exitCode: ended.exitCode, reason: ended.reason };
}

/** Ends after `ms` with `code`; at once with 143 when it is asked to. */
export function lasting(theatre: () => Theatre, ms: number, code = 0): Program {
  return async ({ signal }) => {
    try {
      await theatre().clock.sleep(ms, signal);
      return code;
    } catch {
      return 143;
    }
  };
}
