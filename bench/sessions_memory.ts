/**
 * How much memory many message sessions take in one process, to prepare listeners that share one. Run it with
 * `deno run -A bench/sessions_memory.ts [COUNT…]`; it prints a table for `docs/memory.md`. It starts itself once more as the
 * process that listens, so that the simulated GitHub does not count.
 */
import { parseListenerConfig } from "../crds/listener_config.ts";
import { parseConfigUrl } from "../github/config_url.ts";
import { parseCredential } from "../github/credentials.ts";
import { overrideHosts } from "../github/hosts.ts";
import { type ActionsService, createActionsService } from "../github/service.ts";
import type { KubeClient } from "../kube/client.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/log.ts";
import { silentMetrics } from "../lib/metrics.ts";
import { systemRandom } from "../lib/random.ts";
import { startListener } from "../listener/start.ts";
import { startGitHubSim } from "../sim/github/server.ts";
import { serveLoopback } from "../sim/loopback.ts";
import { V8_FLAGS } from "../tools/compile/profiles.ts";
import { allProcesses, costOf } from "./processes.ts";
import { writeLine } from "./lines.ts";
import { table } from "./table.ts";

const COUNTS = [1, 100];
const CONFIG_URL = "https://github.com/acme";
const TOKEN = "ghp_example";
/** Long enough for a full round of polls that come back empty. */
const POLL_MS = 5_000;
const SETTLE_MS = 20_000;
const GROUP = 1;

async function main(args: readonly string[]): Promise<void> {
  const [word = "", url = "", count = ""] = args;
  if (word === "listen") return await listen(url, Number(count));
  const counts = args.length === 0 ? COUNTS : args.map(Number);
  const rows = [];
  for (const sessions of counts) rows.push([String(sessions), String(await residentOf(sessions))]);
  writeLine(table(["sessions in one process", "resident, MiB"], rows));
}

/** Of the listening process alone, in MiB. */
async function residentOf(count: number): Promise<number> {
  const opened = Promise.withResolvers<ReturnType<typeof startGitHubSim>>();
  const server = serveLoopback(async (request) => (await opened.promise).handle(request));
  const github = startGitHubSim({
    clock: systemClock,
    random: systemRandom,
    baseUrl: server.origin,
    settings: { pollHoldMs: POLL_MS },
  });
  opened.resolve(github);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      V8_FLAGS,
      import.meta.url,
      "listen",
      server.origin,
      String(count),
    ],
    stdin: "null",
    stdout: "null",
  }).spawn();
  try {
    const held = () => github.control.state().scaleSets.filter(({ session }) => session).length;
    while (held() < count) await systemClock.sleep(200);
    await systemClock.sleep(SETTLE_MS);
    return Math.round(costOf([child.pid], allProcesses()).residentMiB);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    const hungUp = server.stop();
    await github.stop();
    await hungUp;
  }
}

/** So many listeners in this process, each with a service of its own, as pods have. */
async function listen(url: string, count: number): Promise<void> {
  const forever = new AbortController().signal;
  await Promise.all(Array.from({ length: count }, async (_, at) => {
    const service = serviceAt(url);
    const name = `set-${at}`;
    const set = await service.createScaleSet({ name, runnerGroupId: GROUP, labels: [name] });
    if (typeof set === "string") throw new Error(`Scale set ${name}: ${set}`);
    const document = parseListenerConfig(JSON.stringify({
      configure_url: CONFIG_URL,
      github_token: TOKEN,
      ephemeral_runner_set_namespace: "runners",
      ephemeral_runner_set_name: name,
      runner_scale_set_id: set.id,
      runner_scale_set_name: name,
      min_runners: 0,
      max_runners: 10,
      log_level: "warn",
      log_format: "text",
    }));
    await startListener({
      document,
      kube: { patch: () => Promise.resolve({}) } as unknown as KubeClient,
      service,
      metrics: silentMetrics,
      owner: name,
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
    }, forever);
  }));
}

function serviceAt(url: string): ActionsService {
  return createActionsService({
    config: parseConfigUrl(CONFIG_URL),
    credential: parseCredential({ github_token: TOKEN }),
    fetch: overrideHosts((request) => fetch(request), new Map([["github.com", url]])),
    clock: systemClock,
    random: systemRandom,
    userAgent: { system: "longshore", version: "bench", commitSha: "", subsystem: "ghalistener" },
    log: silentLogger,
  });
}

if (import.meta.main) await main(Deno.args);
