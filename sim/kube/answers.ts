/** HTTP answers of the API: objects, lists and refusals with their headers. */
import type { Document } from "./document.ts";
import type { StatusBody } from "./status.ts";
import { objectText } from "./wire.ts";

/** An answer with JSON text as its body. */
export function jsonAnswer(text: string, code = 200): Response {
  return new Response(text, { status: code, headers: { "content-type": "application/json" } });
}

/** An answer with an object. */
export function objectAnswer(object: Document, code = 200): Response {
  return jsonAnswer(objectText(object), code);
}

/** A refusal, or the success of a delete. */
export function statusAnswer(status: StatusBody): Response {
  const answer = jsonAnswer(JSON.stringify(status), status.code ?? 200);
  const seconds = status.details?.retryAfterSeconds;
  if (seconds !== undefined) answer.headers.set("retry-after", String(seconds));
  return answer;
}

/** An answer in plain text. */
export function textAnswer(text: string, code = 200): Response {
  return new Response(text, {
    status: code,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

/** The answer with sentences for the caller's eyes. */
export function withWarnings(answer: Response, warnings: readonly string[]): Response {
  for (const warning of warnings) {
    answer.headers.append("warning", `299 - "${warning.replace(/[\\"]/g, "\\$&")}"`);
  }
  return answer;
}
