import { equal, ok, rejects } from "node:assert/strict";
import { bodyText, orAborted, responseOrAborted } from "../../github/body.ts";

const NEVER = new AbortController().signal;

function aborted(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(new Error("stop")) };
}

Deno.test("work that ends first gives its result, an abort that comes first its reason", async () => {
  equal(await orAborted(Promise.resolve(1), NEVER), 1);
  equal(await orAborted(Promise.resolve(1), undefined), 1);
  await rejects(orAborted(Promise.reject(new Error("own")), NEVER), /own/);
  await rejects(orAborted(Promise.resolve(1), AbortSignal.abort(new Error("before"))), /before/);
  const { signal, abort } = aborted();
  const waiting = orAborted(new Promise(() => {}), signal);
  abort();
  await rejects(waiting, /stop/);
});

Deno.test("a response that comes after the abort is cancelled", async () => {
  let isCancelled = false;
  const body = new ReadableStream({ cancel: () => void (isCancelled = true) });
  const late = Promise.withResolvers<Response>();
  const { signal, abort } = aborted();
  const waiting = responseOrAborted(late.promise, signal);
  abort();
  await rejects(waiting, /stop/);
  late.resolve(new Response(body));
  await late.promise;
  await Promise.resolve();
  ok(isCancelled);
});

Deno.test("a body is read over its chunks, and dropped when aborted", async () => {
  const bytes = new TextEncoder().encode("añb");
  const chunks = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  equal(await bodyText(new Response(chunks), NEVER), "añb");
  equal(await bodyText(new Response(null), NEVER), "");
  let isCancelled = false;
  const { signal, abort } = aborted();
  const slow = new ReadableStream({
    pull: () => new Promise(() => {}),
    cancel: () => void (isCancelled = true),
  });
  const reading = bodyText(new Response(slow), signal);
  abort();
  await rejects(reading, /stop/);
  ok(isCancelled);
});
