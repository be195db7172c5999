/** Raw calls and watches over any way to send a request. Knows JSON lines and HTTP, nothing of Kubernetes' rules. */
import { systemClock, withDeadline } from "../../../lib/clock.ts";
import { PATIENCE_MS } from "../../patience.ts";
import type { Answer, ApiUnderTest, CallOptions, SeenEvent, WatchLog } from "./api_under_test.ts";

/** Sends as the administrator, or with a token. */
export type Send = (request: Request, token: string | undefined) => Promise<Response>;

export function talkOver(
  server: string,
  send: Send,
): Pick<ApiUnderTest, "call" | "done" | "watch"> {
  async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { body, type = "application/json", token, accept = "application/json" } = options;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const request = new Request(`${server}${path}`, {
      method,
      headers: { accept, ...(body === undefined ? {} : { "content-type": type }) },
      ...(body === undefined ? {} : { body: text }),
    });
    const response = await send(request, token);
    const answered = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json");
    return {
      code: response.status,
      body: isJson ? JSON.parse(answered) : answered,
      headers: response.headers,
    };
  }

  return {
    call,
    async done(method, path, options) {
      const { code, body } = await call(method, path, options);
      if (code < 300) return body;
      throw new Error(`${method} ${path}: ${code} ${body.message ?? body}`);
    },
    async watch(path, { token } = {}) {
      const url = `${server}${path}${path.includes("?") ? "&" : "?"}watch=true`;
      const response = await send(new Request(url), token);
      if (response.ok && response.body !== null) return collected(response.body.getReader());
      throw new Error(`watch ${path}: ${response.status} ${await response.text()}`);
    },
  };
}

function collected(reader: ReadableStreamDefaultReader<Uint8Array>): WatchLog {
  const events: SeenEvent[] = [];
  let isOver = false;
  let wake = () => {};
  const over = readEvents(reader, (event) => {
    events.push(event);
    wake();
  }).finally(() => {
    isOver = true;
    wake();
  });
  over.catch(() => {});
  return {
    events,
    lines: () =>
      events.filter(({ type }) => type !== "BOOKMARK")
        .map(({ type, object }) => `${type} ${object.metadata?.name ?? ""}`.trim()),
    over,
    async until(enough) {
      await withDeadline(systemClock, { ms: PATIENCE_MS }, async (signal) => {
        while (!enough(events)) {
          if (isOver || signal.aborted) {
            const seen = events.map(({ type, object }) => `${type} ${object.metadata?.name}`);
            throw new Error(`Waited in vain for events; seen: ${seen.join(", ") || "none"}`);
          }
          const changed = Promise.withResolvers<void>();
          wake = changed.resolve;
          signal.addEventListener("abort", wake, { once: true });
          await changed.promise;
        }
      });
    },
    async [Symbol.asyncDispose]() {
      await reader.cancel().catch(() => {}); // an abort would not reach a body whose Response was collected
      await over.catch(() => {});
    },
  };
}

async function readEvents(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  seen: (event: SeenEvent) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") seen(JSON.parse(line));
  }
}
