/**
 * Which operation a URL means. Pure. The host is never looked at: clients may have been sent here instead of to any of
 * GitHub's hosts. The whole surface of the simulation is the one table below.
 */

/** Who must ask: the kind of credential that an operation wants. */
export type Audience = "app" | "user" | "registration" | "admin" | "queue" | "runner";

interface Row {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below what the door adds; `{…}` stands for one segment. */
  readonly path: string;
  readonly alsoAt?: string;
  /** `rest`: at the root or below /api/v3. `service`: below {service}/_apis. `queue`: below {service}. */
  readonly door: "rest" | "service" | "queue" | "runner";
  readonly audience: Audience;
}

const SETS = "runtime/runnerscalesets";
const AGENTS = "distributedtask/pools/0/agents";

/** Operations by the name under which they are counted, delayed and made to fail. */
export const OPERATIONS = {
  installationtoken: {
    method: "POST",
    path: "app/installations/{id}/access_tokens",
    door: "rest",
    audience: "app",
  },
  registrationtoken: {
    method: "POST",
    path: "{kind}/{name}/actions/runners/registration-token",
    alsoAt: "repos/{owner}/{name}/actions/runners/registration-token",
    door: "rest",
    audience: "user",
  },
  listrunners: {
    method: "GET",
    path: "{kind}/{name}/actions/runners",
    alsoAt: "repos/{owner}/{name}/actions/runners",
    door: "rest",
    audience: "user",
  },
  runnerregistration: {
    method: "POST",
    path: "actions/runner-registration",
    door: "rest",
    audience: "registration",
  },
  findscaleset: { method: "GET", path: SETS, door: "service", audience: "admin" },
  getscaleset: { method: "GET", path: `${SETS}/{id}`, door: "service", audience: "admin" },
  createscaleset: { method: "POST", path: SETS, door: "service", audience: "admin" },
  updatescaleset: { method: "PATCH", path: `${SETS}/{id}`, door: "service", audience: "admin" },
  deletescaleset: { method: "DELETE", path: `${SETS}/{id}`, door: "service", audience: "admin" },
  findrunnergroup: {
    method: "GET",
    path: "runtime/runnergroups",
    door: "service",
    audience: "admin",
  },
  generatejitconfig: {
    method: "POST",
    path: `${SETS}/{id}/generatejitconfig`,
    door: "service",
    audience: "admin",
  },
  getrunner: { method: "GET", path: `${AGENTS}/{id}`, door: "service", audience: "admin" },
  findrunner: { method: "GET", path: AGENTS, door: "service", audience: "admin" },
  removerunner: { method: "DELETE", path: `${AGENTS}/{id}`, door: "service", audience: "admin" },
  createsession: {
    method: "POST",
    path: `${SETS}/{id}/sessions`,
    door: "service",
    audience: "admin",
  },
  refreshsession: {
    method: "PATCH",
    path: `${SETS}/{id}/sessions/{session}`,
    door: "service",
    audience: "admin",
  },
  deletesession: {
    method: "DELETE",
    path: `${SETS}/{id}/sessions/{session}`,
    door: "service",
    audience: "admin",
  },
  acquirejobs: {
    method: "POST",
    path: `${SETS}/{id}/acquirejobs`,
    door: "service",
    audience: "queue",
  },
  acquirablejobs: {
    method: "GET",
    path: `${SETS}/{id}/acquirablejobs`,
    door: "service",
    audience: "admin",
  },
  poll: { method: "GET", path: "scalesets/message", door: "queue", audience: "queue" },
  ack: { method: "DELETE", path: "scalesets/message/{id}", door: "queue", audience: "queue" },
  runnerconnect: { method: "POST", path: "{id}/connect", door: "runner", audience: "runner" },
  runnerpoll: { method: "GET", path: "{id}/job", door: "runner", audience: "runner" },
  runnerwatch: {
    method: "GET",
    path: "{id}/jobs/{job}/cancellation",
    door: "runner",
    audience: "runner",
  },
  runnercomplete: {
    method: "POST",
    path: "{id}/jobs/{job}/complete",
    door: "runner",
    audience: "runner",
  },
  runnerdisconnect: { method: "DELETE", path: "{id}/session", door: "runner", audience: "runner" },
} as const satisfies Readonly<Record<string, Row>>;

export type Operation = keyof typeof OPERATIONS;

export interface Route {
  readonly operation: Operation;
  readonly audience: Audience;
  readonly door: Row["door"];
  /** What stood in place of `{…}`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The tenant in the service's URL; "" for calls that are not below it. */
  readonly tenant: string;
}

/** Where in `path` (already without the base path) the table is entered. */
export interface Entrance {
  readonly door: Row["door"];
  readonly tenant: string;
  readonly segments: readonly string[];
}

const ROWS = (Object.entries(OPERATIONS) as [Operation, Row][]).flatMap(([operation, row]) =>
  [row.path, row.alsoAt].filter((path) => path !== undefined).map((path) => ({
    operation,
    ...row,
    pattern: path.split("/"),
  }))
);

/** How ARC's client up to 0.13 puts this one URL together when the service's ends in a slash. */
const DOUBLED_SLASH = /^(\/_services\/[^/]+\/[^/]+\/)\/(_apis\/.+\/acquirejobs)$/;

/**
 * `undefined`: there is nothing there. Exact: a slash at the end is not looked at, a doubled one is refused but where
 * older clients write it.
 */
export function routeOf(method: string, path: string): Route | undefined {
  const entrance = entranceOf(path.replace(DOUBLED_SLASH, "$1$2"));
  if (!entrance) return undefined;
  for (const { operation, pattern, door, audience, ...row } of ROWS) {
    if (row.method !== method || door !== entrance.door) continue;
    const params = matched(pattern, entrance.segments);
    if (params) return { operation, audience, door, params, tenant: entrance.tenant };
  }
  return undefined;
}

function entranceOf(path: string): Entrance | undefined {
  const segments = decodedSegments(path);
  if (!segments || segments.includes("")) return undefined;
  const [first, second, third, fourth] = segments;
  if (first === "_runner") return { door: "runner", tenant: "", segments: segments.slice(1) };
  if (first === "_services" && second && third) {
    const isService = fourth === "_apis";
    return {
      door: isService ? "service" : "queue",
      tenant: third,
      segments: segments.slice(isService ? 4 : 3),
    };
  }
  const isBelowPrefix = first === "api" && second === "v3";
  return { door: "rest", tenant: "", segments: isBelowPrefix ? segments.slice(2) : segments };
}

function decodedSegments(path: string): readonly string[] | undefined {
  try {
    return path.replace(/^\//, "").replace(/\/$/, "").split("/").map(decodeURIComponent);
  } catch {
    return undefined; // malformed percent sign
  }
}

function matched(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const segment = segments[at] as string;
    if (part.startsWith("{")) params[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return params;
}
