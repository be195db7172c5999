/**
 * Which proxy a URL is asked through, if any, and how proxies are written. Pure: reads no environment and opens no
 * connection. Rules: spec github-protocol.md §3.6 (those of Go's `httpproxy`).
 */
import { InvalidInput } from "./errors.ts";
import { Secret } from "./secret.ts";

/** One proxy. */
export interface ProxyServer {
  /** Scheme (http, https or socks5), host and port; no user name, no password. */
  readonly url: string;
  readonly credentials?: { readonly username: string; readonly password: Secret<string> };
}

/** Who goes through which proxy. There is no fallback from one scheme to the other. */
export interface ProxySettings {
  /** For http URLs. */
  readonly http?: ProxyServer;
  /** For https URLs. */
  readonly https?: ProxyServer;
  /** What is reached directly; entries as users write them. */
  readonly noProxy: readonly string[];
}

/** Everything is reached directly. */
export const NO_PROXIES: ProxySettings = { noProxy: [] };

/** The three variables, as pods and Secrets carry them; a password stands in the URLs. */
export interface ProxyVariables {
  readonly http_proxy: string;
  readonly https_proxy: string;
  readonly no_proxy: string;
}

/** The proxy for `url`; `undefined`: it is reached directly, as every address of this machine is. */
export function proxyFor(url: URL, settings: ProxySettings): ProxyServer | undefined {
  const server = url.protocol === "https:"
    ? settings.https
    : url.protocol === "http:"
    ? settings.http
    : undefined;
  return server === undefined || isDirect(targetOf(url), settings.noProxy) ? undefined : server;
}

const SCHEMES = ["http:", "https:", "socks5:"];

/**
 * Reads a proxy's URL; without a scheme it is http. A user name and a password in it become credentials. Throws
 * {@link InvalidInput} that begins with `field` and hides what stands before an `@`.
 */
export function parseProxyUrl(text: string, field: string): ProxyServer {
  const trimmed = text.trim();
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || url.hostname === "" || !SCHEMES.includes(url.protocol)) {
    const shown = trimmed.replace(/[^/]*@/, "[redacted]@");
    throw new InvalidInput(
      `${field} is ${JSON.stringify(shown)}, expected the URL of a proxy such as ` +
        "http://proxy.example.com:3128 (http, https or socks5)",
    );
  }
  const server = { url: `${url.protocol}//${url.host}` };
  if (url.username === "" && url.password === "") return server;
  return withCredentials(server, {
    username: decoded(url.username),
    password: decoded(url.password),
  });
}

/** The same proxy, asked with these credentials. */
export function withCredentials(
  server: ProxyServer,
  credentials: { readonly username: string; readonly password: string },
): ProxyServer {
  const { username, password } = credentials;
  return { url: server.url, credentials: { username, password: new Secret(password) } };
}

/** The names under which an environment may speak of proxies, the one that counts first. */
const VARIABLES = {
  http_proxy: ["HTTP_PROXY", "http_proxy"],
  https_proxy: ["HTTPS_PROXY", "https_proxy"],
  no_proxy: ["NO_PROXY", "no_proxy"],
} as const;

/** Every variable by which a platform might choose a proxy of its own. */
export const PROXY_VARIABLES: readonly string[] = [
  ...Object.values(VARIABLES).flat(),
  "ALL_PROXY",
  "all_proxy",
];

/** What an environment says of proxies: upper case before lower case, an empty one counts as unset. */
export function proxyVariables(
  env: Readonly<Record<string, string | undefined>>,
): ProxyVariables {
  const first = (names: readonly string[]) =>
    names.map((name) => env[name] ?? "").find((value) => value !== "") ?? "";
  return {
    http_proxy: first(VARIABLES.http_proxy),
    https_proxy: first(VARIABLES.https_proxy),
    no_proxy: first(VARIABLES.no_proxy),
  };
}

/** Throws {@link InvalidInput} that names the variable. */
export function proxySettings(variables: ProxyVariables): ProxySettings {
  const { http_proxy, https_proxy, no_proxy } = variables;
  return {
    ...(http_proxy !== "" && { http: parseProxyUrl(http_proxy, "http_proxy") }),
    ...(https_proxy !== "" && { https: parseProxyUrl(https_proxy, "https_proxy") }),
    noProxy: no_proxy.split(",").map((entry) => entry.trim()).filter((entry) => entry !== ""),
  };
}

/** The opposite of {@link proxySettings}. Holds passwords: for Secrets only. */
export function flattenedProxy(settings: ProxySettings): ProxyVariables {
  return {
    http_proxy: urlWithCredentials(settings.http),
    https_proxy: urlWithCredentials(settings.https),
    no_proxy: settings.noProxy.join(","),
  };
}

function urlWithCredentials(server: ProxyServer | undefined): string {
  if (server === undefined) return "";
  const { url, credentials } = server;
  if (credentials === undefined) return url;
  const user = encodeURIComponent(credentials.username);
  const password = encodeURIComponent(credentials.password.reveal());
  return url.replace("//", `//${user}:${password}@`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

interface Target {
  /** Lower case, without brackets and without a dot at the end. */
  readonly host: string;
  readonly port: string;
  /** When the host is an address. */
  readonly address: readonly number[] | undefined;
}

function targetOf(url: URL): Target {
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return { host, port, address: addressOf(host) };
}

function isDirect(target: Target, noProxy: readonly string[]): boolean {
  return isThisMachine(target) ||
    noProxy.some((entry) => bypasses(entry.trim().toLowerCase(), target));
}

function isThisMachine({ host, address }: Target): boolean {
  if (host === "localhost") return true;
  if (address === undefined) return false;
  if (address.length === 4) return address[0] === 127;
  return address.every((byte, at) => byte === (at === 15 ? 1 : 0));
}

function bypasses(entry: string, target: Target): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  const slash = /^([^/]+)\/(\d{1,3})$/.exec(entry);
  if (slash !== null) return isWithin(target, slash[1] ?? "", Number(slash[2]));
  const { name, port } = splitPort(entry);
  if (port !== "" && port !== target.port) return false;
  const address = addressOf(name);
  if (address !== undefined) return String(address) === String(target.address ?? "");
  const host = name.replace(/^\*(?=\.)/, "").replace(/(?<=.)\.$/, "");
  if (host.startsWith(".")) return target.host.endsWith(host);
  return target.host === host || target.host.endsWith(`.${host}`);
}

/** A network of one family says nothing of addresses of the other. */
function isWithin({ address }: Target, network: string, bits: number): boolean {
  const base = addressOf(network);
  if (address === undefined || base?.length !== address.length) return false;
  if (bits > base.length * 8) return false;
  const digits = (bytes: readonly number[]) =>
    bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("").slice(0, bits);
  return digits(base) === digits(address);
}

function splitPort(entry: string): { readonly name: string; readonly port: string } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(entry);
  if (bracketed !== null) return { name: bracketed[1] ?? "", port: bracketed[2] ?? "" };
  // More than one colon: an IPv6 address without brackets, which cannot have a port.
  const [, name, port] = /^([^:]*):(\d+)$/.exec(entry) ?? [];
  return { name: name ?? entry, port: port ?? "" };
}

/** Four or sixteen bytes; an IPv4 address inside an IPv6 one is the IPv4 address. */
function addressOf(text: string): readonly number[] | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
    const bytes = text.split(".").map(Number);
    return bytes.every((byte) => byte < 256) ? bytes : undefined;
  }
  if (!text.includes(":") || !URL.canParse(`http://[${text}]`)) return undefined;
  const [head = "", tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
  const words = (part: string) =>
    part === "" ? [] : part.split(":").map((word) => parseInt(word, 16));
  const front = words(head);
  const back = words(tail ?? "");
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  const all = [...front, ...Array<number>(zeros).fill(0), ...back];
  const bytes = all.flatMap((word) => [word >> 8, word & 255]);
  const isMapped = bytes.slice(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 255));
  return isMapped ? bytes.slice(12) : bytes;
}
