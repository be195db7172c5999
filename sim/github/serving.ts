/** The simulated GitHub behind sockets: what becomes, for Deno.serve, of calls that get no answer. */
import type { Fetch } from "../../lib/http.ts";
import { BrokenConnection } from "./played_faults.ts";

/**
 * A handler for `Deno.serve`. Where `handle` rejects, the caller has gone away or is to see a broken connection: it gets
 * an answer that is shorter than it says, which the server cannot send, so that the connection breaks.
 */
export function overSockets(handle: Fetch): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await handle(request);
    } catch (thrown) {
      if (!(thrown instanceof BrokenConnection) && !request.signal.aborted) throw thrown;
      const nothing = new ReadableStream({ pull: (controller) => controller.close() });
      return new Response(nothing, { status: 502, headers: { "content-length": "1" } });
    }
  };
}
