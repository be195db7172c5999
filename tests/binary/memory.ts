/**
 * How much memory the serving modes take when there is nothing to do. Run it with
 * `deno run -A tests/binary/memory.ts [PROGRAM [SECONDS]]`; it prints a table for `docs/memory.md`. The world they serve is
 * in this process, so that it does not count.
 */
import { systemClock } from "../../lib/clock.ts";
import { listenerProcess } from "./listener_process.ts";
import { podWorld } from "./pod_world.ts";
import { memoryMiB, note, started } from "./process.ts";
import { applyExample, untilListening } from "./story.ts";

const PROGRAM = "dist/longshore-image";
const IDLE_SECONDS = "20";

async function main(args: readonly string[]): Promise<void> {
  const [program = PROGRAM, seconds = IDLE_SECONDS] = args;
  const links = await Deno.makeTempDir();
  const path = await Deno.realPath(program);
  for (const name of ["manager", "ghalistener"]) await Deno.symlink(path, `${links}/${name}`);
  await using pods = await podWorld({
    listener: (onStart) => listenerProcess({ program: `${links}/ghalistener`, onStart }),
  });
  await applyExample(pods.world);
  await using manager = started(`${links}/manager`, {
    args: [...pods.args, `--service-account-dir=${pods.identity}`],
    env: pods.env,
  });
  await untilListening(pods.world);
  await systemClock.sleep(Number(seconds) * 1_000);
  for (const [name, one] of [["controller", manager], ["listener", pods.listeners[0]]] as const) {
    if (one === undefined) continue;
    const { all, own, mapped } = await memoryMiB(one.pid);
    const figures = [all, own, mapped].map((mib) => mib.toFixed(0)).join(" | ");
    note(`| ${name} | ${figures} |`);
    await one.end("SIGTERM");
  }
  await Deno.remove(links, { recursive: true });
}

if (import.meta.main) {
  await main(Deno.args);
  Deno.exit(0);
}
