/** What the listener says of its session and of GitHub's numbers, as conditions of the runner set. Pure. F05, F10. */
import { parseListenerReport } from "../../crds/listener_report.ts";
import { conditionOf } from "../../kube/meta.ts";
import { CONDITIONS } from "../conditions.ts";
import type { ObservedRunnerSet } from "./observe.ts";
import { currentRunnerSet } from "./registration.ts";
import type { Fact } from "./status.ts";

/** Nothing before a listener of ours was heard of; another controller's tells nothing either. */
export function listenerFacts(observed: ObservedRunnerSet): readonly Fact[] {
  const { completedRunners, listenerReport } = currentRunnerSet(observed)?.spec ?? {};
  if (completedRunners === undefined && !listenerReport) return [];
  return [sessionFact(observed, listenerReport), ...phantomFacts(observed, listenerReport)];
}

function sessionFact(observed: ObservedRunnerSet, text: string | undefined): Fact {
  const type = CONDITIONS.sessionHealthy;
  const { noScaleSet, noSession } = parseListenerReport(text);
  const silent = observed.listeners.map(({ status }) =>
    conditionOf(status?.conditions, CONDITIONS.ready)
  ).find((ready) => ready?.status === "False");
  if (silent !== undefined) {
    // What it said last may be long past.
    return { type, status: "Unknown", reason: "ListenerNotReady", message: silent.message };
  }
  if (noScaleSet !== undefined) {
    const message = `GitHub knows no scale set ${noScaleSet}: it is registered again`;
    return { type, status: "False", reason: "ScaleSetGone", message };
  }
  if (noSession !== undefined) return { type, status: "False", ...noSession };
  return {
    type,
    status: "True",
    reason: "Polling",
    message: "The listener hears GitHub's queue of messages",
  };
}

/** There from the first time on that it was needed. */
function phantomFacts(observed: ObservedRunnerSet, text: string | undefined): readonly Fact[] {
  const type = CONDITIONS.phantomDemand;
  const { phantomJobs = 0 } = parseListenerReport(text);
  if (phantomJobs > 0) {
    return [{
      type,
      status: "True",
      reason: "JobsDoNotStart",
      message: `GitHub counts ${phantomJobs} assigned jobs that it gives to no runner though ` +
        "runners are idle. No runners are kept for them until one of them starts; " +
        "canceling stuck workflow runs at GitHub may help",
    }];
  }
  if (conditionOf(observed.set.status?.conditions, type) === undefined) return [];
  return [{ type, status: "False", reason: "None", message: "" }];
}
