/** Which variables of the environment the program knows: a build may read these and no others. Pure. */
import { flagRows } from "../lib/flags.ts";
import { PROXY_VARIABLES } from "../lib/proxy.ts";
import { type Mode, MODES } from "./mode.ts";

/** Those of the flags' tables, and those of proxies, which are also removed. In alphabetical order. */
export function environmentNames(): readonly string[] {
  const ofFlags = Object.values(MODES).flatMap((mode) =>
    flagRows((mode as Mode<unknown>).flags).flatMap(([, { env }]) => env ?? [])
  );
  return [...new Set([...ofFlags, ...PROXY_VARIABLES])].sort();
}

/** The named variables that `get` finds. */
export function environmentOf(
  get: (name: string) => string | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    environmentNames().flatMap((name) => {
      const value = get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
