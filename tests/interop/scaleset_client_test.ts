/**
 * GitHub's own client of the scale-set protocol, in Go, against the simulated GitHub: what it can do there it can do at
 * GitHub, and the other way round. Wants `go` and leave to run it (`deno task test:interop`); skipped without.
 */
import assert from "node:assert/strict";
import { runOnlyGitHub } from "../../modes/dev/only_github.ts";
import { devFlags } from "../../modes/dev/options.ts";
import { parseFlags } from "../../lib/flags.ts";
import { systemClock } from "../../lib/clock.ts";
import { seededRandom } from "../../lib/random.ts";
import { startGitHubSim } from "../../sim/github/server.ts";
import { overSockets } from "../../sim/github/serving.ts";
import { serveLoopback } from "../../sim/loopback.ts";
import { Sink } from "../modes/sink.ts";
import { serveJobs } from "./foreign_listener.ts";

const FOLDER = new URL("scaleset/", import.meta.url);

/** Without leave to run programs there is nothing to say: that is the run of `deno task test`. */
const mayRun = Deno.permissions.querySync({ name: "run", command: "go" }).state === "granted";
const missing = mayRun ? whyNoGo() : "";

/** Reads `go.mod` alone, so that a Go that is too old is told from a client that does not build: that is a failure. */
function whyNoGo(): string {
  try {
    const { success, stderr } = new Deno.Command("go", { args: ["list", "-m"], cwd: FOLDER })
      .outputSync();
    return success ? "" : new TextDecoder().decode(stderr).trim().slice(0, 300);
  } catch (thrown) {
    return thrown instanceof Deno.errors.NotFound ? "there is no program go" : String(thrown);
  }
}

/** What the client claims; fails naming the first claim that does not hold. */
async function claims(configUrl: string): Promise<readonly string[]> {
  const { success, stdout, stderr } = await new Deno.Command("go", {
    args: ["run", ".", configUrl],
    cwd: FOLDER,
    env: { NO_PROXY: "127.0.0.1" },
  }).output();
  const said = new TextDecoder().decode(stdout);
  assert.ok(success, `${said}${new TextDecoder().decode(stderr)}`);
  return said.trim().split("\n");
}

function interop(claim: string, fn: () => Promise<void>): void {
  if (!mayRun) return;
  if (missing === "") Deno.test(claim, fn);
  else Deno.test({ name: `${claim}: skipped, ${missing}`, ignore: true, fn });
}

interop("GitHub's Go client works against `dev --only github`", async () => {
  const stopping = new AbortController();
  const out = new Sink();
  const { config } = parseFlags(devFlags, {
    args: ["--only", "github", "--listen", "127.0.0.1:0"],
  });
  const ended = runOnlyGitHub(config, { signal: stopping.signal, out });
  try {
    const [url = ""] = /http:\/\/[\d.:]+/.exec(out.text) ?? [];
    for (const scope of ["my-org", "my-org/widgets"]) {
      assert.ok((await claims(`${url}/${scope}`)).length > 30, scope);
    }
  } finally {
    stopping.abort(new Error("Ctrl-C"));
    assert.equal(await ended, 0);
  }
});

interop(
  "GitHub's Go client works against the pipelines back end, where it acquires jobs",
  async () => {
    const opened = Promise.withResolvers<(request: Request) => Promise<Response>>();
    const server = serveLoopback(
      overSockets(async (request) => await (await opened.promise)(request)),
    );
    const github = startGitHubSim({
      clock: systemClock,
      random: seededRandom(1),
      baseUrl: server.origin,
      settings: { backend: "pipelines", serviceUrl: "no-slash", queueTokenLifetimeMs: 2_000 },
    });
    opened.resolve(github.handle);
    try {
      assert.ok((await claims(`${server.origin}/enterprises/acme`)).length > 30);
      assert.ok(github.calls.acquirejobs > 0);
    } finally {
      await github.stop();
      await server.stop();
    }
  },
);

interop(
  "GitHub's own message loop, with the patches and the configuration of ARC since 0.9, works under our controller",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/ghalistener`;
      const { success, stderr } = await new Deno.Command("go", {
        args: ["build", "-o", path, "./ghalistener"],
        cwd: FOLDER,
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      await serveJobs({ path, document: (text) => text });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
