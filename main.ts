/**
 * The program: from arguments and environment to a mode with its config, to a worker in its sandbox, to an exit code. The
 * only file that knows the process; it makes no request itself.
 */
import process from "node:process";
import { BUILD } from "./lib/build.ts";
import { InvalidInput } from "./lib/errors.ts";
import { helpText } from "./lib/flag_help.ts";
import { parseFlags } from "./lib/flags.ts";
import { PROXY_VARIABLES, proxyVariables } from "./lib/proxy.ts";
import { CERTIFICATE_FILE, CERTIFICATE_STORE, certificateStore } from "./modes/certificate_file.ts";
import { completionScript } from "./modes/completion.ts";
import {
  type Invocation,
  invocation,
  type ModeName,
  type OtherWord,
  SHELLS,
} from "./modes/invocation.ts";
import { environmentOf, WINDOWS_HOME } from "./modes/environment.ts";
import { type Mode, MODES, type WordsRow } from "./modes/mode.ts";
import { type TextSink, writeLine } from "./modes/output.ts";
import { giveUp, type Power } from "./modes/powers.ts";
import { startMode } from "./modes/start.ts";

const PROGRAM = BUILD.product;
const EXIT_INVALID = 2;
const EXIT_BROKEN = 70;
const EXIT_FORCED = 130;
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** What help is made of. */
type Helpful = Pick<Mode<unknown>, "flags" | "summary" | "examples"> & {
  readonly words?: Pick<WordsRow<unknown>, "usage">;
};

/** What the words that do no work say of themselves, as modes do. */
const OTHERS: Readonly<Record<OtherWord, Helpful>> = {
  completion: {
    flags: {},
    words: { usage: SHELLS.join("|") },
    summary: `Print the completion of a shell: ${SHELLS.join(", ")}.`,
    examples: [
      { does: "In this bash", command: `source <(${PROGRAM} completion bash)` },
      {
        does: "In every fish",
        command: `${PROGRAM} completion fish > ~/.config/fish/completions/${PROGRAM}.fish`,
      },
    ],
  },
  version: {
    flags: {},
    summary: "Print the version.",
    examples: [{ does: "Version, commit and runtime", command: `${PROGRAM} version` }],
  },
};

/** The process as it was called, and where it speaks. */
export interface ProcessCall {
  readonly args: readonly string[];
  /** argv[0] as called: links to the program have a meaning. */
  readonly programPath: string;
  readonly env: Readonly<Record<string, string>>;
  readonly out: TextSink;
  readonly err: TextSink;
  /** Takes permissions of this thread away for good. Absent: nothing is taken away, as a test wants it. */
  readonly giveUp?: (powers: readonly Power[]) => void;
}

if (import.meta.main) {
  Deno.exit(
    await main({
      args: Deno.args,
      programPath: process.argv0,
      env: environmentOf((name) => Deno.env.get(name)),
      out: Deno.stdout,
      err: Deno.stderr,
      giveUp,
    }),
  );
}

/** Returns the exit code: that of the mode, or 2 with one line on standard error for what cannot be meant. */
export async function main(call: ProcessCall): Promise<number> {
  try {
    return await carryOut(invocation(call.args, call), call);
  } catch (thrown) {
    if (thrown instanceof InvalidInput) {
      writeLine(call.err, thrown.message);
      return EXIT_INVALID;
    }
    writeLine(call.err, thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown));
    return EXIT_BROKEN;
  }
}

async function carryOut(wanted: Invocation, call: ProcessCall): Promise<number> {
  switch (wanted.do) {
    case "version":
      writeLine(
        call.out,
        `${PROGRAM} ${BUILD.version} (commit ${BUILD.commit}, Deno ${Deno.version.deno})`,
      );
      return 0;
    case "help":
      writeLine(call.out, wanted.about === undefined ? overview() : helpOf(wanted.about));
      return 0;
    case "complete":
      writeLine(call.out, completionScript(wanted.shell));
      return 0;
    case "run":
      return await run(wanted, call);
    default:
      return wanted satisfies never;
  }
}

async function run(
  wanted: Extract<Invocation, { do: "run" }>,
  call: ProcessCall,
): Promise<number> {
  const { mode: name, args } = wanted;
  const { env, out, err } = call;
  const mode = MODES[name] as Mode<unknown>;
  const parsed = parseFlags(mode.flags, {
    args,
    env: withUsualNames(env),
    ...(mode.words && { maxRest: Infinity }),
    ...(mode.ignored === undefined ? {} : { ignored: mode.ignored }),
  });
  const config = { ...parsed.config as object, ...mode.words?.read(parsed.rest) as object };
  warnOfIgnored(parsed.ignored, err);
  mode.check?.(config);
  const isOutside = mode.cluster?.(config) !== undefined;
  trustCertificateFile(call);
  if (name === "dev" && !isOutside) bypassProxyOnLoopback();
  else if (!isOutside) hideProxies();
  const stopping = new AbortController();
  const killed = new AbortController();
  const onSignal = () => {
    if (stopping.signal.aborted) {
      killed.abort(new DOMException("The process was asked to stop twice", "AbortError"));
      Deno.exit(EXIT_FORCED);
    }
    stopping.abort(new DOMException("The process was asked to stop", "AbortError"));
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, onSignal);
  try {
    return await startMode({
      mode: name,
      config,
      signal: stopping.signal,
      killed: killed.signal,
      out,
      err,
      giveUp: call.giveUp ?? (() => {}),
    });
  } finally {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, onSignal);
  }
}

/** ARC's charts and manifests pass them: they must not stop us, and nobody should believe that they do anything. */
function warnOfIgnored(flags: readonly string[], err: TextSink): void {
  if (flags.length === 0) return;
  const [are, have] = flags.length === 1 ? ["is", "has"] : ["are", "have"];
  writeLine(
    err,
    `Warning: ${flags.join(", ")} ${are} accepted for ARC's sake and ${have} no meaning here`,
  );
}

/** What the tables of flags know under one name, whichever way the environment spells it. */
function withUsualNames(env: ProcessCall["env"]): ProcessCall["env"] {
  const { http_proxy, https_proxy, no_proxy } = proxyVariables(env);
  const home = env.HOME || env[WINDOWS_HOME] || "";
  return {
    ...env,
    HOME: home,
    HTTP_PROXY: http_proxy,
    HTTPS_PROXY: https_proxy,
    NO_PROXY: no_proxy,
  };
}

/**
 * In a pod the platform must not choose proxies by itself: it would ask them for the cluster's own API server, and for
 * what a runner set wants reached directly.
 */
function hideProxies(): void {
  for (const variable of PROXY_VARIABLES) Deno.env.delete(variable);
}

/** A file that cannot be read is said and passed over: the platform would refuse every connection. */
function trustCertificateFile({ env, err }: ProcessCall): void {
  const store = certificateStore(env, (path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      writeLine(err, `Warning: ${CERTIFICATE_FILE} names ${path}, which cannot be read`);
      return false;
    }
  });
  if (store !== undefined) Deno.env.set(CERTIFICATE_STORE, store);
}

/** The simulated world listens on this machine: a proxy of the environment would not find it. */
function bypassProxyOnLoopback(): void {
  const proxies = PROXY_VARIABLES.filter((variable) => !/^no_proxy$/i.test(variable));
  if (proxies.every((variable) => !Deno.env.get(variable))) return;
  const names = [Deno.env.get("NO_PROXY") ?? Deno.env.get("no_proxy"), "127.0.0.1"];
  const text = names.filter((word) => word).join(",");
  for (const variable of ["NO_PROXY", "no_proxy"]) Deno.env.set(variable, text);
}

function overview(): string {
  const rows = Object.entries({ ...MODES, ...OTHERS }).map(([name, { summary }]) =>
    [name, summary] as const
  );
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return [
    "Self-hosted GitHub Actions runners on Kubernetes, as many as there are jobs.",
    "",
    `Usage: ${PROGRAM} MODE [flags]`,
    "",
    "Modes:",
    ...rows.map(([name, summary]) => `  ${name.padEnd(width)}${summary}`),
    "",
    `${PROGRAM} MODE --help tells the flags of a mode, with examples.`,
  ].join("\n");
}

function helpOf(name: ModeName | OtherWord): string {
  const { flags, summary, examples, words } = { ...MODES, ...OTHERS }[name] as Helpful;
  const hint = Object.keys(flags).length > 0 ? "[flags]" : "";
  const usage = [PROGRAM, name, words?.usage, hint].filter((word) => word).join(" ");
  return helpText(flags, { usage, summary, examples });
}
