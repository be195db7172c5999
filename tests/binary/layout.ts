/** The ground on which a probe tries things: folders, files, servers, ports, and a plan that tells where they are. */
import { freePort } from "../cluster/processes.ts";
import type { Places } from "./attempts.ts";

export interface Layout extends AsyncDisposable {
  readonly places: Places;
  /** Path of the plan. */
  readonly plan: string;
  /** The server that the mode is told is its cluster's. */
  readonly kube: { readonly hostname: string; readonly port: number };
  /** How many connections the server on the other port has seen. */
  readonly otherCalls: () => number;
  /** What the probe has left behind. */
  traces(): Promise<readonly string[]>;
}

export interface LayoutOptions {
  /** Hosts that the probe asks for first. */
  readonly ask?: (places: Places) => readonly string[];
  /** `never`: it goes on although it was not stopped for what it asked. */
  readonly wait?: "never";
}

/** Servers are on two ports of 127.0.0.1; one of them is on 127.0.0.2 as well. */
export async function layOut(options: LayoutOptions = {}): Promise<Layout> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "longshore-probe-" }));
  const folder = `${root}/own`;
  await Deno.mkdir(folder);
  const other = countingServer();
  const elsewhere = `http://127.0.0.1:${other.port}/`;
  const answer = (request: Request) =>
    new URL(request.url).pathname === "/elsewhere"
      ? Response.redirect(elsewhere)
      : new Response("mine", { headers: { "content-type": "text/javascript" } });
  const own = Deno.serve({ hostname: "0.0.0.0", port: 0, onListen() {} }, answer);
  const places: Places = {
    folder,
    otherFile: `${root}/other.txt`,
    target: `${root}/written.txt`,
    module: `${root}/code.js`,
    json: `${root}/other.json`,
    server: `127.0.0.1:${own.addr.port}`,
    otherPort: `127.0.0.1:${other.port}`,
    otherHost: `127.0.0.2:${own.addr.port}`,
    listen: freePort(),
    otherListen: freePort(),
  };
  await Deno.writeTextFile(places.otherFile, "secret");
  await Deno.writeTextFile(places.module, "globalThis.probed = true; export {};");
  await Deno.writeTextFile(places.json, `{"secret":1}`);
  const plan = `${folder}/probe.json`;
  const { wait } = options;
  await Deno.writeTextFile(plan, JSON.stringify({ places, ask: options.ask?.(places), wait }));
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(document(places)));
  return {
    places,
    plan,
    kube: { hostname: "127.0.0.1", port: own.addr.port },
    otherCalls: other.calls,
    traces: async () => {
      const entries = [...await namesIn(root), ...await namesIn(folder)];
      return entries.filter((name) => !KNOWN.includes(name));
    },
    [Symbol.asyncDispose]: async () => {
      await other.close();
      await own.shutdown();
      await Deno.remove(root, { recursive: true });
    },
  };
}

const KNOWN = ["own", "other.txt", "other.json", "code.js", "probe.json", "config.json"];

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}

/** Answers whatever is said, and counts those who come. */
function countingServer() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let calls = 0;
  const serve = async () => {
    for await (const connection of listener) {
      calls++;
      const text = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
      await connection.write(new TextEncoder().encode(text)).catch(() => {});
      connection.close();
    }
  };
  const served = serve().catch(() => {});
  return {
    port: listener.addr.port,
    calls: () => calls,
    close: async () => {
      listener.close();
      await served;
    },
  };
}

/** As a controller writes it; its metrics are served on the port that may be listened on. */
function document(places: Places) {
  return {
    configure_url: "https://github.com/org",
    github_token: "ghp_x",
    ephemeral_runner_set_namespace: "arc-runners",
    ephemeral_runner_set_name: "linux",
    max_runners: 5,
    min_runners: 0,
    runner_scale_set_id: 1,
    runner_scale_set_name: "linux",
    server_root_ca: "",
    log_level: "info",
    log_format: "json",
    metrics_addr: `127.0.0.1:${places.listen}`,
    metrics_endpoint: "/metrics",
    metrics: null,
  };
}
