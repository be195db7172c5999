/**
 * Whether an object was made for another version than the one whose behaviour we have. Pure. Told, never acted upon (B1). The
 * label of ARC's charts counts, so what it is compared with is ARC's version, not our own.
 */
import { LABELS } from "../crds/group.ts";
import { conditionOf } from "../kube/meta.ts";
import { type Conditioned, CONDITIONS, type Fact } from "./conditions.ts";

/** ARC's version whose charts and objects are ours too. */
const BASELINE = { major: 0, minor: 14 };

/** There from the first time on that it was needed. A label that is no version says nothing. */
export function versionFacts(object: Conditioned): readonly Fact[] {
  const type = CONDITIONS.versionSkew;
  const label = object.metadata?.labels?.[LABELS.version];
  const version = /^(\d+)(?:\.(\d+)(?:\..*)?)?$/.exec(label ?? "");
  const apart = version === null
    ? 0
    : Number(version[1]) === BASELINE.major
    ? Math.abs(Number(version[2] ?? 0) - BASELINE.minor)
    : Infinity;
  if (apart === 0) {
    if (conditionOf(object.status?.conditions, type) === undefined) return [];
    return [{ type, status: "False", reason: "SameVersion", message: "" }];
  }
  const ours = `${BASELINE.major}.${BASELINE.minor}`;
  const served = `The label ${LABELS.version} is ${label}, this controller serves ${ours}`;
  return apart === 1
    ? [{ type, status: "True", reason: "OneMinorApart", message: `${served}: both work together` }]
    : [{
      type,
      status: "True",
      reason: "TooFarApart",
      message: `${served}: nothing is taken away, but upgrade the set's chart to be sure`,
    }];
}
