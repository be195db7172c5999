/** A way to the API server that can be cut, go silent or get slow. Knows bytes, not what they say. */
import { systemClock } from "../../../lib/clock.ts";
import { LOOPBACK } from "../../../sim/loopback.ts";

export interface TcpProxy extends AsyncDisposable {
  /** Base address in place of the API server's. */
  readonly server: string;
  /** Breaks all connections; new ones are taken, unless {@link TcpProxy.refuse} says otherwise. */
  cut(): void;
  /** Whether new connections are hung up at once. */
  refuse: "none" | "all";
  /** From now on nothing passes on the connections that exist, and nobody is told. New ones pass. */
  blackhole(): void;
  /** How long all bytes are held back, in ms. */
  delayMs: number;
  /** Connections taken so far. */
  readonly taken: number;
}

interface Pair {
  readonly ends: readonly Deno.TcpConn[];
  isSilent: boolean;
}

/** Listens on a port that the system chooses. */
export function startTcpProxy(target: string): TcpProxy {
  const port = Number(new URL(target).port);
  const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const pairs = new Set<Pair>();
  const tasks = new Set<Promise<void>>();
  let taken = 0;

  function close({ ends }: Pair): void {
    for (const end of ends) {
      try {
        end.close();
      } catch {
        // closed already
      }
    }
  }

  async function accept(): Promise<void> {
    for await (const client of listener) {
      if (proxy.refuse === "all") {
        client.close();
        continue;
      }
      taken++;
      const task = serve(client).catch(() => {}).finally(() => tasks.delete(task));
      tasks.add(task);
    }
  }

  async function serve(client: Deno.TcpConn): Promise<void> {
    let server: Deno.TcpConn;
    try {
      server = await Deno.connect({ hostname: LOOPBACK, port });
    } catch {
      return client.close();
    }
    const pair: Pair = { ends: [client, server], isSilent: false };
    pairs.add(pair);
    await Promise.all([pump(pair, client, server), pump(pair, server, client)]);
    pairs.delete(pair);
  }

  async function pump(pair: Pair, from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    let last = Promise.resolve();
    try {
      for (;;) {
        const read = await from.read(buffer);
        if (read === null) break;
        if (pair.isSilent) continue;
        const bytes = buffer.slice(0, read);
        const due = proxy.delayMs > 0 ? systemClock.sleep(proxy.delayMs) : undefined;
        const before = last;
        last = (async () => {
          await due;
          await before;
          for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
        })().catch(() => close(pair));
        if (due === undefined) await last;
      }
    } catch {
      // broken, which ends it as well
    }
    await last;
    if (!pair.isSilent) close(pair);
  }

  const accepting = accept();
  const proxy: TcpProxy = {
    server: `https://${LOOPBACK}:${listener.addr.port}`,
    refuse: "none",
    delayMs: 0,
    get taken() {
      return taken;
    },
    cut: () => {
      for (const pair of pairs) close(pair);
    },
    blackhole: () => {
      for (const pair of pairs) pair.isSilent = true;
    },
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await accepting;
      for (const pair of pairs) close(pair);
      await Promise.all(tasks);
    },
  };
  return proxy;
}
