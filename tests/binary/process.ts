/** A program as a test starts it: what it says, how it ends, how much memory it has. */

export interface ProgramOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs it to its end, with this environment and no other. */
export async function outcomeOf(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramOutcome> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    env: { HOME: "/", ...env },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

/** A program that runs. Disposing kills it. */
export interface Started extends AsyncDisposable {
  readonly pid: number;
  readonly ended: Promise<Pick<Deno.CommandStatus, "code" | "signal">>;
  hasEnded(): boolean;
  end(signal: Deno.Signal): Promise<Pick<Deno.CommandStatus, "code" | "signal">>;
}

/** Starts it; what it says goes nowhere. Disposing kills it. */
export function started(
  program: string,
  how: { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> },
): Started {
  // By a shell: it is what every suite of tests may start.
  const child = new Deno.Command("sh", {
    args: ["-c", 'exec "$@"', "sh", program, ...how.args],
    env: { ...how.env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let isOver = false;
  const ended = child.status.then(({ code, signal }) => {
    isOver = true;
    return { code, signal };
  });
  return {
    pid: child.pid,
    ended,
    hasEnded: () => isOver,
    end: async (signal) => {
      child.kill(signal);
      return await ended;
    },
    [Symbol.asyncDispose]: async () => {
      if (!isOver) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** What the kernel says of its resident memory, in MiB. */
export interface Memory {
  readonly all: number;
  /** What no other process can share. */
  readonly own: number;
  /** Pages of files, the program's above all: processes of one program on one machine share them. */
  readonly mapped: number;
}

export async function memoryMiB(pid: number): Promise<Memory> {
  const text = await procFile(`${pid}/status`);
  const of = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) / 1024;
  return { all: of("VmRSS"), own: of("RssAnon"), mapped: of("RssFile") };
}

/** The first process that `pid` has started. */
export async function childOf(pid: number): Promise<number> {
  return Number((await procFile(`${pid}/task/${pid}/children`)).trim().split(" ")[0]);
}

/** Deno reads files of other processes only when everything is allowed. */
async function procFile(path: string): Promise<string> {
  return (await outcomeOf("cat", [`/proc/${path}`])).out;
}

/** A line for whoever reads the run; it is no result. */
export function note(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}
