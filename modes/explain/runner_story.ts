/** What became of one runner, from its object and its pod, or from what Events remember when both are gone. Pure. */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { isDeleting } from "../../kube/meta.ts";
import { keyOf, keyText, type Pod } from "../../kube/types.ts";
import { podTrouble } from "../pod_trouble.ts";
import type { Reason } from "./reason.ts";
import { reasonsOf } from "./reasons.ts";
import type { SetView, Snapshot } from "./snapshot.ts";
import type { Story } from "./story.ts";
import { timeline } from "./timeline.ts";

/** `undefined`: nothing and nobody remembers a runner of that name. */
export function runnerStory(name: string, snapshot: Snapshot): Story | undefined {
  for (const view of snapshot.sets) {
    const runner = view.runners.find(({ metadata }) => metadata?.name === name);
    if (runner !== undefined) return livingStory(runner, view, snapshot);
  }
  return remembered(name, snapshot);
}

function livingStory(runner: EphemeralRunner, view: SetView, snapshot: Snapshot): Story {
  const name = runner.metadata?.name ?? "";
  const pod = view.pods.get(name);
  const own = obstacle(runner, pod, snapshot);
  const others = own === undefined || isStarted(runner) ? [] : reasonsOf(view, snapshot);
  const reasons = own === undefined
    ? []
    : [own, ...others.filter(({ code, says }) => code !== own.code && says !== own.says)];
  const state = own === undefined ? stateOf(runner, pod) : own.says;
  return {
    about: `runner "${keyText(keyOf(runner))}"`,
    headline: `${own === undefined ? "✓" : "✗"} Runner "${name}": ${state}`,
    sentences: [
      `It is one of set "${keyText(keyOf(view.set))}"`,
      ...(own === undefined ? [] : [stateOf(runner, pod)]),
    ],
    reasons,
    moments: timeline({
      objects: [runner],
      pods: pod === undefined ? [] : [pod],
      events: snapshot.events.filter(({ involvedObject }) => involvedObject.name === name),
      more: Object.values(runner.status?.failures ?? {}).map((at) => ({
        at,
        about: `EphemeralRunner ${name}`,
        what: "its pod failed",
      })),
    }),
    unseen: snapshot.unseen,
  };
}

function isStarted({ status }: EphemeralRunner): boolean {
  return /^(Running|Succeeded|Failed|Outdated)$/.test(status?.phase ?? "");
}

/** What is wrong with the runner itself, as a sentence that goes on after its name. */
function obstacle(
  runner: EphemeralRunner,
  pod: Pod | undefined,
  { pods }: Pick<Snapshot, "pods">,
): Reason | undefined {
  const { phase, reason = "", message = "" } = runner.status ?? {};
  const words = [reason, message].filter((word) => word !== "").join(": ");
  if (phase === "Outdated") {
    return {
      code: "image",
      says: `GitHub refuses its version${words && ` (${words})`}`,
      remedy: "Use a newer runner image in spec.template",
    };
  }
  if (phase === "Failed") {
    return {
      code: "failing",
      says: `it failed, ${words || "and nobody knows why"}`,
      remedy: "Another runner takes its place; look at the cause when it comes again",
    };
  }
  const trouble = pod && podTrouble(pod);
  if (trouble?.is === "unschedulable") {
    return {
      code: "unschedulable",
      says: `the scheduler finds no node for it: ${trouble.says}`,
      remedy: "Add nodes, or change requests, selectors and tolerations in spec.template",
    };
  }
  if (trouble !== undefined) {
    return {
      code: "failing",
      says: trouble.says,
      remedy: "Correct the image, its pull secret or the container in spec.template",
    };
  }
  if (words !== "" && phase !== "Running" && phase !== "Succeeded") {
    return {
      code: reason === "QuotaExceeded" ? "quota" : "failing",
      says: words,
      remedy: reason === "QuotaExceeded"
        ? "Raise the quota, let runners ask for less, or wait until others end"
        : "It is tried again; look at spec.template when it stays so",
    };
  }
  if (phase === "Running" && pod === undefined && pods === "seen" && !isDeleting(runner)) {
    return {
      code: "failing",
      says: "its pod is gone",
      remedy: "The controller replaces it",
    };
  }
  return undefined;
}

function stateOf(runner: EphemeralRunner, pod: Pod | undefined): string {
  const { phase = "", jobId, jobDisplayName, jobRepositoryName, runnerId } = runner.status ?? {};
  if (isDeleting(runner)) return `it is on its way out since ${runner.metadata?.deletionTimestamp}`;
  if (phase === "Succeeded") return "it has done its job and is over";
  if (jobId) {
    return `it has job "${jobDisplayName ?? jobId}" (${jobId}) of ${
      jobRepositoryName ?? "a repository"
    }`;
  }
  if (runnerId === undefined || runnerId === 0) return "it is not registered at GitHub yet";
  if (phase === "Running") return `it is registered as ${runnerId} and waits for a job`;
  return `it is registered as ${runnerId}; its pod is ${pod?.status?.phase ?? "not there yet"}`;
}

/** After the fact: what was told of it outlives it for an hour, as API servers keep Events. */
function remembered(name: string, snapshot: Snapshot): Story | undefined {
  const events = snapshot.events.filter(({ involvedObject, message = "" }) =>
    involvedObject.name === name || message.includes(`"${name}"`)
  );
  const moments = timeline({ objects: [], pods: [], events });
  const last = moments.at(-1);
  if (last === undefined) return undefined;
  const bad = events.filter(({ type }) => type === "Warning").at(-1);
  const words = bad === undefined ? last.what : `${bad.reason}: ${bad.message}`;
  return {
    about: `runner "${name}"`,
    headline: `Runner "${name}" is gone; what was told of it: ${words}`,
    sentences: [`It is remembered by ${events.length} Events only, until ${last.at}`],
    reasons: [],
    moments,
    unseen: snapshot.unseen,
  };
}
