/**
 * What the API server itself allows: the bare calls of a runner's life, so many lives at a time, with watches open on what
 * they make. A process of its own, so that its cost is its own. Knows the calls; decides nothing.
 */
import process from "node:process";
import { desiredRunnerPod } from "../controllers/ephemeral_runner/children.ts";
import { AUTOSCALING_RUNNER_SETS } from "../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNERS, type EphemeralRunner } from "../crds/ephemeral_runner.ts";
import { FINALIZERS } from "../crds/group.ts";
import { createKubeClient, type KubeClient } from "../kube/client.ts";
import { ownerReference, withoutFinalizer } from "../kube/meta.ts";
import { PODS, SECRETS } from "../kube/resources.ts";
import { createTransport } from "../kube/transport.ts";
import { type AnyType, keyOf, type KubeObject, type Secret } from "../kube/types.ts";
import { systemClock } from "../lib/clock.ts";
import { type Facts, tokenConnection } from "../tests/cluster/facts.ts";
import type { LimitFigures } from "./figures.ts";
import { jsonLines, writeLine } from "./lines.ts";
import { quantilesOf } from "./statistics.ts";

/** What the process is told, on one line. */
export interface LimitOptions {
  readonly facts: Facts;
  /** Of an account that may do all of it. */
  readonly token: string;
  readonly namespace: string;
  readonly parallel: number;
  readonly ms: number;
}

const WATCH_SECONDS = 3_600;

async function main(): Promise<void> {
  const lines = jsonLines(Deno.stdin.readable);
  writeLine(JSON.stringify(await measured((await lines.next()).value as LimitOptions)));
}

async function measured(options: LimitOptions): Promise<LimitFigures> {
  const { facts, token, parallel, ms } = options;
  const clock = systemClock;
  using connection = tokenConnection(facts, token);
  const kube = createKubeClient(createTransport({ connection, clock, userAgent: "limit" }));
  const over = new AbortController();
  const watches = [EPHEMERAL_RUNNERS, PODS].map((type) => watched(kube, type, over.signal));
  const beforeCpu = cpuMs();
  const startMs = clock.now().getTime();
  const lives: number[] = [];
  const line = async (number: number) => {
    while (clock.now().getTime() - startMs < ms) {
      const bornMs = clock.now().getTime();
      await live(kube, { ...options, name: `limit-${parallel}-${number}-${bornMs}` });
      lives.push(clock.now().getTime() - bornMs);
    }
  };
  await Promise.all(Array.from({ length: parallel }, (_, number) => line(number)));
  const seconds = (clock.now().getTime() - startMs) / 1_000;
  over.abort();
  await Promise.all(watches);
  return {
    parallel,
    lives: lives.length,
    livesPerS: lives.length / seconds,
    lifeMs: quantilesOf(lives),
    cpuMsPerLife: (cpuMs() - beforeCpu) / lives.length,
  };
}

/** Eight calls: three objects come, two facts are told, and all goes again; the Secret by its owner reference. */
async function live(
  kube: KubeClient,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<void> {
  const runner = await kube.create(EPHEMERAL_RUNNERS, runnerObject({ namespace, name }));
  const key = keyOf(runner);
  await kube.create(SECRETS, secretObject(runner));
  const pod = await kube.create(PODS, desiredRunnerPod(runner, { userAgent: "limit/1" }));
  for (const phase of ["Pending", "Running"]) {
    const status = { phase, ready: phase === "Running", runnerId: 1, runnerName: name };
    await kube.patch(EPHEMERAL_RUNNERS, key, { status }, { subresource: "status" });
  }
  await kube.delete(PODS, keyOf(pod));
  const going = await kube.delete(EPHEMERAL_RUNNERS, key);
  const patch = going && withoutFinalizer(going, FINALIZERS.runnerRegistration);
  if (patch) await kube.jsonPatch(EPHEMERAL_RUNNERS, key, patch);
}

function runnerObject({ namespace, name }: { namespace: string; name: string }): EphemeralRunner {
  const labels = Object.fromEntries(
    ["organization", "scale-set-name", "scale-set-namespace"].map((label) => [
      `actions.github.com/${label}`,
      "limit",
    ]),
  );
  return {
    metadata: { namespace, name, labels, finalizers: [FINALIZERS.runnerRegistration] },
    spec: {
      githubConfigUrl: "https://github.com/acme",
      githubConfigSecret: "limit",
      runnerScaleSetId: 1,
      spec: {
        restartPolicy: "Never",
        automountServiceAccountToken: false,
        containers: [{ name: "runner", image: "ghcr.io/actions/actions-runner:latest" }],
      },
    },
  };
}

function secretObject(runner: EphemeralRunner): Secret {
  return {
    metadata: { ...keyOf(runner), ownerReferences: [ownerReference(runner, EPHEMERAL_RUNNERS)] },
    data: { jitToken: btoa("x".repeat(4_000)) },
  };
}

async function watched(kube: KubeClient, type: AnyType, signal: AbortSignal): Promise<void> {
  const { resourceVersion } = await kube.listPage(AUTOSCALING_RUNNER_SETS, { limit: 1 });
  const watch = kube.watch<KubeObject>(type as never, {
    resourceVersion,
    timeoutSeconds: WATCH_SECONDS,
    signal,
  });
  for await (const _event of watch) {
    // Only that they come.
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

if (import.meta.main) await main();
