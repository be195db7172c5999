/**
 * What the API server said of a pod that it was only asked about: whether a template can work, in words a user can act
 * on. Pure. Knows failures of the API; refuses to know templates.
 */
import { errorCode, messageOf } from "../lib/errors.ts";

export interface TemplateVerdict {
  /** Of the template that was asked about. */
  readonly hash: string;
  /** `unknown`: the API server did not say. */
  readonly outcome: "valid" | "invalid" | "unknown";
  /** CamelCase, for the condition. */
  readonly reason: "Accepted" | "Invalid" | "AdmissionRefused" | "MayNotCheck" | "NotChecked";
  /** For a person. */
  readonly message: string;
  /** Asked again from then on, by our clock. */
  readonly untilMs: number;
}

/** When a template that was refused is tried again, in ms: what refuses it may change. */
const REFUSED_MS = 300_000;
/** When one of which nothing is known is tried again, in ms. */
const UNKNOWN_MS = 60_000;

/** The API server would take such a pod. */
export function taken(hash: string): TemplateVerdict {
  const message = "The cluster takes pods of this template";
  return { hash, outcome: "valid", reason: "Accepted", message, untilMs: Infinity };
}

/** The API server did not take it: `thrown` says why. */
export function notTaken(thrown: unknown, hash: string, now: Date): TemplateVerdict {
  const text = messageOf(thrown);
  const refused = (reason: "Invalid" | "AdmissionRefused"): TemplateVerdict => ({
    hash,
    outcome: "invalid",
    reason,
    message: `spec.template: ${text}`,
    untilMs: now.getTime() + REFUSED_MS,
  });
  const unknown = (reason: "MayNotCheck" | "NotChecked"): TemplateVerdict => ({
    hash,
    outcome: "unknown",
    reason,
    message: text,
    untilMs: now.getTime() + UNKNOWN_MS,
  });
  // A webhook that takes no dry run says nothing of the template.
  if (/does not support dry run/.test(text)) return unknown("NotChecked");
  switch (errorCode(thrown)) {
    case "kube_invalid":
    case "kube_bad_request":
      return refused("Invalid");
    case "kube_forbidden":
      return /cannot create resource/.test(text)
        ? unknown("MayNotCheck")
        : refused("AdmissionRefused");
    default: // a full quota, a namespace that goes, no answer
      return unknown("NotChecked");
  }
}
