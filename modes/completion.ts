/** Completion of the command line for three shells, written from the tables of modes and flags. Pure. */
import { BUILD } from "../lib/build.ts";
import { type AnyFlagRow, flagRows } from "../lib/flags.ts";
import { MODE_WORDS, type ModeName, type Shell, SHELLS } from "./invocation.ts";
import { type Mode, MODES } from "./mode.ts";

const PROGRAM = BUILD.product;

/** What one mode offers to a shell. */
interface Offer {
  readonly name: ModeName;
  readonly summary: string;
  /** What may follow the mode word besides flags. */
  readonly words: readonly string[];
  readonly flags: readonly FlagOffer[];
}

interface FlagOffer {
  /** With its dashes, the longer first. */
  readonly names: readonly string[];
  readonly help: string;
  readonly takesValue: boolean;
  /** The only values there are; empty where anything may be said. */
  readonly values: readonly string[];
  readonly takesFile: boolean;
}

/** The whole script, without a line break at its end. It is to be sourced by the shell. */
export function completionScript(shell: Shell): string {
  const offers = Object.entries(MODES).map(([name, mode]) =>
    offerOf(name as ModeName, mode as Mode<unknown>)
  );
  switch (shell) {
    case "bash":
      return bashScript(offers);
    case "zsh":
      return zshScript(offers);
    case "fish":
      return fishScript(offers);
    default:
      return shell satisfies never;
  }
}

function offerOf(name: ModeName, { flags, summary, words }: Mode<unknown>): Offer {
  const shown = flagRows(flags).map(([, row]) => row).filter(({ hidden }) => !hidden);
  const help: FlagOffer = {
    names: ["--help"],
    help: "Print the flags of the mode.",
    takesValue: false,
    values: [],
    takesFile: false,
  };
  return { name, summary, words: words?.first ?? [], flags: [...shown.map(flagOffer), help] };
}

function flagOffer(row: AnyFlagRow): FlagOffer {
  const { flag, alias, parser, help } = row;
  const placeholder = row.placeholder ?? parser.placeholder;
  const isChoice = /^[a-z0-9-]+(\|[a-z0-9-]+)+$/.test(placeholder);
  return {
    names: alias === undefined ? [flag] : [flag, alias],
    help,
    takesValue: parser.alone === undefined,
    values: isChoice && parser.alone === undefined ? placeholder.split("|") : [],
    takesFile: /^(FILE|PATH)$/.test(placeholder),
  };
}

function bashScript(offers: readonly Offer[]): string {
  const cases = offers.flatMap(({ name, words, flags }) => [
    `    ${name})`,
    '      case "$prev" in',
    ...flags.filter(({ takesValue }) => takesValue).map(({ names, values, takesFile }) =>
      `        ${names.join("|")}) COMPREPLY=($(compgen ${
        takesFile ? "-f" : `-W ${quoted(values.join(" "))}`
      } -- "$cur")); return ;;`
    ),
    "      esac",
    `      COMPREPLY=($(compgen -W ${
      quoted([...words, ...flags.flatMap(({ names }) => names)].join(" "))
    } -- "$cur"))`,
    "      ;;",
  ]);
  return [
    `# Completion of ${PROGRAM} for bash: source it, or put it where bash-completion looks.`,
    `_${PROGRAM}() {`,
    '  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}"',
    "  COMPREPLY=()",
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W ${quoted(MODE_WORDS.join(" "))} -- "$cur"))`,
    "    return",
    "  fi",
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    `    completion) COMPREPLY=($(compgen -W ${quoted(SHELLS.join(" "))} -- "$cur")) ;;`,
    `    help) COMPREPLY=($(compgen -W ${
      quoted(MODE_WORDS.filter((word) => word !== "help").join(" "))
    } -- "$cur")) ;;`,
    "  esac",
    "}",
    `complete -F _${PROGRAM} ${PROGRAM}`,
  ].join("\n");
}

function zshScript(offers: readonly Offer[]): string {
  const modes = [
    ...offers.map(({ name, summary }) => [name, summary] as const),
    ["completion", "Print the completion of a shell."] as const,
    ["version", "Print the version."] as const,
  ];
  const cases = offers.flatMap(({ name, words, flags }) => [
    `    ${name})`,
    "      _arguments -s \\",
    ...flags.flatMap((flag) =>
      flag.names.map((spelling) => `        ${quoted(zshSpec(spelling, flag))} \\`)
    ),
    `        ${quoted(`*:argument:${words.length > 0 ? `(${words.join(" ")})` : "_default"}`)}`,
    "      ;;",
  ]);
  return [
    `#compdef ${PROGRAM}`,
    `# Completion of ${PROGRAM} for zsh: source it, or put it into a folder of fpath as _${PROGRAM}.`,
    `_${PROGRAM}() {`,
    "  local -a modes",
    "  modes=(",
    ...modes.map(([name, summary]) => `    ${quoted(`${name}:${summary}`)}`),
    "  )",
    "  if (( CURRENT == 2 )); then",
    "    _describe mode modes",
    "    return",
    "  fi",
    '  local mode="${words[2]}"',
    "  shift words",
    "  (( CURRENT-- ))",
    '  case "$mode" in',
    ...cases,
    `    completion) _values shell ${SHELLS.join(" ")} ;;`,
    "  esac",
    "}",
    `if [ "$funcstack[1]" = "_${PROGRAM}" ]; then _${PROGRAM} "$@"; else compdef _${PROGRAM} ${PROGRAM}; fi`,
  ].join("\n");
}

/** `--flag=[help]:value:(a b)`; brackets and colons have a meaning of their own. */
function zshSpec(spelling: string, { help, takesValue, values, takesFile }: FlagOffer): string {
  const words = help.replace(/[\[\]:\\]/g, "\\$&");
  const after = !takesValue
    ? ""
    : takesFile
    ? ":file:_files"
    : values.length > 0
    ? `:value:(${values.join(" ")})`
    : ":value: ";
  const equals = takesValue && spelling.startsWith("--") ? "=" : "";
  return `*${spelling}${equals}[${words}]${after}`;
}

function fishScript(offers: readonly Offer[]): string {
  const atMode = "__fish_use_subcommand";
  const lines = offers.flatMap(({ name, summary, words, flags }) => {
    const here = `__fish_seen_subcommand_from ${name}`;
    return [
      `complete -c ${PROGRAM} -f -n ${atMode} -a ${name} -d ${quoted(summary)}`,
      ...words.map((word) => `complete -c ${PROGRAM} -f -n ${quoted(here)} -a ${word}`),
      ...flags.map((flag) => `complete -c ${PROGRAM} -n ${quoted(here)} ${fishFlag(flag)}`),
    ];
  });
  return [
    `# Completion of ${PROGRAM} for fish: source it, or put it into ~/.config/fish/completions.`,
    ...lines,
    `complete -c ${PROGRAM} -f -n ${atMode} -a version -d 'Print the version.'`,
    `complete -c ${PROGRAM} -f -n ${atMode} -a completion -d 'Print the completion of a shell.'`,
    `complete -c ${PROGRAM} -f -n '__fish_seen_subcommand_from completion' -a ${
      quoted(SHELLS.join(" "))
    }`,
  ].join("\n");
}

function fishFlag({ names, help, takesValue, values, takesFile }: FlagOffer): string {
  const spellings = names.map((name) =>
    name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
  );
  return [
    ...spellings,
    ...(takesValue ? [takesFile ? "-r -F" : "-x"] : ["-f"]),
    ...(values.length > 0 ? [`-a ${quoted(values.join(" "))}`] : []),
    `-d ${quoted(help)}`,
  ].join(" ");
}

/** One word for any of the three shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
