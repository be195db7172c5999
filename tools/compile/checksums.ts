/** SHA-256 sums, and the text in which `sha256sum --check` reads them. */

/** In hexadecimal. */
export async function sha256(content: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** A line for each file of a folder, in the order of their names. */
export async function checksums(folder: string, names: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const name of [...names].sort()) {
    lines.push(`${await sha256(await Deno.readFile(`${folder}/${name}`))}  ${name}\n`);
  }
  return lines.join("");
}
