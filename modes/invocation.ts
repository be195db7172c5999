/** Which mode a command line means. Pure; knows how ARC calls its two programs, and not what modes do. */
import { InvalidInput } from "../lib/errors.ts";
import { asksForHelp } from "../lib/flags.ts";

export const MODE_NAMES = ["controller-manager", "listener", "dev"] as const;
export type ModeName = typeof MODE_NAMES[number];

export type Invocation =
  | { readonly do: "run"; readonly mode: ModeName; readonly args: readonly string[] }
  /** Without a mode: of the program. */
  | { readonly do: "help"; readonly mode?: ModeName }
  | { readonly do: "version" };

/** Names under which ARC's images have the program; links to ours. */
const PROGRAM_NAMES: Readonly<Record<string, ModeName>> = {
  manager: "controller-manager",
  ghalistener: "listener",
};

/** Its presence tells a listener's pod, which is started without arguments. */
const LISTENER_ENV = "LISTENER_CONFIG_PATH";

/**
 * Told apart by the name of the program, else by the first argument; flags without a mode word are the manager's, and
 * no argument at all is the listener's where its variable is set. Throws {@link InvalidInput} for an unknown word.
 */
export function invocation(
  args: readonly string[],
  call: {
    readonly programPath: string;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
): Invocation {
  const program = call.programPath.split("/").at(-1) ?? "";
  const named = PROGRAM_NAMES[program];
  if (named !== undefined) return ofMode(named, args);
  const [word, ...rest] = args;
  if (word === undefined) {
    return call.env[LISTENER_ENV] === undefined ? { do: "help" } : ofMode("listener", []);
  }
  if (/^(version|-v|--?version)$/.test(word)) return { do: "version" };
  if (/^(help|-h|--?help)$/.test(word)) return { do: "help" };
  if (word.startsWith("-")) return ofMode("controller-manager", args);
  const mode = MODE_NAMES.find((name) => name === word);
  if (mode !== undefined) return ofMode(mode, rest);
  throw new InvalidInput(
    `Unknown mode "${word}": expected one of ${[...MODE_NAMES, "version"].join(", ")}`,
  );
}

function ofMode(mode: ModeName, args: readonly string[]): Invocation {
  return asksForHelp(args) ? { do: "help", mode } : { do: "run", mode, args };
}
