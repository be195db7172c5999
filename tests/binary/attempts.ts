/**
 * What a program may try: each a name, and a function that does it. Knows what the platform calls a refusal; which attempts
 * must be refused where is the tests' business.
 */
import { Buffer } from "node:buffer";
import childProcess from "node:child_process";
import dns from "node:dns";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import process from "node:process";
import nodeWorkers from "node:worker_threads";
import { PATIENCE_MS } from "../patience.ts";

/** Where things are, as a test laid them out. */
export interface Places {
  /** A folder that the mode may read, with `probe.json` in it. */
  readonly folder: string;
  /** A file that it may not. */
  readonly otherFile: string;
  /** A path that nothing has written. */
  readonly target: string;
  /** A JavaScript module outside of the program. */
  readonly module: string;
  /** A file of JSON that it may not read. */
  readonly json: string;
  /** `host:port` of a server that it may reach. */
  readonly server: string;
  /** The same host, a server on another port. */
  readonly otherPort: string;
  /** Another host, the server on the same port. */
  readonly otherHost: string;
  /** A port that it may listen on, if any; and one that it may not. */
  readonly listen: number;
  readonly otherListen: number;
}

export interface Attempt {
  readonly name: string;
  try(places: Places): unknown;
}

/** What came of an attempt. `refused`: the permission was missing; `failed`: something else went wrong. */
export interface Outcome {
  readonly name: string;
  readonly outcome: "refused" | "done" | "failed";
  readonly said: string;
}

const METADATA = { hostname: "169.254.169.254", port: 80 };
const BY_NODE = "node:";

/** What needs to read files. */
export const FORBIDDEN_READS: readonly Attempt[] = [
  { name: "read another file", try: ({ otherFile }) => Deno.readTextFile(otherFile) },
  { name: "read the machine's accounts", try: () => Deno.readTextFile("/etc/passwd") },
  { name: "list the root folder", try: () => Array.from(Deno.readDirSync("/")) },
  { name: "look at another file", try: ({ otherFile }) => Deno.stat(otherFile) },
  { name: `${BY_NODE}fs reads another file`, try: ({ otherFile }) => fs.readFileSync(otherFile) },
  { name: "fetch a file: URL", try: ({ otherFile }) => fetch(`file://${otherFile}`) },
  {
    name: `${BY_NODE}module loads another file`,
    try: ({ module }) => createRequire("file:///x.js")(module),
  },
  { name: "a worker with more", try: ({ otherFile }) => inWorker({ read: true }, otherFile) },
  {
    name: "a worker with everything of its starter",
    try: ({ otherFile }) => inWorker("inherit", otherFile),
  },
  { name: `${BY_NODE}worker_threads`, try: ({ otherFile }) => inNodeWorker(otherFile) },
];

/** What needs any other power, or is refused always. */
export const FORBIDDEN_POWERS: readonly Attempt[] = [
  { name: "read the environment", try: () => Deno.env.toObject() },
  { name: "read another variable", try: () => Deno.env.get("PROBE_SECRET") ?? none() },
  { name: `${BY_NODE}process reads a variable`, try: () => process.env.PROBE_SECRET ?? none() },
  { name: "set a variable", try: () => Deno.env.set("PROBE_SECRET", "x") },
  { name: "write a file", try: ({ target }) => Deno.writeTextFile(target, "x") },
  { name: "write where it may read", try: ({ folder }) => Deno.writeTextFile(`${folder}/x`, "x") },
  { name: "make a temporary file", try: () => Deno.makeTempFile() },
  { name: "remove a file", try: ({ otherFile }) => Deno.remove(otherFile) },
  { name: `${BY_NODE}fs writes a file`, try: ({ target }) => fs.writeFileSync(target, "x") },
  { name: "make a link", try: ({ folder, otherFile }) => Deno.symlink(otherFile, `${folder}/y`) },
  {
    name: "start a program",
    try: () => new Deno.Command("/bin/sh", { args: ["-c", "true"] }).output(),
  },
  { name: `${BY_NODE}child_process starts a program`, try: spawned },
  { name: "signal a process", try: () => Deno.kill(Deno.pid, "SIGCONT") },
  { name: "load a native library", try: () => Deno.dlopen("/lib/x86_64-linux-gnu/libc.so.6", {}) },
  { name: `${BY_NODE}module loads a native library`, try: () => nativeModule() },
  { name: "load code from the network", try: ({ server }) => import(`http://${server}/x.js`) },
  { name: "ask what machine this is", try: () => Deno.hostname() },
  { name: `${BY_NODE}os asks what machine this is`, try: () => os.hostname() },
  { name: "ask for its networks", try: () => Deno.networkInterfaces() },
  { name: "ask for more", try: askForMore },
  { name: "connect to the cloud's metadata", try: () => connected(METADATA) },
  { name: "fetch the cloud's metadata", try: () => fetched(`http://${METADATA.hostname}/`) },
  { name: "fetch the cloud's metadata as a number", try: () => fetched("http://2852039166/") },
];

/** For every mode. */
export const FORBIDDEN: readonly Attempt[] = [...FORBIDDEN_READS, ...FORBIDDEN_POWERS];

/** What ought to be forbidden and is not: `docs/security.md` says so. Another Deno may refuse it; then the page changes. */
export const GAPS: readonly Attempt[] = [
  { name: "load code from another file", try: ({ module }) => import(`file://${module}`) },
  {
    name: "read a file of JSON as a module",
    try: ({ json }) => import(`file://${json}`, { with: { type: "json" } }),
  },
];

/** What looks like such a gap, and is none. */
export const NO_GAPS: readonly Attempt[] = [
  {
    name: "read a file of text as a module",
    try: ({ otherFile }) => import(`file://${otherFile}`, { with: { type: "text" } }),
  },
  {
    name: "read a file of bytes as a module",
    try: ({ otherFile }) => import(`file://${otherFile}`, { with: { type: "bytes" } }),
  },
  {
    name: "keep something in a cache on disk",
    try: async () => await (await caches.open("probe")).put("http://probe/", new Response("x")),
  },
  { name: "keep something in a database", try: () => localStorage.setItem("probe", "x") },
  {
    name: "listen on a path",
    try: ({ target }) => Deno.listen({ transport: "unix", path: target }),
  },
];

/** For modes whose hosts are named. */
export const FORBIDDEN_HOSTS: readonly Attempt[] = [
  { name: "connect to another port", try: ({ otherPort }) => connected(address(otherPort)) },
  { name: "connect to another host", try: ({ otherHost }) => connected(address(otherHost)) },
  { name: "fetch from another port", try: ({ otherPort }) => fetched(`http://${otherPort}/`) },
  { name: "fetch from another host", try: ({ otherHost }) => fetched(`http://${otherHost}/`) },
  {
    name: "a redirect to another port",
    try: ({ server }) => fetched(`http://${server}/elsewhere`),
  },
  {
    name: "a WebSocket to another port",
    try: ({ otherPort }) => new WebSocket(`ws://${otherPort}/`),
  },
  { name: "a proxy on another port", try: proxied },
  {
    name: `${BY_NODE}net connects to another port`,
    try: ({ otherPort }) => netConnected(otherPort),
  },
  {
    name: `${BY_NODE}http asks another port`,
    try: ({ otherPort }) => httpAsked(`http://${otherPort}/`),
  },
  { name: "resolve a name", try: () => Deno.resolveDns("example.com", "A") },
  { name: `${BY_NODE}dns resolves a name`, try: () => lookedUp("example.com") },
  {
    name: "the metadata address as one of IPv6",
    try: () => connected({ hostname: "::ffff:169.254.169.254", port: 80 }),
  },
  { name: "listen on another port", try: ({ otherListen }) => listened(otherListen) },
  {
    name: `${BY_NODE}http listens on another port`,
    try: ({ otherListen }) => httpListened(otherListen),
  },
];

export const ALLOWED: readonly Attempt[] = [
  { name: "read its own folder", try: ({ folder }) => Deno.readTextFile(`${folder}/probe.json`) },
  { name: "fetch from its server", try: ({ server }) => fetched(`http://${server}/`) },
  { name: "connect to its server", try: ({ server }) => connected(address(server)) },
];

export const ALLOWED_SERVING: readonly Attempt[] = [
  { name: "listen on its port", try: ({ listen }) => listened(listen) },
];

/** Tries all, one after the other. */
export async function outcomes(
  attempts: readonly Attempt[],
  places: Places,
): Promise<readonly Outcome[]> {
  const found: Outcome[] = [];
  for (const attempt of attempts) {
    found.push({ name: attempt.name, ...await outcomeOf(attempt, places) });
  }
  return found;
}

async function outcomeOf(attempt: Attempt, places: Places): Promise<Omit<Outcome, "name">> {
  try {
    const value = await attempt.try(places);
    closed(value);
    return { outcome: "done", said: "" };
  } catch (thrown) {
    return { outcome: isRefusal(thrown) ? "refused" : "failed", said: said(thrown) };
  }
}

function isRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  return /^(NotCapable|PermissionDenied)$/.test(thrown.name) ||
    /requires \w+ access|escalate parent thread permissions/i.test(said(thrown)) ||
    // A binary has no loader for it.
    /Module not found: http/.test(thrown.message) ||
    // What node:net makes of a refusal; the tests look at whether anybody came.
    /^connect ECONNREFUSED /.test(thrown.message) ||
    /^(EPERM|EACCES|ERR_ACCESS_DENIED)$/.test(String((thrown as { code?: unknown }).code));
}

function said(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return `${thrown.name}: ${thrown.message} ${
    thrown.cause instanceof Error ? thrown.cause.message : ""
  }`
    .slice(0, 200);
}

function closed(value: unknown): void {
  if (typeof value !== "object" || value === null || !("close" in value)) return;
  if (typeof value.close === "function") value.close();
}

/** A variable that is hidden is as good as one that may not be read. */
function none(): never {
  throw new Deno.errors.NotCapable("there is no such variable");
}

function address(text: string): { readonly hostname: string; readonly port: number } {
  const [hostname = "", port] = text.split(":");
  return { hostname, port: Number(port) };
}

function connected(
  to: { readonly hostname: string; readonly port: number },
): Promise<Deno.TcpConn> {
  return Deno.connect(to);
}

async function fetched(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  await response.body?.cancel();
}

async function proxied({ otherPort, server }: Places): Promise<void> {
  using client = Deno.createHttpClient({ proxy: { url: `http://${otherPort}` } });
  const response = await fetch(`http://${server}/`, { client });
  await response.body?.cancel();
}

function listened(port: number): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port });
}

function spawned(): void {
  const { error } = childProcess.spawnSync("/bin/sh", ["-c", "true"]);
  if (error) throw error;
}

function nativeModule(): void {
  const holder = { exports: {} };
  (process as unknown as { dlopen(module: unknown, path: string): void })
    .dlopen(holder, "/lib/x86_64-linux-gnu/libc.so.6");
}

async function askForMore(): Promise<void> {
  const { state } = await Deno.permissions.request({ name: "run" });
  if (state !== "granted") throw new Deno.errors.NotCapable(`run is ${state}`);
}

/** A worker made of text, which reads a file. */
function inWorker(read: Deno.PermissionOptions | { read: boolean }, path: string): Promise<void> {
  const code = `Deno.readTextFile(${JSON.stringify(path)})` +
    `.then(() => postMessage(""), (e) => postMessage(e.name + ": " + e.message));`;
  const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
  const permissions = read as Deno.PermissionOptions;
  const worker = new Worker(url, { type: "module", deno: { permissions } });
  return new Promise<void>((resolve, reject) => {
    worker.onmessage = ({ data }) =>
      data === "" ? resolve() : reject(new Deno.errors.NotCapable(data));
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
  }).finally(() => worker.terminate());
}

function inNodeWorker(path: string): Promise<void> {
  const code = `const { parentPort } = require("node:worker_threads");` +
    `try { require("node:fs").readFileSync(${
      JSON.stringify(path)
    }); parentPort.postMessage(""); }` +
    `catch (e) { parentPort.postMessage(e.name + ": " + e.message); }`;
  const worker = new nodeWorkers.Worker(code, { eval: true });
  return new Promise<void>((resolve, reject) => {
    worker.on(
      "message",
      (text) => text === "" ? resolve() : reject(new Deno.errors.NotCapable(text)),
    );
    worker.on("error", reject);
  }).finally(() => worker.terminate());
}

function netConnected(to: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = address(to);
    const socket = net.connect(port, hostname, () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", reject);
  });
}

function httpAsked(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.get(url, (response) => {
      response.resume();
      resolve();
    }).on("error", reject);
  });
}

function httpListened(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = http.createServer();
    server.on("error", reject);
    server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
  });
}

function lookedUp(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    dns.lookup(name, (error, found) => error ? reject(error) : resolve(found));
  });
}
