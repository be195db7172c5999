/**
 * `longshore dev --only github`: the simulated GitHub alone, on real HTTP, for whoever else speaks the protocol. Knows how
 * it is served and what a person needs to be told; GitHub itself is `sim/github/`.
 */
import { systemClock } from "../../lib/clock.ts";
import { InvalidInput } from "../../lib/errors.ts";
import { formatListenAddress, type ListenAddress } from "../../lib/listen_address.ts";
import { seededRandom, systemRandom } from "../../lib/random.ts";
import { playChaos } from "../../sim/github/chaos.ts";
import { startGitHubSim } from "../../sim/github/server.ts";
import { overSockets } from "../../sim/github/serving.ts";
import { type TextSink, writeLine } from "../output.ts";
import type { DevConfig } from "./options.ts";

export interface OnlyGitHubRun {
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  readonly out: TextSink;
}

/** It takes any token of the right form, and orders from anybody: it stays on this machine. */
const DEFAULT_ADDRESS: ListenAddress = { host: "127.0.0.1", port: 8088 };
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|::1)$/;

/** Serves until `signal` aborts, then exit code 0. Throws {@link InvalidInput} when it cannot listen there. */
export async function runOnlyGitHub(config: DevConfig, run: OnlyGitHubRun): Promise<number> {
  const address = addressOf(config);
  const clock = systemClock;
  const seed = config.seed ?? Math.floor(systemRandom() * 2 ** 32);
  const random = seededRandom(seed);
  const opened = Promise.withResolvers<(request: Request) => Promise<Response>>();
  const hangUp = new AbortController();
  const server = listen(address, {
    signal: hangUp.signal,
    handle: overSockets(async (request) => await (await opened.promise)(request)),
  });
  const { hostname: host, port } = server.addr;
  const url = `http://${formatListenAddress({ host, port })}`;
  const settings = { userAgent: "any" } as const; // clients of all ages come here
  const github = startGitHubSim({ clock, random, baseUrl: url, settings });
  opened.resolve(github.handle);
  writeLine(run.out, welcome(url));
  if (config.chaos !== undefined) {
    writeLine(run.out, `Things go wrong at random until then. Seed: ${seed}`);
    const onMishap = (what: string) => writeLine(run.out, what);
    const { control } = github;
    await playChaos({ control, clock, random, forMs: Infinity, onMishap }, run.signal);
  }
  await aborted(run.signal);
  await github.stop();
  hangUp.abort();
  await server.finished;
  return 0;
}

function addressOf({ listen = DEFAULT_ADDRESS }: DevConfig): ListenAddress {
  if (listen !== "off" && LOOPBACK.test(listen.host)) return listen;
  throw new InvalidInput(
    `--listen is "${formatListenAddress(listen)}", expected an address of this machine alone, ` +
      `such as ${formatListenAddress(DEFAULT_ADDRESS)}: the simulated GitHub lets everybody in`,
  );
}

function listen(
  address: ListenAddress,
  options: {
    readonly signal: AbortSignal;
    readonly handle: (request: Request) => Promise<Response>;
  },
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({
      hostname: address.host,
      port: address.port,
      signal: options.signal,
      onListen: () => {},
      onError: () => Response.json({ message: "Internal error" }, { status: 500 }),
    }, options.handle);
  } catch (cause) {
    const why = cause instanceof Deno.errors.AddrInUse ? "it is in use" : String(cause);
    throw new InvalidInput(`Cannot listen on ${formatListenAddress(address)}: ${why}`, { cause });
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

function welcome(url: string): string {
  const json = "-H 'content-type: application/json'";
  return `\
A simulated GitHub listens on ${url} until Ctrl-C.
Point a client at it:
  config URL   ${url}/my-org   (any organization, owner/repository or enterprises/name)
  credentials  any token that begins with ghp_ or github_pat_, or a GitHub App with any RSA key
The charts of Longshore and of ARC take them as
  --set githubConfigUrl=${url}/my-org --set githubConfigSecret.github_token=ghp_anything
Its control API:
  curl ${url}/_sim/state
  curl ${url}/_sim/jobs ${json} -d '{"scaleSet":"NAME","count":5,"durationMs":10000}'
  curl ${url}/_sim/runners ${json} -d '{"jitConfig":"…"}'
  curl -X PUT ${url}/_sim/faults ${json} -d '[{"operation":"poll","effect":{"do":"drop"},"times":3}]'
  curl -X PUT ${url}/_sim/settings ${json} -d '{"pollHoldMs":5000}'`;
}
