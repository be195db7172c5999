/**
 * Archives as `tar` and `helm` read them (ustar, gzip). The same files give the same bytes: no time, no owner, in the order
 * of their names.
 */

export interface ArchivedFile {
  /** With slashes, without one at its start; at most 100 bytes, or 155 more before a slash. */
  readonly path: string;
  readonly content: Uint8Array<ArrayBuffer>;
  /** Permission bits; 0o644 unless it is a program. */
  readonly mode?: number;
}

const BLOCK = 512;

/** The gzipped archive. Throws for a path that does not fit. */
export async function tarGz(files: readonly ArchivedFile[]): Promise<Uint8Array<ArrayBuffer>> {
  const sorted = files.toSorted((a, b) => a.path < b.path ? -1 : 1);
  const parts: Uint8Array<ArrayBuffer>[] = sorted.flatMap((file) => {
    const padding = new Uint8Array((BLOCK - file.content.length % BLOCK) % BLOCK);
    return [header(file), file.content, padding];
  });
  const plain = new Blob([...parts, new Uint8Array(2 * BLOCK)]).stream();
  return new Uint8Array(
    await new Response(plain.pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
  );
}

function header({ path, content, mode = 0o644 }: ArchivedFile): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const [prefix, name] = splitPath(path);
  const put = (text: string, at: number) => block.set(new TextEncoder().encode(text), at);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  put(name, 0);
  put(octal(mode, 7), 100);
  put(octal(0, 7), 108);
  put(octal(0, 7), 116);
  put(octal(content.length, 11), 124);
  put(octal(0, 11), 136);
  put(" ".repeat(8), 148);
  put("0", 156);
  put("ustar\x0000", 257);
  put("root", 265);
  put("root", 297);
  put(prefix, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function splitPath(path: string): readonly [prefix: string, name: string] {
  const length = (text: string) => new TextEncoder().encode(text).length;
  if (length(path) <= 100) return ["", path];
  for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (length(prefix) <= 155 && length(name) <= 100) return [prefix, name];
  }
  throw new Error(`The path ${path} is too long for an archive`);
}
