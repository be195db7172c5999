/** Which mode a command line means. Pure; knows how ARC calls its two programs, and not what modes do. */
import { InvalidInput } from "../lib/errors.ts";
import { asksForHelp } from "../lib/flags.ts";
import { nearest } from "../lib/nearest.ts";

export const MODE_NAMES = [
  "controller-manager",
  "listener",
  "dev",
  "doctor",
  "explain",
] as const;
export type ModeName = typeof MODE_NAMES[number];

export type Invocation =
  | { readonly do: "run"; readonly mode: ModeName; readonly args: readonly string[] }
  /** Without a word: of the program. */
  | { readonly do: "help"; readonly about?: ModeName | OtherWord }
  | { readonly do: "version" }
  | { readonly do: "complete"; readonly shell: Shell };

/** Shells whose completion we can write. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = typeof SHELLS[number];

/** Words in the place of a mode that do no work. */
const OTHER_WORDS = ["completion", "version"] as const;
export type OtherWord = typeof OTHER_WORDS[number];

/** What there is help about. */
const HELP_WORDS = [...MODE_NAMES, ...OTHER_WORDS] as const;

/** What may stand in the place of a mode. */
export const MODE_WORDS: readonly string[] = [...HELP_WORDS, "help"];

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
  if (/^(version|-v|--?version)$/.test(word)) return version(rest);
  if (/^(help|-h|--?help)$/.test(word)) return helpFor(rest);
  if (word.startsWith("-")) return ofMode("controller-manager", args);
  if (word === "completion") return completion(rest);
  const mode = MODE_NAMES.find((name) => name === word);
  if (mode !== undefined) return ofMode(mode, rest);
  throw unknown("mode", word, MODE_WORDS);
}

/** `help MODE` is `MODE --help`. */
function helpFor([word]: readonly string[]): Invocation {
  if (word === undefined) return { do: "help" };
  const about = HELP_WORDS.find((name) => name === word);
  if (about !== undefined) return { do: "help", about };
  throw unknown("mode", word, HELP_WORDS);
}

function version(args: readonly string[]): Invocation {
  if (asksForHelp(args)) return { do: "help", about: "version" };
  const [word] = args;
  if (word === undefined) return { do: "version" };
  throw new InvalidInput(`Unexpected argument "${word}": version takes none`);
}

function completion(args: readonly string[]): Invocation {
  if (asksForHelp(args)) return { do: "help", about: "completion" };
  const [word = "", ...more] = args;
  const shell = SHELLS.find((name) => name === word);
  if (shell !== undefined && more.length === 0) return { do: "complete", shell };
  throw unknown("shell", [word, ...more].join(" "), SHELLS);
}

function unknown(what: string, word: string, words: readonly string[]): InvalidInput {
  const meant = nearest(word, words);
  const hint = meant === undefined
    ? `expected one of ${words.join(", ")}`
    : `did you mean ${meant}?`;
  return new InvalidInput(`Unknown ${what} "${word}": ${hint}`);
}

function ofMode(mode: ModeName, args: readonly string[]): Invocation {
  return asksForHelp(args) ? { do: "help", about: mode } : { do: "run", mode, args };
}
