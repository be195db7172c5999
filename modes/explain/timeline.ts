/** What happened, in order, from what objects and Events remember. Pure. */
import { conditionOf, timeText } from "../../kube/meta.ts";
import type { Condition, Event, KubeObject, Pod } from "../../kube/types.ts";

export interface Moment {
  /** RFC 3339. */
  readonly at: string;
  /** Of what: `Pod linux-runner-x`. */
  readonly about: string;
  readonly what: string;
}

/** More than this nobody reads. */
const MAX_MOMENTS = 40;

type Told = KubeObject & {
  readonly status?: { readonly conditions?: readonly Condition[] | undefined };
};

/** The newest moments of these objects and Events, in order. */
export function timeline(of: {
  readonly objects: readonly Told[];
  readonly pods: readonly Pod[];
  readonly events: readonly Event[];
  readonly more?: readonly Moment[];
}): readonly Moment[] {
  const moments = [
    ...[...of.objects, ...of.pods].flatMap(life),
    ...of.objects.flatMap(conditionMoments),
    ...of.pods.flatMap(containerMoments),
    ...of.events.flatMap(eventMoments),
    ...of.more ?? [],
  ].filter(({ at }) => Number.isFinite(Date.parse(at)));
  return moments.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)).slice(-MAX_MOMENTS);
}

function nameOf({ kind = "", metadata }: KubeObject): string {
  return `${kind} ${metadata?.name ?? ""}`;
}

function life(object: KubeObject): readonly Moment[] {
  const about = nameOf(object);
  const { creationTimestamp, deletionTimestamp } = object.metadata ?? {};
  return [
    ...(creationTimestamp ? [{ at: creationTimestamp, about, what: "created" }] : []),
    ...(deletionTimestamp ? [{ at: deletionTimestamp, about, what: "is to be deleted" }] : []),
  ];
}

function conditionMoments(object: Told): readonly Moment[] {
  return (object.status?.conditions ?? []).map(({ lastTransitionTime, ...claim }) => {
    const { type, status, reason, message } = claim;
    const words = [reason, message].filter((word) => word !== "").join(": ");
    const at = String(lastTransitionTime);
    return { at, about: nameOf(object), what: `${type} is ${status} (${words})` };
  });
}

function containerMoments(pod: Pod): readonly Moment[] {
  const about = nameOf(pod);
  const scheduled = conditionOf(pod.status?.conditions as readonly Condition[], "PodScheduled");
  const placed = scheduled?.status === "True"
    ? [{ at: String(scheduled.lastTransitionTime), about, what: `got ${pod.spec?.nodeName}` }]
    : [];
  const all = [...pod.status?.initContainerStatuses ?? [], ...pod.status?.containerStatuses ?? []];
  return [
    ...placed,
    ...all.flatMap(({ name, state }) => {
      const started = state?.running?.startedAt ?? state?.terminated?.startedAt;
      const { finishedAt, exitCode, reason } = state?.terminated ?? {};
      const how = `${exitCode}${reason ? ` (${reason})` : ""}`;
      return [
        ...(started ? [{ at: String(started), about, what: `container ${name} started` }] : []),
        ...(finishedAt
          ? [{ at: String(finishedAt), about, what: `container ${name} ended with ${how}` }]
          : []),
      ];
    }),
  ];
}

function eventMoments(event: Event): readonly Moment[] {
  const { involvedObject, reason = "", message = "", count = 1 } = event;
  const at = event.lastTimestamp ?? event.eventTime ?? event.metadata?.creationTimestamp;
  if (!at) return [];
  const about = `${involvedObject.kind ?? ""} ${involvedObject.name ?? ""}`;
  const times = count > 1 ? ` (${count} times)` : "";
  return [{ at: String(at), about, what: `${reason}: ${message}${times}` }];
}

/** For lists in a terminal. */
export function clockText(at: string): string {
  return timeText(new Date(Date.parse(at))).replace("T", " ").replace("Z", "");
}
