/** The flag that closes `/metrics` to those who have no token. Pure; who compares tokens is `metrics_access.ts`. */
import { text } from "../lib/flag_parsers.ts";
import type { FlagTable } from "../lib/flags.ts";

export interface MetricsToken {
  /** Path of a file with the token; empty: whoever asks is answered. */
  readonly metricsTokenFile: string;
}

export const METRICS_TOKEN_FLAGS: FlagTable<MetricsToken> = {
  metricsTokenFile: {
    flag: "--metrics-token-file",
    env: "LONGSHORE_METRICS_TOKEN_FILE",
    parser: text(),
    placeholder: "FILE",
    default: "",
    help: "Answer /metrics only to those who send the bearer token of this file, which may change.",
  },
};

/** What a sandbox must allow to be read: the kubelet replaces a mounted folder as a whole. */
export function metricsTokenFolders({ metricsTokenFile }: MetricsToken): readonly string[] {
  return metricsTokenFile === "" ? [] : [folderOf(metricsTokenFile)];
}

/** The folder of a mounted file; of one in the root or in the present folder, the file alone. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/"))) || path;
}
