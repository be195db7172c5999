import assert from "node:assert/strict";
import fc from "fast-check";
import { BrokenLine, documents } from "../../kube/watch_stream.ts";

function streamOf(chunks: readonly Uint8Array<ArrayBuffer>[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks);
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function allOf(body: ReadableStream<Uint8Array>, signal?: AbortSignal): Promise<unknown[]> {
  return await Array.fromAsync(documents(body, signal));
}

Deno.test("documents survive every way to split them, within characters too", async () => {
  const someEvents = fc.array(fc.string({ unit: "binary" }))
    .map((names) => names.map((name) => ({ type: "ADDED", name })));
  await fc.assert(fc.asyncProperty(
    someEvents,
    fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    async (events, sizes) => {
      const all = bytes(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      for (let from = 0, i = 0; from < all.length; i++) {
        const to = from + (sizes[i % sizes.length] ?? 1);
        chunks.push(all.slice(from, to));
        from = to;
      }
      assert.deepEqual(await allOf(streamOf(chunks)), events);
    },
  ));
});

Deno.test("blank lines are nothing, and a line that was cut off is dropped", async () => {
  assert.deepEqual(await allOf(streamOf([bytes('\n{"a":1}\r\n\n{"b":')])), [{ a: 1 }]);
});

Deno.test("a line that is no JSON is an error, after what came before it", async () => {
  const seen: unknown[] = [];
  await assert.rejects(async () => {
    for await (const one of documents(streamOf([bytes('{"a":1}\nproxy error\n')]))) seen.push(one);
  }, BrokenLine);
  assert.deepEqual(seen, [{ a: 1 }]);
});

Deno.test("a line without end is given up", async () => {
  const chunk = bytes("x".repeat(1024 * 1024));
  await assert.rejects(allOf(streamOf(Array.from({ length: 17 }, () => chunk))), BrokenLine);
});

Deno.test("an abort ends the documents, and their stream", async () => {
  const abort = new AbortController();
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes('{"a":1}\n')),
    cancel: () => void (cancelled = true),
  });
  const seen: unknown[] = [];
  for await (const one of documents(body, abort.signal)) {
    seen.push(one);
    queueMicrotask(() => abort.abort());
  }
  assert.deepEqual(seen, [{ a: 1 }]);
  assert.ok(cancelled);
});

Deno.test("leaving the loop cancels the stream", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes('{"a":1}\n{"a":2}\n')),
    cancel: () => void (cancelled = true),
  });
  for await (const _ of documents(body)) break;
  assert.ok(cancelled);
});
