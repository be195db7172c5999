/**
 * A forward proxy on loopback, as companies have them: CONNECT for https, whole URLs for http, a user name and a password
 * if it wants them. Resolves no name: it is told where each host really is.
 */
import { LOOPBACK } from "./loopback.ts";

export interface ProxyOptions {
  /** Absent: everybody is let through. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** The port on loopback where `host:port` is served; `undefined`: nobody is there, the proxy answers 502. */
  readonly portOf: (target: string) => number | undefined;
}

/** What the proxy was asked, refused calls included. */
export interface ProxiedCall {
  readonly method: string;
  /** `host:port`. */
  readonly target: string;
  readonly status: number;
}

export interface ProxyServer {
  /** Scheme, host and port; no credentials. */
  readonly url: string;
  readonly calls: readonly ProxiedCall[];
  stop(): Promise<void>;
}

/** Longest head of a request, in bytes. */
const MAX_HEAD = 65_536;
const END_OF_HEAD = "\r\n\r\n";

/** Listens on a port that the system chooses. */
export function startProxy(options: ProxyOptions): ProxyServer {
  const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const calls: ProxiedCall[] = [];
  const open = new Set<Deno.TcpConn>();
  const serving = new Set<Promise<void>>();

  async function accept(): Promise<void> {
    for await (const connection of listener) {
      open.add(connection);
      const served = serve(connection).catch(() => {}).finally(() => {
        close(connection);
        serving.delete(served);
      });
      serving.add(served);
    }
  }

  function close(connection: Deno.TcpConn): void {
    if (!open.delete(connection)) return;
    try {
      connection.close();
    } catch {
      // closed by its other end
    }
  }

  async function serve(client: Deno.TcpConn): Promise<void> {
    const asked = await readHead(client);
    if (asked === undefined) return;
    const { method, target, head } = asked;
    const port = options.portOf(target);
    const status = !isAdmitted(head, options.credentials) ? 407 : port === undefined ? 502 : 200;
    calls.push({ method, target, status });
    if (status !== 200 || port === undefined) return await answer(client, status);
    const server = await Deno.connect({ hostname: LOOPBACK, port });
    open.add(server);
    try {
      if (method === "CONNECT") await answer(client, status);
      else await writeAll(server, withoutProxyHeaders(asked));
      await Promise.all([pump(client, server), pump(server, client)]);
    } finally {
      close(server);
    }
  }

  /** Until one side ends; then the other is told. */
  async function pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(16_384);
    try {
      for (;;) {
        const read = await from.read(buffer);
        if (read === null) break;
        await writeAll(to, buffer.subarray(0, read));
      }
    } catch {
      // the connection broke, which ends it as well
    }
    close(from);
    close(to);
  }

  const accepting = accept();
  return {
    url: `http://${LOOPBACK}:${listener.addr.port}`,
    calls,
    stop: async () => {
      listener.close();
      for (const connection of [...open]) close(connection);
      await accepting;
      await Promise.all(serving);
    },
  };
}

interface Asked {
  readonly method: string;
  readonly target: string;
  readonly head: string;
  /** What was read beyond the head. */
  readonly rest: Uint8Array;
}

async function readHead(client: Deno.TcpConn): Promise<Asked | undefined> {
  const buffer = new Uint8Array(MAX_HEAD);
  const latin = new TextDecoder("latin1");
  for (let size = 0; size < MAX_HEAD;) {
    const read = await client.read(buffer.subarray(size));
    if (read === null) return undefined;
    size += read;
    const text = latin.decode(buffer.subarray(0, size));
    const end = text.indexOf(END_OF_HEAD);
    if (end < 0) continue;
    const head = text.slice(0, end);
    const [method = "", address = ""] = head.split(" ", 2);
    const target = method === "CONNECT" ? address : targetOf(address);
    return { method, target, head, rest: buffer.slice(end + END_OF_HEAD.length, size) };
  }
  return undefined;
}

function targetOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url === undefined ? address : `${url.hostname}:${url.port || "80"}`;
}

function isAdmitted(head: string, wanted: ProxyOptions["credentials"]): boolean {
  if (wanted === undefined) return true;
  const given = /^proxy-authorization: *basic +(\S+) *$/im.exec(head)?.[1];
  return given === btoa(`${wanted.username}:${wanted.password}`);
}

/** The request as its server expects it: a path in place of the URL. One request a connection. */
function withoutProxyHeaders({ head, rest }: Asked): Uint8Array {
  const [first = "", ...headers] = head.split("\r\n");
  const line = first.replace(/^(\S+) https?:\/\/[^/ ]+/i, "$1 ");
  const kept = headers.filter((header) => !/^(proxy-|connection:)/i.test(header));
  const text = [line, ...kept, "connection: close"].join("\r\n") + END_OF_HEAD;
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const whole = new Uint8Array(bytes.length + rest.length);
  whole.set(bytes);
  whole.set(rest, bytes.length);
  return whole;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "Connection established",
  407: "Proxy Authentication Required",
  502: "Bad Gateway",
};

async function answer(client: Deno.TcpConn, status: number): Promise<void> {
  const more = status === 200
    ? ""
    : 'Proxy-Authenticate: Basic realm="proxy"\r\nContent-Length: 0\r\nConnection: close\r\n';
  const text = `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n${more}\r\n`;
  await writeAll(client, new TextEncoder().encode(text));
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}
