import assert from "node:assert/strict";
import { tarGz } from "../../../tools/release/tar.ts";

const file = (path: string, text: string) => ({ path, content: new TextEncoder().encode(text) });

/** Names, modes and texts, read by what the format says and not by our own code. */
async function opened(archive: Uint8Array<ArrayBuffer>) {
  const stream = new Blob([archive]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const text = (at: number, length: number) =>
    new TextDecoder().decode(bytes.subarray(at, at + length)).replace(/\0.*$/s, "");
  const found: string[] = [];
  for (let at = 0; bytes[at] !== 0;) {
    const size = parseInt(text(at + 124, 12), 8);
    const sum = bytes.subarray(at, at + 512)
      .reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
    assert.equal(parseInt(text(at + 148, 8), 8), sum);
    const prefix = text(at + 345, 155);
    const name = `${prefix === "" ? "" : `${prefix}/`}${text(at, 100)}`;
    found.push(`${name} ${text(at + 100, 8)} ${text(at + 512, size)}`);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

Deno.test("an archive holds its files in the order of their names", async () => {
  const program = { ...file("a/program", "#!"), mode: 0o755 };
  assert.deepEqual(await opened(await tarGz([file("b.txt", "text"), program])), [
    "a/program 0000755 #!",
    "b.txt 0000644 text",
  ]);
});

Deno.test("long paths fit, and one that does not is refused", async () => {
  const long = `${"folder/".repeat(20)}file.txt`;
  assert.deepEqual(await opened(await tarGz([file(long, "")])), [`${long} 0000644 `]);
  await assert.rejects(tarGz([file("x".repeat(101), "")]), /is too long for an archive/);
});

Deno.test("the same files give the same bytes", async () => {
  const files = [file("a", "1"), file("b", "2")];
  assert.deepEqual(await tarGz(files), await tarGz(files.toReversed()));
});
