/** What Events remember of something that is gone: an hour long, as API servers keep them. Pure. */
import type { Event } from "../../kube/types.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Story } from "./story.ts";
import { timeline } from "./timeline.ts";

/** `what`: `runner "x"`, in the middle of a sentence. `undefined`: no Event is about it. */
export function remembered(
  what: string,
  of: { readonly snapshot: Snapshot; readonly isAbout: (event: Event) => boolean },
): Story | undefined {
  const { unseen } = of.snapshot;
  const events = of.snapshot.events.filter(of.isAbout);
  const moments = timeline({ objects: [], pods: [], events });
  const last = moments.at(-1);
  if (last === undefined) return undefined;
  const bad = events.filter(({ type }) => type === "Warning").at(-1);
  const words = bad === undefined ? last.what : `${bad.reason}: ${bad.message}`;
  const fate = unseen.length === 0 ? "is gone" : "is not among what could be seen";
  return {
    about: what,
    headline: `${what.slice(0, 1).toUpperCase()}${what.slice(1)} ${fate}; ` +
      `what was told of it: ${words}`,
    sentences: [`It is remembered by ${events.length} Events only, until ${last.at}`],
    reasons: [],
    moments,
    unseen,
  };
}
