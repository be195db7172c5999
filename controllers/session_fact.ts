/** Whether a listener hears GitHub's queue, from what it says and from whether it runs at all. Pure. F05. */
import type { EphemeralRunnerSetSpec } from "../crds/ephemeral_runner_set.ts";
import { parseListenerReport } from "../crds/listener_report.ts";
import type { Condition } from "../kube/types.ts";
import { CONDITIONS, type Fact } from "./conditions.ts";

/** What the listener writes into the set of runners. */
type Word = Pick<Partial<EphemeralRunnerSetSpec>, "completedRunners" | "listenerReport">;

/** `ready`: the listener's own condition; `undefined`: there is none yet. */
export function sessionFact(
  ready: Pick<Condition, "status" | "message"> | undefined,
  word: Word | undefined,
): Fact {
  const type = CONDITIONS.sessionHealthy;
  if (ready?.status !== "True") {
    // What it said last may be long past.
    const message = ready?.message ?? "The listener has not started yet";
    return { type, status: "Unknown", reason: "ListenerNotReady", message };
  }
  const { completedRunners, listenerReport } = word ?? {};
  if (completedRunners === undefined && !listenerReport) {
    const message = "The listener runs; it has not told of its session";
    return { type, status: "Unknown", reason: "NotHeard", message };
  }
  const { noScaleSet, noSession } = parseListenerReport(listenerReport);
  if (noScaleSet !== undefined) {
    const message = `GitHub knows no scale set ${noScaleSet}: it is registered again`;
    return { type, status: "False", reason: "ScaleSetGone", message };
  }
  if (noSession !== undefined) return { type, status: "False", ...noSession };
  const message = "The listener hears GitHub's queue of messages";
  return { type, status: "True", reason: "Polling", message };
}
