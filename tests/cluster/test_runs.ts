/** Runs of `deno test` against a control plane: which files, with which rights, what they print. Knows no test. */
import { fileURLToPath } from "node:url";
import { PROGRAM_ENV } from "../chart/chart_test_case.ts";
import { CLUSTER_ENV } from "./supervisor.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** In this order, so that what takes longest does not come last. */
const SUITE = [
  "tests/cluster/faults",
  "tests/cluster/install",
  "tests/cluster",
  "tests/conformance/kube",
];
/** The closing line of `deno test`: left out, because the run's own says the same and both would be counted. */
const CLOSING = /^(?:ok|FAILED) \| \d+ passed/;

export interface Selection {
  /** Test files, relative to the repository. */
  readonly files: readonly string[];
  /** Everything else, for `deno test`. */
  readonly options: readonly string[];
}

/** What the arguments ask for: files and folders that exist are what is run, by default the whole suite. */
export async function selectTests(args: readonly string[]): Promise<Selection> {
  const found = await Promise.all(args.map(filesAt));
  const options = args.filter((_, index) => found[index] === undefined);
  const asked = options.length < args.length ? found : await Promise.all(SUITE.map(filesAt));
  return { files: [...new Set(asked.flatMap((files) => files ?? []))], options };
}

/** The test files at a path; `undefined` when nothing is there. */
async function filesAt(path: string): Promise<readonly string[] | undefined> {
  try {
    if ((await Deno.stat(`${ROOT}/${path}`)).isFile) return [path];
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
  const folder = path.replace(/\/+$/, "");
  const entries = await Array.fromAsync(Deno.readDir(`${ROOT}/${folder}`));
  const below = await Promise.all(
    entries.toSorted((a, b) => a.name.localeCompare(b.name))
      .filter(({ name, isDirectory }) => isDirectory || name.endsWith("_test.ts"))
      .map(({ name }) => filesAt(`${folder}/${name}`)),
  );
  return below.flatMap((files) => files ?? []);
}

export interface TestRun extends Selection {
  /** For {@link CLUSTER_ENV}. */
  readonly invitation: string;
  /** Path of helm, or {@link ABSENT}. */
  readonly helm: string;
  /** What tests may start besides Deno and a shell. */
  readonly programs: readonly string[];
  /** Takes each line, but the closing one. */
  readonly print: (line: string) => void;
  /** Kills the run. */
  readonly signal: AbortSignal;
}

export interface TestRunResult {
  /** Exit code of `deno test`. */
  readonly code: number;
  readonly output: string;
}

/** Runs the files, one after the other. */
export async function runTests(run: TestRun): Promise<TestRunResult> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--allow-net=127.0.0.1",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      `--allow-run=${[Deno.execPath(), "sh", run.helm, ...run.programs].join(",")}`,
      ...run.options,
      ...run.files,
    ],
    cwd: ROOT,
    env: { [CLUSTER_ENV]: run.invitation, [PROGRAM_ENV.helm]: run.helm, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: run.signal,
  }).spawn();
  let output = "";
  const take = async (stream: ReadableStream<Uint8Array>) => {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      output += text;
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (!CLOSING.test(line)) run.print(line);
    }
    if (rest !== "") run.print(rest);
  };
  const [{ code }] = await Promise.all([child.status, take(child.stdout), take(child.stderr)]);
  return { code, output };
}
