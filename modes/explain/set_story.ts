/** What a runner set was asked for, what it has, and why not more. Pure. */
import { parseListenerReport } from "../../crds/listener_report.ts";
import { type Event, keyOf, keyText } from "../../kube/types.ts";
import type { Reason } from "./reason.ts";
import { reasonsOf } from "./reasons.ts";
import type { SetView, Snapshot } from "./snapshot.ts";
import { counted, type Story } from "./story.ts";
import { type Moment, timeline } from "./timeline.ts";

/** The answer for a set: what stands in its way, the first cause first. */
export function setStory(view: SetView, snapshot: Snapshot): Story {
  const name = keyText(keyOf(view.set));
  const reasons = reasonsOf(view, snapshot);
  const [first] = reasons;
  return {
    about: `set "${name}"`,
    headline: first === undefined
      ? `✓ Nothing holds "${name}" back: ${stateOf(view)}`
      : `✗ ${headlineOf(name, first)}`,
    sentences: [demandOf(view), decidedFor(view), ...hints(view)],
    reasons,
    moments: timeline({
      objects: [view.set, view.runnerSet, view.listener].filter((one) => one !== undefined),
      pods: view.listenerPod === undefined ? [] : [view.listenerPod],
      events: eventsAbout(view, snapshot),
      more: births(view),
    }),
    unseen: snapshot.unseen,
  };
}

/** A reason with the name of the set that it is about. */
export function headlineOf(name: string, { code, says }: Reason): string {
  return code === "max" ? `"${name}" is at its limit: ${says}` : `"${name}" is held back: ${says}`;
}

/** Of the set and its listener all, of its runners the warnings: their names begin with that of the set. */
function eventsAbout(view: SetView, { events }: Pick<Snapshot, "events">): readonly Event[] {
  const { namespace, name } = keyOf(view.set);
  const listener = view.listener && keyOf(view.listener);
  return events.filter(({ involvedObject, type }) => {
    const about = { namespace: involvedObject.namespace ?? "", name: involvedObject.name ?? "" };
    if (listener !== undefined && keyText(about) === keyText(listener)) return true;
    if (about.namespace !== namespace) return false;
    return about.name === name || (type === "Warning" && about.name.startsWith(`${name}-runner-`));
  });
}

const MINUTE_LENGTH = "2026-01-01T12:00".length;

/** Runners come in crowds: one moment for each minute. */
function births({ runners }: SetView): readonly Moment[] {
  const times = runners.map(({ metadata }) => metadata?.creationTimestamp ?? "").sort();
  return [...Map.groupBy(times, (time) => time.slice(0, MINUTE_LENGTH)).values()].map((crowd) => ({
    at: crowd[0] ?? "",
    about: "EphemeralRunners",
    what: `${crowd.length} of those that exist created`,
  }));
}

/** How many runners there are, by what they do. */
function population({ runners }: SetView) {
  const isOver = (phase = "") => /^(Succeeded|Failed|Outdated)$/.test(phase);
  const alive = runners.filter(({ status }) => !isOver(status?.phase));
  const busy = alive.filter(({ status }) => status?.jobId).length;
  const running = alive.filter(({ status }) => status?.phase === "Running").length;
  return { alive: alive.length, busy, idle: running - busy, pending: alive.length - running };
}

function stateOf(view: SetView): string {
  const wanted = view.runnerSet?.spec?.replicas ?? 0;
  const { alive, busy } = population(view);
  if (wanted === 0 && alive === 0) return "GitHub asks for no runner now";
  if (alive >= wanted) {
    return `all ${counted(wanted, "runner")} that are wanted exist, ${busy} busy`;
  }
  return `${wanted} runners are wanted, ${alive} exist, more are on their way`;
}

function demandOf(view: SetView): string {
  const { spec } = view.runnerSet ?? {};
  if (spec?.replicas === undefined) return "The listener has not asked for any runner yet";
  const { alive, busy, idle, pending } = population(view);
  return `From GitHub's queue the listener wants ${counted(spec.replicas, "runner")} ` +
    `(decision ${spec.patchID}); ${alive} exist: ${busy} with a job, ${idle} idle, ${pending} starting`;
}

function decidedFor({ set, runnerSet }: SetView): string {
  const { minRunners = 0, maxRunners } = set.spec ?? {};
  const { servedPatchID, servedReplicas } = runnerSet?.status ?? {};
  const bounds = maxRunners === undefined
    ? `Between ${minRunners} and any number of runners are allowed`
    : `Between ${minRunners} and ${counted(maxRunners, "runner")} are allowed`;
  return servedPatchID === undefined
    ? bounds
    : `${bounds}; the controller has carried out decision ${servedPatchID}` +
      (servedReplicas === undefined ? "" : ` (${counted(servedReplicas, "runner")})`);
}

function hints({ runnerSet }: SetView): readonly string[] {
  const { noScaleSet, noSession, phantomJobs } = parseListenerReport(
    runnerSet?.spec?.listenerReport,
  );
  const { lastFailureTime, lastFailureReason = "", lastFailureMessage = "" } = runnerSet?.status ??
    {};
  return [
    ...(noScaleSet === undefined
      ? []
      : [`The listener says that GitHub knows no scale set ${noScaleSet}`]),
    ...(noSession === undefined ? [] : [`The listener hears nothing: ${noSession.message}`]),
    ...(phantomJobs === undefined
      ? []
      : [`GitHub counts ${counted(phantomJobs, "job")} that it gives to no runner`]),
    ...(lastFailureTime === undefined
      ? []
      : [`A runner failed last at ${lastFailureTime}: ${lastFailureMessage || lastFailureReason}`]),
  ];
}

/** More runners are wanted than are idle or on their way: jobs wait for this set. */
export function demandsMore(view: SetView): boolean {
  const { alive, idle, pending } = population(view);
  const wanted = view.runnerSet?.spec?.replicas ?? 0;
  return wanted > alive || pending > 0 || (wanted > 0 && idle === 0);
}
