/**
 * A serving mode in the main thread, with a CPU profile of it: `profiled.ts FILE MODE [flags]`. On SIGTERM the profile is
 * written to FILE, the top frames to FILE.txt. For finding out where time goes; without the sandbox, so never for serving.
 */
import { Session } from "node:inspector";
import { parseFlags } from "../lib/flags.ts";
import { type Mode, MODES } from "../modes/mode.ts";
import { namedCluster } from "../modes/named_cluster.ts";
import type { ModeProgram } from "../modes/run.ts";
import { type Profile, topFrames } from "./profile_frames.ts";

const SAMPLE_MICROS = 500;
const PROGRAMS: Readonly<Record<string, () => Promise<ModeProgram<never>>>> = {
  "controller-manager": async () =>
    (await import("../modes/controller_manager/program.ts")).runControllerManager,
  listener: async () => (await import("../modes/listener/program.ts")).runListener,
};

async function main(args: readonly string[]): Promise<number> {
  const [file = "", name = "", ...flags] = args;
  const mode = MODES[name as keyof typeof MODES] as unknown as Mode<unknown>;
  const program = await PROGRAMS[name]?.() as ModeProgram<unknown> | undefined;
  if (program === undefined) throw new TypeError(`"${name}" is no mode that serves`);
  const { config: told } = parseFlags(mode.flags, { args: flags, env: Deno.env.toObject() });
  const cluster = mode.cluster?.(told);
  const config = cluster === undefined
    ? told
    : { ...told as object, ...(await namedCluster(cluster)).flags };
  const stopping = new AbortController();
  Deno.addSignalListener("SIGTERM", () => stopping.abort(new DOMException("stop", "AbortError")));
  const session = new Session();
  session.connect();
  await posted(session, "Profiler.enable");
  await posted(session, "Profiler.setSamplingInterval", { interval: SAMPLE_MICROS });
  await posted(session, "Profiler.start");
  try {
    return await program(config, { signal: stopping.signal });
  } catch (thrown) {
    if (!stopping.signal.aborted) throw thrown;
    return 0;
  } finally {
    const { profile } = await posted(session, "Profiler.stop") as { readonly profile: Profile };
    await Deno.writeTextFile(file, JSON.stringify(profile));
    await Deno.writeTextFile(`${file}.txt`, topFrames(profile));
  }
}

function posted(session: Session, method: string, params: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) =>
    session.post(
      method,
      params,
      (error: unknown, value: unknown) => error ? reject(error) : resolve(value),
    )
  );
}

if (import.meta.main) Deno.exit(await main(Deno.args));
