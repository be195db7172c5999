/** Where a server listens, as Go programs write it (`:8080`, `127.0.0.1:0`, `[::1]:9000`, `0` for nowhere). */

export interface ListenAddress {
  /** A name or an address without brackets; empty means every interface. */
  readonly host: string;
  /** 0 lets the system choose one. */
  readonly port: number;
}

const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]*)):(\d{1,5})$/;

/** `"off"` for `0` and for empty text, `undefined` when the text is no address. */
export function parseListenAddress(text: string): ListenAddress | "off" | undefined {
  if (text === "0" || text === "") return "off";
  const match = ADDRESS.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  return port > 65_535 ? undefined : { host: match[1] ?? match[2] ?? "", port };
}

/** The text that {@link parseListenAddress} reads back. */
export function formatListenAddress(address: ListenAddress | "off"): string {
  if (address === "off") return "0";
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

/** The hosts to try in turn: every interface is `::`, which takes IPv4 too, and `0.0.0.0` where there is no IPv6. */
export function bindHosts(address: ListenAddress): readonly string[] {
  return address.host === "" ? ["::", "0.0.0.0"] : [address.host];
}

/** What a sandbox must allow in its `net` list so that a server can listen there. */
export function listenPermissions(address: ListenAddress | "off"): readonly string[] {
  if (address === "off") return [];
  return bindHosts(address).map((host) => formatListenAddress({ ...address, host }));
}
