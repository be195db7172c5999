/** Steps that touch GitHub, and what they store in the cluster so that the next look knows of it. */
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { ANNOTATIONS, JIT_SECRET_KEYS, LABELS } from "../../crds/group.ts";
import type { ActionsService, JitConfig } from "../../github/service.ts";
import { ownerReference } from "../../kube/meta.ts";
import { PODS } from "../../kube/resources.ts";
import { keyOf, type KubeObject, type ObjectKey } from "../../kube/types.ts";
import { shortHash } from "../../lib/json.ts";
import { absorb, deleteObject, type ExecutorContext } from "./executors.ts";
import { createGitHubCalls } from "./github_calls.ts";
import { forgetScaleSet, scaleSetExecutors } from "./scale_set_executors.ts";
import { base64, createOrPatchSecret } from "./secret_executors.ts";
import type { Executors, Step } from "./step.ts";

type GitHubStep =
  | "register-scale-set"
  | "update-scale-set"
  | "delete-scale-set"
  | "start-runner"
  | "deregister-runner"
  | "retire-runners"
  | "replace-runner";

/** Runners that are asked at a time whether they may go. */
const RETIRE_PARALLEL = 16;
/** How soon a runner is tried again whose scale set or name has to be put right first, in ms. */
const AGAIN_MS = 1_000;

export function githubExecutors(context: ExecutorContext): Pick<Executors, GitHubStep> {
  const { kube } = context;
  const calls = createGitHubCalls(context);
  const { call, ask } = calls;
  return {
    ...scaleSetExecutors(context, calls),

    "start-runner": async (step, signal) => {
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
      await createPod(context, step, signal);
      context.registered.delete(uid);
    },

    "deregister-runner": (step, signal) =>
      ask(step, { signal, whenBusyMs: step.whenBusyMs }, async (service, signal) => {
        const runnerId = step.runnerId ?? await ownRunnerId(service, step, signal);
        return runnerId === undefined
          ? "removed"
          : await service.removeRunner(runnerId, { signal });
      }),

    "retire-runners": async ({ target, candidates, count }, signal) => {
      const waiting = candidates.values();
      let left = count;
      async function worker(): Promise<void> {
        for (const runner of waiting) {
          if (left <= 0) return;
          left--;
          const answer = await call(
            target,
            signal,
            (s) => s.removeRunner(runner.runnerId, { signal }),
          );
          if (answer === "busy") {
            left++;
            continue;
          }
          context.departures.ignore(runner.key.name);
          await deleteObject(context, { ...runner, type: EPHEMERAL_RUNNERS }, signal);
        }
      }
      await Promise.all(Array.from({ length: Math.min(count, RETIRE_PARALLEL) }, worker));
    },

    "replace-runner": async (step, signal) => {
      const answer = await call(
        step.target,
        signal,
        (s) => s.removeRunner(step.runnerId, { signal }),
      );
      if (answer === "busy") return;
      const { key, reason, message } = step;
      const patch = { status: { phase: "Failed", ready: false, reason, message } };
      absorb(
        context,
        EPHEMERAL_RUNNERS,
        await kube.patch(EPHEMERAL_RUNNERS, key, patch, { subresource: "status", signal }),
      );
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
