/**
 * Sends the traffic for some hosts to another base address, so that manifests which name github.com work unchanged
 * against a simulated GitHub. Pure: it rewrites requests, whoever sends them is an argument.
 */
import { InvalidInput } from "../lib/errors.ts";
import type { Fetch } from "../lib/http.ts";
import { isLoopback } from "./address.ts";

/** From a host (with its port, if it has one) to the base address that stands in for it. */
export type HostOverrides = ReadonlyMap<string, string>;

/**
 * `send` with requests for an overridden host, or for `api.` before it, sent to its base address instead; path, query,
 * method, headers, body and signal stay. `https://api.github.com/orgs/x` with `github.com` at `http://127.0.0.1:4000`
 * becomes `http://127.0.0.1:4000/orgs/x`.
 */
export function overrideHosts(send: Fetch, overrides: HostOverrides): Fetch {
  if (overrides.size === 0) return send;
  return (request) => {
    const url = new URL(request.url);
    const base = overrides.get(url.host) ?? overrides.get(url.host.replace(/^api\./, ""));
    if (base === undefined) return send(request);
    const { method, headers, redirect, signal } = request;
    const readdressed = (body: ArrayBuffer | null) =>
      send(
        new Request(base + url.pathname + url.search, { method, headers, body, redirect, signal }),
      );
    // Read whole: a body that is passed on as a stream would lose its length on the way.
    return request.body === null ? readdressed(null) : request.arrayBuffer().then(readdressed);
  };
}

const WANTED = "HOST=URL, e.g. github.com=http://127.0.0.1:4000, several separated by commas";

/**
 * Reads the text of the flag. Tokens go to these addresses, so anything but https must stay on this machine. Throws
 * {@link InvalidInput}.
 */
export function parseHostOverrides(text: string): HostOverrides {
  const entries = text.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
  return new Map(entries.map(parseOne));
}

function parseOne(text: string): readonly [string, string] {
  const [, host = "", target = ""] = /^([a-z0-9.-]+(?::\d+)?)=(.+)$/i.exec(text) ?? [];
  if (host === "" || !URL.canParse(target)) throw refusal(text, "it has another form");
  const url = new URL(target);
  if (!/^https?:$/.test(url.protocol)) throw refusal(text, "its address is neither http nor https");
  if (url.username || url.password || url.search || url.hash) {
    throw refusal(text, "its address has more than a host, a port and a path");
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw refusal(text, "a plain http address must be on this machine");
  }
  return [host.toLowerCase(), url.href.replace(/\/+$/, "")];
}

function refusal(text: string, why: string): InvalidInput {
  const shown = text.replace(/[^\s/=]*@/g, "[redacted]@");
  return new InvalidInput(
    `The host override ${JSON.stringify(shown)} is not accepted because ${why}; wanted ${WANTED}`,
  );
}
