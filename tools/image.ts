/**
 * `deno task image`: the image's root file system in `dist/image/root`, its bill of materials beside it, and its size. For
 * machines without a container engine; with one, `docker build .` makes the image.
 */
import { fileURLToPath } from "node:url";
import { BUILD } from "../lib/build.ts";
import { commitOf } from "./compile/commit.ts";
import { compile } from "./compile.ts";
import { assemble } from "./image/root_file_system.ts";
import { cycloneDx } from "./release/bill_of_materials.ts";
import { bundledPackages } from "./release/packages.ts";
import { runtimeOf } from "./release/runtime.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
const OUT = "dist/image";

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) {
  await Deno.remove(OUT, { recursive: true }).catch(() => {});
  await Deno.mkdir(`${OUT}/root`, { recursive: true });
  const [binary] = await compile({ profiles: ["image"], targets: [], out: OUT }, say);
  if (binary === undefined) throw new Error("Nothing was compiled");
  const { bytes, packages: debian } = await assemble(`${OUT}/root`, { binary: binary.path });
  const bill = cycloneDx({
    version: BUILD.version,
    commit: await commitOf(ROOT),
    runtime: await runtimeOf(binary.path),
    packages: await bundledPackages(ROOT, ["main.ts", "modes/worker.ts"]),
    debian,
  });
  await Deno.writeTextFile(`${OUT}/sbom.cdx.json`, bill);
  await Deno.remove(binary.path);
  say(
    `${OUT}/root  ${(bytes / 1e6).toFixed(1)} MB, of it ${
      (binary.bytes / 1e6).toFixed(1)
    } MB the program`,
  );
}
