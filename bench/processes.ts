/** What processes of this machine cost, as Linux counts it: CPU time and resident memory of a process with its children. */

export interface Cost {
  /** User and system time since the start, in ms. */
  readonly cpuMs: number;
  /** Resident memory, in MiB. */
  readonly residentMiB: number;
}

/** What `/proc` says of one process. */
export interface ProcessStat extends Cost {
  readonly pid: number;
  readonly parent: number;
  /** Name of the program, cut at 15 characters. */
  readonly name: string;
}

const TICK_MS = 10; // USER_HZ is 100 on every Linux that we run on
const PAGE_MIB = 4_096 / 2 ** 20;

/** All processes of the machine. A shell reads them: the platform lets nobody read `/proc` who may not do everything. */
export function allProcesses(): readonly ProcessStat[] {
  return fileText("/proc/[0-9]*/stat").split("\n").filter((line) => /^\d+ \(.*\) /.test(line))
    .map(processStat);
}

/** What files hold that match the pattern of a shell, one after the other; those that are gone meanwhile are left out. */
export function fileText(pattern: string): string {
  const { stdout } = new Deno.Command("sh", {
    args: ["-c", `cat ${pattern}`],
    stdout: "piped",
    stderr: "null",
  }).outputSync();
  return new TextDecoder().decode(stdout);
}

/** Reads a line of `/proc/PID/stat`; CPU time includes that of children that have ended. */
export function processStat(line: string): ProcessStat {
  const open = line.indexOf("(");
  const close = line.lastIndexOf(")"); // names may have parentheses
  const words = line.slice(close + 2).split(" ");
  const number = (field: number) => Number(words[field - 3]); // counted as in proc(5)
  return {
    pid: parseInt(line),
    parent: number(4),
    name: line.slice(open + 1, close),
    cpuMs: (number(14) + number(15) + number(16) + number(17)) * TICK_MS,
    residentMiB: number(24) * PAGE_MIB,
  };
}

/** The processes of these pids and all that they started, together. */
export function costOf(pids: readonly number[], all: readonly ProcessStat[]): Cost {
  const children = Map.groupBy(all, ({ parent }) => parent);
  const byPid = new Map(all.map((stat) => [stat.pid, stat]));
  let cpuMs = 0;
  let residentMiB = 0;
  const waiting = pids.flatMap((pid) => byPid.get(pid) ?? []);
  for (let stat = waiting.pop(); stat !== undefined; stat = waiting.pop()) {
    cpuMs += stat.cpuMs;
    residentMiB += stat.residentMiB;
    waiting.push(...children.get(stat.pid) ?? []);
  }
  return { cpuMs, residentMiB };
}
