/** Which Events follow from conditions that changed (B7). Pure. The condition says how it is, the Event when it became so. */
import type { Happened } from "../kube/events.ts";
import type { Condition, KubeObject } from "../kube/types.ts";
import { CONDITIONS } from "./conditions.ts";

/** Of these, `True` is bad. */
const BAD_WHEN_TRUE: ReadonlySet<string> = new Set([
  CONDITIONS.scalingLimited,
  CONDITIONS.versionSkew,
  CONDITIONS.runnerImageOutdated,
  CONDITIONS.phantomDemand,
  CONDITIONS.degraded,
]);

/** Ordinary life: a condition is enough. */
const QUIET: ReadonlySet<string> = new Set([
  "Max",
  "ListenerNotReady",
  "Starting",
  "Restarting",
  "NotRegistered",
]);

/** A warning for each that went bad or is bad for another reason, a word when all is well again. */
export function conditionEvents(
  about: KubeObject,
  before: readonly Condition[],
  after: readonly Condition[],
): readonly Happened[] {
  const changed = after.filter((one) => {
    const former = before.find(({ type }) => type === one.type);
    return former?.status !== one.status || former.reason !== one.reason;
  });
  const bad = changed.filter(isBad).filter(({ reason }) => !QUIET.has(reason));
  // What Ready says of another condition's trouble is said by that one.
  const told = bad.filter((one) =>
    one.type !== CONDITIONS.ready ||
    !bad.some(({ type, message }) => type !== one.type && message === one.message)
  );
  const wasBad = before.some((one) => one.type === CONDITIONS.ready && isBad(one));
  const isWell = changed.some((one) => one.type === CONDITIONS.ready && one.status === "True");
  return [
    ...told.map(({ reason, message, type }): Happened => ({
      about,
      type: "Warning",
      reason,
      note: message === "" ? `${type} is no longer well` : message,
    })),
    ...(wasBad && isWell
      ? [{ about, type: "Normal", reason: "Ready", note: "All is well again" } as const]
      : []),
  ];
}

function isBad({ type, status }: Condition): boolean {
  return status === (BAD_WHEN_TRUE.has(type) ? "True" : "False");
}
