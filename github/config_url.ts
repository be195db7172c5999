/**
 * What a `githubConfigUrl` says: which organization, repository or enterprise, and where its REST API lives. Pure; the
 * only place that knows github.com from GitHub Enterprise Server. Source: spec github-protocol.md §1.
 */
import { InvalidInput } from "../lib/errors.ts";

/** What a config URL says, parsed once and for all. */
export interface ConfigUrl {
  readonly scope: "organization" | "repository" | "enterprise";
  /** Empty unless the scope is an enterprise. */
  readonly enterprise: string;
  /** The organization, or the owner of the repository; empty for an enterprise. */
  readonly organization: string;
  /** Empty unless the scope is a repository; without its owner. */
  readonly repository: string;
  /** github.com or ghe.com; false means GitHub Enterprise Server. */
  readonly hosted: boolean;
  /** Base of the REST API, without a slash at the end. */
  readonly apiBase: string;
  /** As the user wrote it, without slashes at either end: what registration sends and services are keyed by. */
  readonly text: string;
}

const WANTED = "an https URL of an organization (https://github.com/ORG), a repository " +
  "(https://github.com/OWNER/REPO) or an enterprise (https://github.com/enterprises/NAME)";

/**
 * Reads a config URL. `forceGhes` is whether `GITHUB_ACTIONS_FORCE_GHES` is set at all, even to nothing: then every
 * host counts as GitHub Enterprise Server. Throws {@link InvalidInput}, one sentence, user names and passwords hidden.
 */
export function parseConfigUrl(
  value: string,
  options: { readonly forceGhes?: boolean } = {},
): ConfigUrl {
  const text = value.replace(/^\/+|\/+$/g, "");
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#\\]*)/i.exec(text);
  const scheme = match?.[1]?.toLowerCase() ?? "";
  // The host as typed: `URL` drops a default port, and a host with any port is never hosted.
  const host = match?.[2] ?? "";
  if (scheme !== "https" && scheme !== "http") throw refusal(value, "it does not start so");
  if (host.includes("@")) throw refusal(value, "a user name or password has no place in it");
  // deno-lint-ignore no-control-regex -- these are what is refused
  if (/[\s\x00-\x1f\x7f\\]/.test(text)) throw refusal(value, "it contains blanks");
  const url = parsedUrl(text);
  if (url === undefined || host === "") throw refusal(value, "it is no URL");
  if (isLocalToMachine(url.hostname)) {
    throw refusal(value, "link-local and metadata addresses are never contacted");
  }
  const segments = url.pathname.replace(/^\/+|\/+$/g, "").split("/").map(decoded);
  if (segments.some((segment) => segment === undefined || /[/\\]/.test(segment))) {
    throw refusal(value, "its path is not well encoded");
  }
  const target = targetOf(segments as readonly string[]);
  if (target === undefined) throw refusal(value, "its path has the wrong number of parts");
  const hosted = options.forceGhes !== true && isHosted(host);
  return { ...target, hosted, apiBase: apiBaseOf({ scheme, host, hosted }), text };
}

/**
 * The hosts that will be contacted for this URL, as a list for Deno's `net` permission. The hosted service answers
 * registrations with hosts below `actions.githubusercontent.com`; an Enterprise Server with its own.
 */
export function hostsOf(config: ConfigUrl): readonly string[] {
  const site = new URL(config.text);
  const withPort = (url: URL) => `${url.hostname}:${url.port || DEFAULT_PORTS[url.protocol]}`;
  const own = [withPort(site), withPort(new URL(config.apiBase))];
  const services = !config.hosted ? [] : [
    "*.actions.githubusercontent.com:443",
    ...(site.hostname.endsWith(".ghe.com") ? [`*.${site.hostname}:443`] : []),
  ];
  return [...new Set([...own, ...services])];
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { "https:": "443", "http:": "80" };

const HOSTED = ["github.com", "www.github.com", "github.localhost"];

/** The suffix is compared with its case, the names without: as upstream does. */
function isHosted(host: string): boolean {
  return HOSTED.includes(host.toLowerCase()) || host.endsWith(".ghe.com");
}

function apiBaseOf(
  site: { readonly scheme: string; readonly host: string; readonly hosted: boolean },
): string {
  if (!site.hosted) return `${site.scheme}://${site.host}/api/v3`;
  const host = site.host.toLowerCase() === "www.github.com" ? "github.com" : site.host;
  return `${site.scheme}://api.${host}`;
}

function targetOf(
  segments: readonly string[],
): Pick<ConfigUrl, "scope" | "enterprise" | "organization" | "repository"> | undefined {
  const [first = "", second = ""] = segments;
  if (segments.length > 2 || segments.some((segment) => segment === "")) return undefined;
  if (segments.length === 1) {
    return { scope: "organization", enterprise: "", organization: first, repository: "" };
  }
  if (first.toLowerCase() === "enterprises") {
    return { scope: "enterprise", enterprise: second, organization: "", repository: "" };
  }
  return { scope: "repository", enterprise: "", organization: first, repository: second };
}

/** Addresses that only this machine or its cloud answers at; asking there for a user would be a way to probe. */
export function isLocalToMachine(hostname: string): boolean {
  return /^169\.254\.|^\[fe[89ab][0-9a-f]:|^\[::ffff:a9fe:|^100\.100\.100\.200$|^\[fd00:ec2::254\]$/i
    .test(hostname) || /(^|\.)metadata\.google\.internal\.?$/i.test(hostname);
}

function parsedUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function refusal(value: string, why: string): InvalidInput {
  const shown = value.replace(/[^\s/?#]*@/g, "[redacted]@");
  return new InvalidInput(
    `githubConfigUrl ${JSON.stringify(shown)} is not accepted because ${why}; wanted ${WANTED}`,
  );
}
