/** Which variables of the environment the program knows: a build may read these and no others. Pure. */
import { flagRows } from "../lib/flags.ts";
import { PROXY_VARIABLES } from "../lib/proxy.ts";
import { CERTIFICATE_FILE, CERTIFICATE_STORE } from "./certificate_file.ts";
import { type Mode, MODES } from "./mode.ts";

/** What is called `HOME` elsewhere. */
export const WINDOWS_HOME = "USERPROFILE";

/** Those of the flags' tables, of proxies, which are also removed, and of certificates. In alphabetical order. */
export function environmentNames(): readonly string[] {
  const ofFlags = Object.values(MODES).flatMap((mode) =>
    flagRows((mode as Mode<unknown>).flags).flatMap(([, { env }]) => env ?? [])
  );
  const ofCertificates = [CERTIFICATE_FILE, CERTIFICATE_STORE];
  return [...new Set([...ofFlags, ...PROXY_VARIABLES, WINDOWS_HOME, ...ofCertificates])].sort();
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
