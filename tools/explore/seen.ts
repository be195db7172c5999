/** What of a run goes into its trace: each write as a line, each call as a mark. */
import type { Write } from "../../sim/kube/engine.ts";
import type { CallerTap } from "../../tests/journeys/stage.ts";
import type { Trace } from "./trace.ts";

/** Every call counts for the fingerprint. */
export function marked(trace: Trace, tap: CallerTap): CallerTap {
  return async (request, send, from) => {
    trace.mark(`${trace.seconds} ${from.kind} ${request.method} ${request.url}`);
    return await tap(request, send, from);
  };
}

/** Leases are left out: they say nothing but that time passes. */
export function traceWrite(trace: Trace, write: Write): void {
  if (write.resource === "leases") return;
  const { name, namespace, resourceVersion, deletionTimestamp } = write.object.metadata;
  const who = write.user.replace(/^system:(serviceaccount:)?/, "").replace(/^arc-systems:/, "");
  const { phase, jobId } = (write.object as { status?: { phase?: string; jobId?: string } })
    .status ?? {};
  const facts = [
    write.removed ? "GONE" : deletionTimestamp && "leaving",
    phase,
    jobId && `job ${jobId}`,
  ].filter((fact) => fact);
  trace.note(
    who.slice(0, 10),
    `${write.verb} ${write.resource} ${namespace ?? ""}/${name} ${facts.join(", ")}`.trimEnd(),
  );
  trace.mark(resourceVersion ?? "");
}
