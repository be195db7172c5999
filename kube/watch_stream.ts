/** A watch on the wire: one JSON document a line. Knows bytes and lines; refuses to know what an event means. */
import type { WatchEvent, WatchOptions } from "./client.ts";
import { KubeError } from "./errors.ts";
import { queryText } from "./paths.ts";
import { action, type KubeCall, type Transport } from "./transport.ts";
import type { KubeObject, ResourceType } from "./types.ts";

/** Far above what etcd stores (1.5 MB): a line beyond this many characters is no event. */
const MAX_LINE = 16 * 1024 * 1024;

/** Thrown for a line that is no JSON, or too long. */
export class BrokenLine extends Error {
  override readonly name = "BrokenLine";
}

/**
 * The documents of `body` in order, wherever its chunks are split. Ends when the body does, or when `signal` aborts (a
 * normal end). A last line that was cut off is dropped. Throws what the body throws, or {@link BrokenLine}. Leaving the
 * loop cancels the body.
 */
export async function* documents(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<unknown, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const cancel = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", cancel, { once: true });
  let parts: string[] = []; // the pieces of the line that has not ended yet
  let length = 0;
  try {
    while (!signal?.aborted) {
      const { done, value } = await reader.read();
      if (done) return;
      const text = decoder.decode(value, { stream: true });
      let from = 0;
      for (let to = text.indexOf("\n"); to >= 0; to = text.indexOf("\n", from)) {
        const line = parts.join("") + text.slice(from, to);
        parts = [];
        length = 0;
        from = to + 1;
        if (line.trim() === "") continue;
        yield parsed(line);
        if (signal?.aborted) return;
      }
      if (from === text.length) continue;
      parts.push(from === 0 ? text : text.slice(from));
      length += text.length - from;
      if (length > MAX_LINE) throw new BrokenLine(`A line is longer than ${MAX_LINE} characters`);
    }
  } catch (thrown) {
    if (!signal?.aborted) throw thrown;
  } finally {
    signal?.removeEventListener("abort", cancel);
    await reader.cancel().catch(() => {});
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new BrokenLine("A line is not JSON");
  }
}

/** Implements `KubeClient.watch`, which says what to expect. */
export async function* watchEvents<T extends KubeObject>(
  transport: Transport,
  type: ResourceType<T>,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>, void, void> {
  const { labelSelector, fieldSelector, resourceVersion, timeoutSeconds, signal } = options;
  const call: KubeCall = {
    verb: "watch",
    method: "GET",
    type,
    place: { namespace: options.namespace },
    query: queryText({
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion,
      timeoutSeconds,
      labelSelector,
      fieldSelector,
    }),
    signal,
  };
  try {
    using stream = await transport.open(call);
    options.onOpen?.();
    for await (const event of documents(stream.body, signal)) yield event as WatchEvent<T>;
  } catch (thrown) {
    if (signal?.aborted) return;
    if (thrown instanceof KubeError) throw thrown;
    throw new KubeError(`Cannot ${action(call)}: the stream broke`, {
      code: thrown instanceof BrokenLine ? "kube_bad_response" : "kube_unreachable",
      cause: thrown,
    });
  }
}
