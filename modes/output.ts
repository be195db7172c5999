/** Where text for people goes. Knows streams of bytes, not what is said. */

/** Standard output or standard error, or what stands in for one. */
export interface TextSink {
  writeSync(bytes: Uint8Array): number;
}

/** All of the text with a line break. A reader that has gone is no reason to fail. */
export function writeLine(to: TextSink, text: string): void {
  let rest = new TextEncoder().encode(`${text}\n`);
  try {
    while (rest.length > 0) rest = rest.subarray(to.writeSync(rest));
  } catch {
    // Nobody reads it; there is no other place to say so.
  }
}
