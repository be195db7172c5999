/**
 * Puts a bundle behind a runtime: one file that runs. The same bundle, flags and runtime give the same bytes, wherever it is
 * done: the folder of the embedded files is part of them, so it is named after its content.
 */
import type { Bundle } from "./bundle.ts";
import { sha256 } from "./checksums.ts";
import { COMPILE_FLAGS } from "./profiles.ts";
import type { Toolchain } from "./toolchain.ts";

export interface BinaryOptions {
  readonly bundle: Bundle;
  readonly permissions: readonly string[];
  /** As Deno calls the machine. */
  readonly triple: string;
  readonly toolchain: Toolchain;
  /** Path of the file to write. */
  readonly out: string;
}

const EPOCH = 0;

/** Throws what the compiler says when it fails; then nothing is written. */
export async function writeBinary(options: BinaryOptions): Promise<void> {
  const { bundle, permissions, triple, toolchain, out } = options;
  const flags = [...COMPILE_FLAGS, ...permissions, `--target=${triple}`];
  const others = [...bundle.files.keys()].filter((path) => path !== bundle.main);
  const id = await sha256(JSON.stringify([flags, [...bundle.files]]));
  const own = await Deno.makeTempDir(); // others may compile the same at the same time
  const stage = `${own}/longshore-${id.slice(0, 16)}`;
  await Deno.mkdir(stage);
  try {
    for (const [path, text] of bundle.files) await written(`${stage}/${path}`, text);
    const { code, stderr } = await new Deno.Command(toolchain.deno, {
      args: [
        "compile",
        ...flags,
        ...others.map((path) => `--include=${path}`),
        `--output=${stage}/longshore`,
        bundle.main,
      ],
      cwd: stage,
      env: { ...toolchain.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      stdin: "null",
      stdout: "null",
    }).output();
    if (code !== 0) {
      throw new Error(
        `deno compile for ${triple} ended with ${code}: ${new TextDecoder().decode(stderr).trim()}`,
      );
    }
    const binary = triple.includes("windows") ? `${stage}/longshore.exe` : `${stage}/longshore`;
    await Deno.copyFile(binary, `${out}.new`);
    await Deno.rename(`${out}.new`, out);
  } finally {
    await Deno.remove(own, { recursive: true });
  }
}

async function written(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
  // The time of each file becomes part of the binary.
  await Deno.utime(path, EPOCH, EPOCH);
}
