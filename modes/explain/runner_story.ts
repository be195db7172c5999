/** What became of one runner, from its object and its pod, or from what Events remember when both are gone. Pure. */
import type { EphemeralRunner } from "../../crds/ephemeral_runner.ts";
import { isDeleting } from "../../kube/meta.ts";
import { keyOf, keyText, type Pod } from "../../kube/types.ts";
import { podTrouble } from "../pod_trouble.ts";
import { isStuck } from "../stuck.ts";
import type { Reason } from "./reason.ts";
import { remembered } from "./remembered.ts";
import { reasonsOf } from "./reasons.ts";
import type { SetView, Snapshot } from "./snapshot.ts";
import type { Story } from "./story.ts";
import { timeline } from "./timeline.ts";

/** `undefined`: nothing and nobody remembers a runner of that name. */
export function runnerStory(name: string, snapshot: Snapshot): Story | undefined {
  for (const view of snapshot.sets) {
    const runner = view.runners.find(({ metadata }) => metadata?.name === name);
    if (runner !== undefined) {
      return livingStory(runner, { pod: view.pods.get(name), set: view }, snapshot);
    }
  }
  const stray = snapshot.strays.find(({ runner }) => runner.metadata?.name === name);
  if (stray !== undefined) return livingStory(stray.runner, { pod: stray.pod }, snapshot);
  return remembered(`runner "${name}"`, {
    snapshot,
    isAbout: ({ involvedObject, message = "" }) =>
      involvedObject.name === name || message.includes(`"${name}"`),
  });
}

function livingStory(
  runner: EphemeralRunner,
  { pod, set }: { readonly pod: Pod | undefined; readonly set?: SetView },
  snapshot: Snapshot,
): Story {
  const name = runner.metadata?.name ?? "";
  const own = obstacle(runner, pod, snapshot);
  const others = set === undefined || isStarted(runner) ? [] : reasonsOf(set, snapshot);
  const reasons = own === undefined
    ? others.filter(({ code }) => HOLDS_RUNNERS.has(code))
    : [own, ...others.filter(({ code, says }) => code !== own.code && says !== own.says)];
  const [first] = reasons;
  const state = stateOf(runner, pod);
  return {
    about: `runner "${keyText(keyOf(runner))}"`,
    headline: `${first === undefined ? "✓" : "✗"} Runner "${name}": ${first?.says ?? state}`,
    sentences: [
      set === undefined
        ? "Its runner set is not there any more, or could not be seen"
        : `It is one of set "${keyText(keyOf(set.set))}"`,
      ...(first === undefined ? [] : [state]),
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

/** What holds a whole set back and keeps runners from starting that exist already. */
const HOLDS_RUNNERS: ReadonlySet<Reason["code"]> = new Set([
  "deleting",
  "unserved",
  "spec",
  "credential",
  "registration",
  "template",
]);

function isStarted({ status }: EphemeralRunner): boolean {
  return /^(Running|Succeeded|Failed|Outdated)$/.test(status?.phase ?? "");
}

/** What is wrong with the runner itself, as a sentence that goes on after its name. */
function obstacle(
  runner: EphemeralRunner,
  pod: Pod | undefined,
  { pods, now }: Pick<Snapshot, "pods" | "now">,
): Reason | undefined {
  if (isStuck(runner, now)) {
    const { finalizers = [], deletionTimestamp } = runner.metadata ?? {};
    return {
      code: "deleting",
      says: `it hangs in its deletion since ${deletionTimestamp}, held by ${finalizers.join(", ")}`,
      remedy: "A controller that runs lets it go; longshore doctor says how to do without one",
    };
  }
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
