/**
 * Clients of the scale-set protocol written in Go, as programs that are told where a GitHub is and print what they claim
 * of it. Knows how they are run and what they are run against, not what they claim.
 */
import assert from "node:assert/strict";
import { parseFlags } from "../../lib/flags.ts";
import { systemClock } from "../../lib/clock.ts";
import { seededRandom } from "../../lib/random.ts";
import { runOnlyGitHub } from "../../modes/dev/only_github.ts";
import { devFlags } from "../../modes/dev/options.ts";
import { type GitHubSim, startGitHubSim } from "../../sim/github/server.ts";
import { overSockets } from "../../sim/github/serving.ts";
import type { GitHubSimSettings } from "../../sim/github/settings.ts";
import { serveLoopback } from "../../sim/loopback.ts";
import { Sink } from "../modes/sink.ts";

/** A main package below the folder of a Go module. */
export interface GoProgram {
  readonly folder: URL;
  /** E.g. "./client". */
  readonly package: string;
}

/** Registers a test that wants Go; without leave to run it there is none: that is the run of `deno task test`. */
export function goTest(claim: string, folder: URL, fn: () => Promise<void>): void {
  if (Deno.permissions.querySync({ name: "run", command: "go" }).state !== "granted") return;
  const missing = whyNoGo(folder);
  if (missing === "") Deno.test(claim, fn);
  else Deno.test({ name: `${claim}: skipped, ${missing}`, ignore: true, fn });
}

/** Reads `go.mod` alone, so that a Go that is too old is told from a client that does not build: that is a failure. */
function whyNoGo(folder: URL): string {
  try {
    const { success, stderr } = new Deno.Command("go", { args: ["list", "-m"], cwd: folder })
      .outputSync();
    return success ? "" : new TextDecoder().decode(stderr).trim().slice(0, 300);
  } catch (thrown) {
    return thrown instanceof Deno.errors.NotFound ? "there is no program go" : String(thrown);
  }
}

/** What the client claims; fails naming the first claim that does not hold. */
export async function claims(program: GoProgram, configUrl: string): Promise<readonly string[]> {
  const { success, stdout, stderr } = await new Deno.Command("go", {
    args: ["run", program.package, configUrl],
    cwd: program.folder,
    env: { NO_PROXY: "127.0.0.1" },
  }).output();
  const said = new TextDecoder().decode(stdout);
  assert.ok(success, `${said}${new TextDecoder().decode(stderr)}`);
  return said.trim().split("\n");
}

/** Calls `act` with the address of `dev --only github`, as it is started by hand. */
export async function againstOnlyGitHub(act: (url: string) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const out = new Sink();
  const { config } = parseFlags(devFlags, {
    args: ["--only", "github", "--listen", "127.0.0.1:0"],
  });
  const ended = runOnlyGitHub(config, { signal: stopping.signal, out });
  try {
    const [url = ""] = /http:\/\/[\d.:]+/.exec(out.text) ?? [];
    await act(url);
  } finally {
    stopping.abort(new Error("Ctrl-C"));
    assert.equal(await ended, 0);
  }
}

/** Calls `act` with the address of a simulated GitHub that plays the pipelines back end, and with that GitHub. */
export async function againstPipelines(
  settings: Partial<GitHubSimSettings>,
  act: (url: string, github: GitHubSim) => Promise<void>,
): Promise<void> {
  const opened = Promise.withResolvers<(request: Request) => Promise<Response>>();
  const server = serveLoopback(
    overSockets(async (request) => await (await opened.promise)(request)),
  );
  const github = startGitHubSim({
    clock: systemClock,
    random: seededRandom(1),
    baseUrl: server.origin,
    settings: { ...settings, backend: "pipelines" },
  });
  opened.resolve(github.handle);
  try {
    await act(server.origin, github);
  } finally {
    await github.stop();
    await server.stop();
  }
}
