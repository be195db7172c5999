/** The listener's container as a process of a compiled binary, started as a kubelet would: with the pod's environment and files. */
import type { Program, ProgramRun } from "../../sim/programs.ts";
import { type Started, started } from "./process.ts";

const IDENTITY_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";

export interface ListenerProcess {
  /** Path of the binary, or of a link to it. */
  readonly program: string;
  readonly onStart: (process: Started) => void;
}

/** The files of the pod lie below a folder, so the program is told where; else it has what the pod says. */
export function listenerProcess({ program, onStart }: ListenerProcess): Program {
  return (run) => {
    const { env, root } = run;
    const child = started(program, {
      args: [`--service-account-dir=${root}${IDENTITY_PATH}`],
      env: { ...env, LISTENER_CONFIG_PATH: `${root}${env.LISTENER_CONFIG_PATH}` },
    });
    onStart(child);
    return untilItEnds(child, run);
  };
}

/** Ends it when its pod ends; resolves with the exit code. */
export async function untilItEnds(
  child: Started,
  { signal, killed }: Pick<ProgramRun, "signal" | "killed">,
): Promise<number> {
  const end = (name: Deno.Signal) => () => {
    if (!child.hasEnded()) void child.end(name);
  };
  signal.addEventListener("abort", end("SIGTERM"), { once: true });
  killed.addEventListener("abort", end("SIGKILL"), { once: true });
  return (await child.ended).code;
}
