/**
 * What a binary may be built as: for which machine, and with which powers at most. Pure. What a mode keeps of these powers
 * is the sandbox's business (`modes/sandbox.ts`); what is not named here no code in the binary can ever do.
 */
import { environmentNames } from "../../modes/environment.ts";

/** `image`: serves in a cluster. `desktop`: a laptop's, which also simulates and runs the credential plugins of kubeconfigs. */
export type ProfileName = "image" | "desktop";

export interface Profile {
  readonly name: ProfileName;
  /** What it is for, in one sentence. */
  readonly summary: string;
  /** Permission flags of `deno compile`. */
  readonly permissions: readonly string[];
}

/** A machine, as the file names of a release spell it, with the name that Deno has for it. */
export interface Target {
  readonly name: string;
  readonly triple: string;
}

export const TARGETS: readonly Target[] = [
  { name: "linux-x64", triple: "x86_64-unknown-linux-gnu" },
  { name: "linux-arm64", triple: "aarch64-unknown-linux-gnu" },
  { name: "darwin-x64", triple: "x86_64-apple-darwin" },
  { name: "darwin-arm64", triple: "aarch64-apple-darwin" },
  { name: "windows-x64", triple: "x86_64-pc-windows-msvc" },
];

/**
 * Where clouds keep the credentials of their machines: refused to everything in the binary, whatever a sandbox allows.
 * Deno takes networks of IPv4 here, none of IPv6; those no sandbox names.
 */
export const DENIED_HOSTS: readonly string[] = [
  "169.254.0.0/16",
  "100.100.100.200",
  "metadata.google.internal",
  "[fd00:ec2::254]",
];

/** Both profiles; never `--allow-all`, `--allow-ffi` or `--allow-import`. */
export function profiles(): Readonly<Record<ProfileName, Profile>> {
  const common = [
    "--no-prompt",
    "--deny-import",
    "--allow-net",
    `--deny-net=${DENIED_HOSTS.join(",")}`,
    "--allow-read",
  ];
  return {
    image: {
      name: "image",
      summary:
        "Serves in a cluster: cannot start programs, write files or ask what machine it is on.",
      permissions: [...common, `--allow-env=${environmentNames().join(",")}`],
    },
    desktop: {
      name: "desktop",
      summary: "Also simulates (`dev`), and runs the credential plugins that kubeconfigs name.",
      permissions: [...common, "--allow-env", "--allow-write", "--allow-run"],
    },
  };
}

/**
 * How the engine uses memory. Objects that die young stay in a young generation of 4 MiB; the old one is looked through
 * when it has grown by 30 %, where the engine's own rule lets it grow to more than twice what lives. docs/performance.md
 * has what that gives and costs.
 */
export const V8_FLAGS = "--v8-flags=--max-semi-space-size=4,--heap-growing-percent=30";

/** Flags of `deno compile` that are the same for every binary. */
export const COMPILE_FLAGS: readonly string[] = [
  "--quiet",
  "--no-check",
  "--no-config",
  "--no-lock",
  "--no-npm",
  "--no-remote",
  // It would be kept beside the temporary files, where whoever may write could put code of theirs.
  "--no-code-cache",
  "--unstable-worker-options",
  "--unstable-no-legacy-abort",
  V8_FLAGS,
];

/** The file of a binary. Without a target: of the machine that it is built on. */
export function binaryName(profile: ProfileName, target?: Target): string {
  const parts = [
    "longshore",
    ...(profile === "desktop" ? [] : [profile]),
    ...(target === undefined ? [] : [target.name]),
  ];
  const isWindows = (target?.name ?? Deno.build.os).startsWith("windows");
  return `${parts.join("-")}${isWindows ? ".exe" : ""}`;
}
