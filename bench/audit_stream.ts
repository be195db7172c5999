/**
 * The audit log of a control plane as a stream: who asked what, and when it was answered, in pieces, so that an hour of
 * it fits into memory. Knows the file; what the requests mean is for others.
 */
import {
  type AuditedRequest,
  auditedRequest,
  type AuditEvent,
} from "../tests/cluster/audit_log.ts";

export interface TimedRequest extends AuditedRequest {
  /** When it was answered, in ms since the epoch, with a fraction. */
  readonly answeredMs: number;
}

export interface AuditStream {
  /** What was answered since the last time, each request once. */
  drain(): Promise<readonly TimedRequest[]>;
}

type TimedEvent = AuditEvent & { readonly stage: string; readonly stageTimestamp: string };

const CHUNK = 4 * 1024 * 1024;

/** From what is in the file now. */
export async function openAuditStream(path: string): Promise<AuditStream> {
  let from = (await Deno.stat(path)).size;

  async function drain(): Promise<readonly TimedRequest[]> {
    using file = await Deno.open(path);
    await file.seek(from, Deno.SeekMode.Start);
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(CHUNK);
    const seen: TimedRequest[] = [];
    let rest = "";
    for (let size = await file.read(buffer); size !== null; size = await file.read(buffer)) {
      from += size;
      const lines = (rest + decoder.decode(buffer.subarray(0, size), { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = JSON.parse(line) as TimedEvent;
        // A watch is told when it starts and when it ends: it counts once, when it starts.
        if (event.verb === "watch" && event.stage === "ResponseComplete") continue;
        seen.push({ ...auditedRequest(event), answeredMs: millisOf(event.stageTimestamp) });
      }
    }
    from -= new TextEncoder().encode(rest).length; // the line is not whole yet
    return seen;
  }

  return { drain };
}

/** Of RFC 3339 with microseconds. */
function millisOf(text: string): number {
  const micros = /\.(\d{3})(\d{0,6})/.exec(text);
  const fraction = micros?.[2] ? Number(`0.${micros[2]}`) : 0;
  return Date.parse(text) + fraction;
}
