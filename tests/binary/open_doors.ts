/**
 * An installation on virtual time, behind sockets of this machine: a program in a process of its own looks at it while its
 * time stands still. Knows requests and addresses, not what is looked for.
 */
import { systemClock } from "../../lib/clock.ts";
import type { Fetch } from "../../lib/http.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { BrokenConnection } from "../../sim/github/played_faults.ts";
import { overSockets } from "../../sim/github/serving.ts";
import { serveLoopback } from "../../sim/loopback.ts";
import { loopbackIdentity } from "../../sim/tls.ts";
import type { Installation } from "../modes/installation.ts";
import { kubeconfigText } from "../modes/kubeconfig.ts";

/** Longer than any story: what it tells of lies in the past of the program's clock. */
const BEHIND_MS = 7_200_000;

/** The clock on which such an installation has to live. */
export function clockOfThePast(): VirtualClock {
  return new VirtualClock(new Date(systemClock.now().getTime() - BEHIND_MS).toISOString());
}

export interface OpenDoors extends AsyncDisposable {
  /** Of somebody who may do everything. */
  readonly kubeconfig: string;
  /** Value of `--github-hosts`. */
  readonly githubHosts: string;
}

export async function openDoors(installation: Installation): Promise<OpenDoors> {
  const { world, clock } = installation.stage;
  const folder = await Deno.makeTempDir({ prefix: "longshore-doors-" });
  const send: Fetch = (request) => world.fetch(request);
  const tls = await loopbackIdentity(systemClock.now());
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: each drives the clock. */
  const behind = (base: string, way: Fetch): Fetch => async (request) => {
    const moved = await movedTo(base, request);
    const turn = last.then(() => installation.finished(way(moved)));
    last = turn.catch(() => {});
    return inTime(await turn, clock.now());
  };
  const kube = serveLoopback(behind(world.kubeUrl, send), tls);
  const github = serveLoopback(
    overSockets(behind(world.githubUrl, (request) => {
      const way = installation.doctorsWay?.(send) ?? send;
      return way(request).catch(() => Promise.reject(new BrokenConnection()));
    })),
  );
  const kubeconfig = `${folder}/config`;
  const user = { token: world.api.tokenFor("admin") };
  await Deno.writeTextFile(
    kubeconfig,
    kubeconfigText({ server: kube.origin, ca: tls.ca, user }),
  );
  const hosts = ["github.com", new URL(world.githubUrl).host];
  return {
    kubeconfig,
    githubHosts: hosts.map((host) => `${host}=${github.origin}`).join(","),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([kube.stop(), github.stop()]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The same request to a server in memory, its body read whole. */
async function movedTo(base: string, request: Request): Promise<Request> {
  const { pathname, search } = new URL(request.url);
  const { method, headers } = request;
  const body = request.body === null ? null : await request.arrayBuffer();
  return new Request(`${base}${pathname}${search}`, { method, headers, body });
}

/** A server whose clock goes wrong by as much as the answer says, seen from this machine's time. */
function inTime(response: Response, now: Date): Response {
  const headers = new Headers(response.headers);
  const said = headers.get("date");
  if (said === null) return response;
  const aheadMs = Date.parse(said) - now.getTime();
  headers.set("date", new Date(systemClock.now().getTime() + aheadMs).toUTCString());
  return new Response(response.body, { status: response.status, headers });
}
