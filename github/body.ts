/**
 * Waiting for answers and their bodies so that an abort ends the wait at once, even if whoever answers ignores it, and
 * so that no body is read without bound. Knows nothing of GitHub.
 */
import { BadShape } from "./decode.ts";

/** Far above any answer of GitHub: a full message of the queue is about 100 kB. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** What `work` settles to, or `signal.reason` as soon as `signal` aborts; `work` is then left to end by itself. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** The response, or `signal.reason` as soon as `signal` aborts; a response that comes too late is cancelled. */
export async function responseOrAborted(
  response: Promise<Response>,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await orAborted(response, signal);
  } catch (thrown) {
    response.then(cancelBody, () => {});
    throw thrown;
  }
}

/**
 * The whole body as text, without a byte order mark. Rejects with `signal.reason` when `signal` aborts, with
 * {@link BadShape} when the body is longer than 16 MiB.
 */
export async function bodyText(response: Response, signal: AbortSignal): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await orAborted(reader.read(), signal);
      if (done) return text + decoder.decode();
      bytes += value.byteLength;
      if (bytes > MAX_BODY_BYTES) throw new BadShape(`it is longer than ${MAX_BODY_BYTES} bytes`);
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    // After the end this does nothing; before it, it frees the connection. Nobody needs to wait for that.
    reader.cancel().catch(() => {});
  }
}

/** Lets go of a body that nobody will read. */
export async function cancelBody(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {});
}
