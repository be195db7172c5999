import assert from "node:assert/strict";
import { jsonLines } from "../../bench/lines.ts";

Deno.test("documents come whole, wherever the stream is cut, and other lines go elsewhere", async () => {
  const chunks = ['{"a":1}\n{"b"', ':2}\nhello\n{"c":3}\n'];
  const stream = ReadableStream.from(chunks.map((text) => new TextEncoder().encode(text)));
  const others: string[] = [];
  const documents = await Array.fromAsync(jsonLines(stream, (line) => others.push(line)));
  assert.deepEqual(documents, [{ a: 1 }, { b: 2 }, { c: 3 }]);
  assert.deepEqual(others, ["hello"]);
});
