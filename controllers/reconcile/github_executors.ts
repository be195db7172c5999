/** Steps that touch GitHub, and what they store in the cluster so that the next look knows of it. */
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { ANNOTATIONS, JIT_SECRET_KEYS, LABELS } from "../../crds/group.ts";
import type { ActionsService, JitConfig } from "../../github/service.ts";
import { isAlreadyExists, isQuotaExceeded } from "../../kube/errors.ts";
import { controllerOf, isControlledBy, ownerReference } from "../../kube/meta.ts";
import { PODS } from "../../kube/resources.ts";
import { keyOf, type KubeObject, type ObjectKey } from "../../kube/types.ts";
import { shortHash } from "../../lib/json.ts";
import { ASK_MS, targetText } from "../github_target.ts";
import { absorb, deleteObject, type ExecutorContext } from "./executors.ts";
import { formerScaleSetExecutor } from "./former_scale_set_executor.ts";
import { createGitHubCalls } from "./github_calls.ts";
import { forgetScaleSet, scaleSetExecutors } from "./scale_set_executors.ts";
import { base64, createOrPatchSecret } from "./secret_executors.ts";
import type { Executors, Step, Wait } from "./step.ts";
import { verificationExecutors } from "./verification_executors.ts";

type GitHubStep =
  | "register-scale-set"
  | "update-scale-set"
  | "delete-scale-set"
  | "retire-scale-set"
  | "start-runner"
  | "deregister-runner"
  | "retire-runners"
  | "list-runners"
  | "replace-runner";

/** How long GitHub is spared courtesies after it failed at one, in ms. */
const SPARED_MS = 30_000;
/** Runners that are asked at a time whether they may go. */
const RETIRE_PARALLEL = 16;
/** How soon a runner is tried again whose scale set or name has to be put right first, in ms. */
const AGAIN_MS = 1_000;

/** Remembers which runners GitHub let go of, so that it is not asked twice. */
export function githubExecutors(context: ExecutorContext): Pick<Executors, GitHubStep> {
  const calls = createGitHubCalls(context);
  const { call, ask, within } = calls;
  /** Runners that GitHub let go of when they were chosen to retire; it is not asked again when their objects go. */
  const removed = new Set<string>();
  /** By place: until when GitHub, which failed, is not asked for what nobody waits for, in ms since the epoch. */
  const spared = new Map<string, number>();

  async function start(
    step: Extract<Step, { do: "start-runner" }>,
    { set, signal }: { readonly set: string; readonly signal: AbortSignal },
  ): Promise<Wait | void> {
    const uid = step.runner.metadata?.uid ?? "";
    if (!context.registered.has(uid)) {
      const jit = await call(step.target, signal, (s) => register(s, step, signal));
      if (jit === "no-scale-set") {
        await forgetScaleSet(context, runnerSetOf(step.runner), step.scaleSetId, signal);
      }
      if (jit === "name-of-another" || jit === "no-scale-set") {
        const key = keyOf(step.runner);
        await deleteObject(context, { type: EPHEMERAL_RUNNERS, key, uid }, signal);
        return { waitMs: AGAIN_MS };
      }
      await storeJitSecret(context, step, jit, signal);
      context.registered.set(uid, jit.runnerId);
    }
    // The quota may have turned out to be full meanwhile.
    const waitMs = context.quotas.waitMs(set, uid);
    if (waitMs > 0) return { waitMs };
    try {
      await createPod(context, step, signal);
    } catch (thrown) {
      if (!isAlreadyExists(thrown) || !await keepFormerPod(step, signal)) throw thrown;
    }
    context.quotas.passed(set);
    context.started.set(uid, context.registered.get(uid) ?? 0);
    context.registered.delete(uid);
  }

  /**
   * The runner may have a pod that the caches do not show yet. A registration that was made for another one would be left
   * behind at GitHub. False: the pod is somebody else's.
   */
  async function keepFormerPod(
    { runner, target }: Extract<Step, { do: "start-runner" }>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const pod = await context.kube.get(PODS, keyOf(runner), { signal });
    if (pod === undefined || !isControlledBy(pod, runner)) return false;
    const registered = context.registered.get(runner.metadata?.uid ?? "") ?? 0;
    if (Number(pod.metadata?.annotations?.[ANNOTATIONS.runnerId]) !== registered) {
      await call(target, signal, (s) => s.removeRunner(registered, { signal }));
    }
    absorb(context, PODS, pod);
    return true;
  }

  return {
    ...scaleSetExecutors(context, calls),
    ...verificationExecutors(context, calls),
    ...formerScaleSetExecutor(context, calls),

    "start-runner": async (step, signal) => {
      const set = controllerOf(step.runner)?.uid ?? "";
      const waitMs = context.quotas.waitMs(set, step.runner.metadata?.uid ?? "");
      if (waitMs > 0) return { waitMs };
      try {
        return await start(step, { set, signal });
      } catch (thrown) {
        if (isQuotaExceeded(thrown)) context.quotas.refused(set);
        throw thrown;
      }
    },

    "deregister-runner": async (step, signal) => {
      const place = targetText(step.target);
      if (removed.delete(`${step.runnerId} ${place}`)) return;
      const nowMs = () => context.clock.now().getTime();
      if (step.isCourtesy && nowMs() < (spared.get(place) ?? 0)) return;
      const { whenBusyMs } = step;
      try {
        return await ask(step, { signal, whenBusyMs }, async (service, signal) => {
          const runnerId = step.runnerId ?? await ownRunnerId(service, step, signal);
          const answer = runnerId === undefined
            ? "removed"
            : await service.removeRunner(runnerId, { signal });
          const { owedTo } = step;
          if (answer === "removed" && owedTo) context.departures.owe(step.runnerName, owedTo);
          return answer;
        });
      } catch (thrown) {
        if (step.isCourtesy) spared.set(place, nowMs() + SPARED_MS);
        throw thrown;
      }
    },

    "retire-runners": async ({ target, candidates, count }, signal) => {
      const waiting = candidates.values();
      let left = count;
      async function worker(): Promise<void> {
        for (const runner of waiting) {
          if (left <= 0) return;
          left--;
          const { runnerId } = runner;
          const answer = await within(
            ASK_MS,
            signal,
            (signal) =>
              call(runner.target ?? target, signal, (s) => s.removeRunner(runnerId, { signal })),
          );
          if (answer === "busy") {
            left++;
            continue;
          }
          removed.add(`${runner.runnerId} ${targetText(runner.target ?? target)}`);
          context.departures.ignore(runner.key.name);
          await deleteObject(context, { ...runner, type: EPHEMERAL_RUNNERS }, signal);
          const isGone = context.cacheOf(EPHEMERAL_RUNNERS)?.get?.(runner.key) === undefined;
          if (isGone) context.departures.settle(runner.key.name);
        }
      }
      const workers = Array.from({ length: Math.min(count, RETIRE_PARALLEL) }, worker);
      // None is left at work for the next attempt to meet.
      for (const outcome of await Promise.allSettled(workers)) {
        if (outcome.status === "rejected") throw outcome.reason;
      }
    },
  };
}

function runnerSetOf(runner: KubeObject): ObjectKey {
  const { labels } = runner.metadata ?? {};
  return {
    namespace: labels?.[LABELS.scaleSetNamespace] ?? "",
    name: labels?.[LABELS.scaleSetName] ?? "",
  };
}

/** A registration under our name that an earlier attempt left is removed first: its key is lost. */
async function register(
  service: ActionsService,
  step: Extract<Step, { do: "start-runner" }>,
  signal: AbortSignal,
): Promise<JitConfig | "no-scale-set" | "name-of-another"> {
  const { scaleSetId, workFolder } = step;
  const runnerName = step.runner.metadata?.name ?? "";
  const request = { scaleSetId, runnerName, workFolder };
  const first = await service.issueJitConfig(request, { signal });
  if (first !== "name-taken") return first;
  const holder = await service.findRunner(runnerName, { signal });
  if (holder !== undefined) {
    if (holder.scaleSetId !== scaleSetId) return "name-of-another";
    await service.removeRunner(holder.id, { signal });
  }
  const second = await service.issueJitConfig(request, { signal });
  return second === "name-taken" ? "name-of-another" : second;
}

/** The runner of that name in that scale set, for the case that its id was never stored. */
async function ownRunnerId(
  service: ActionsService,
  step: { readonly runnerName: string; readonly scaleSetId: number },
  signal: AbortSignal,
): Promise<number | undefined> {
  const runner = await service.findRunner(step.runnerName, { signal });
  return runner?.scaleSetId === step.scaleSetId ? runner.id : undefined;
}

async function storeJitSecret(
  context: ExecutorContext,
  step: Extract<Step, { do: "start-runner" }>,
  jit: JitConfig,
  signal: AbortSignal,
): Promise<void> {
  await createOrPatchSecret(context, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      ...keyOf(step.runner),
      ...step.secretMetadata,
      ownerReferences: [ownerReference(step.runner, EPHEMERAL_RUNNERS)],
    },
    data: {
      [JIT_SECRET_KEYS.token]: base64(jit.encoded.reveal()),
      [JIT_SECRET_KEYS.runnerName]: base64(jit.runnerName),
      [JIT_SECRET_KEYS.runnerId]: base64(String(jit.runnerId)),
      [JIT_SECRET_KEYS.scaleSetId]: base64(String(jit.scaleSetId)),
    },
  }, signal);
}

/** The pod carries the runner's id, so that it is known before the status tells. */
async function createPod(
  context: ExecutorContext,
  step: Extract<Step, { do: "start-runner" }>,
  signal: AbortSignal,
): Promise<void> {
  const { metadata } = step.pod;
  const runnerId = context.registered.get(step.runner.metadata?.uid ?? "");
  const pod = {
    ...step.pod,
    metadata: {
      ...metadata,
      labels: { ...metadata?.labels, [LABELS.podTemplateHash]: shortHash(step.pod.spec) },
      annotations: { ...metadata?.annotations, [ANNOTATIONS.runnerId]: String(runnerId) },
    },
  };
  absorb(context, PODS, await context.kube.create(PODS, pod, { signal }));
}
