/** What the listener says of its session and of GitHub's numbers, as conditions of the runner set. Pure. F05, F10. */
import { parseListenerReport } from "../../crds/listener_report.ts";
import { conditionOf } from "../../kube/meta.ts";
import { CONDITIONS, type Fact } from "../conditions.ts";
import { sessionFact } from "../session_fact.ts";
import type { ObservedRunnerSet } from "./observe.ts";
import { currentRunnerSet } from "./registration.ts";

/** Before a listener of ours was heard of, and of another controller's, only whether it runs is known. */
export function listenerFacts(observed: ObservedRunnerSet): readonly Fact[] {
  const { spec } = currentRunnerSet(observed) ?? {};
  const ready = observed.listeners.map(({ status }) =>
    conditionOf(status?.conditions, CONDITIONS.ready)
  );
  return [
    sessionFact(ready.find((one) => one?.status === "False") ?? ready.find(Boolean), spec),
    ...phantomFacts(observed, spec?.listenerReport),
  ];
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
