/**
 * Who is let in: what GitHub refuses before it looks at what is asked. Strict on purpose, because a client that only a
 * lenient fake understands is worth nothing.
 */
import { exception, restRefusal, runnerRefusal } from "./answers.ts";
import { appJwtProblem } from "./app_jwt.ts";
import type { Sim } from "./call.ts";
import type { Route } from "./routes.ts";
import type { Grant, TokenKind } from "./tokens.ts";

const API_VERSION = "6.0-preview";
const POLL_ACCEPT = `application/json; api-version=${API_VERSION}`;

/** Members that the User-Agent of a scale-set client has. */
const USER_AGENT_MEMBERS = [
  "system",
  "version",
  "commit_sha",
  "scale_set_id",
  "subsystem",
  "build_version",
  "build_commit_sha",
  "kind",
];

const NOTHING: Grant = {
  kind: "installation",
  scope: "",
  tenant: "",
  sessionId: "",
  expiresAt: new Date(0),
};

/** The grant of the caller's token, or the refusal that it gets: who is not known hears that first. */
export function admitted(sim: Sim, route: Route, request: Request): Grant | Response {
  const grant = credentialCheck(sim, route, request);
  return grant instanceof Response ? grant : formProblem(sim, route, request) ?? grant;
}

function formProblem(sim: Sim, route: Route, request: Request): Response | undefined {
  if (route.door === "runner") return undefined;
  const agent = userAgentProblem(request.headers.get("user-agent"));
  if (agent !== undefined && sim.settings().userAgent === "json") {
    return route.door === "rest"
      ? restRefusal(400, agent)
      : exception("VssPropertyValidationException", agent);
  }
  if (route.door === "service") return serviceFormProblem(request);
  const isPoll = route.operation === "poll";
  if (isPoll && request.headers.get("accept")?.toLowerCase() !== POLL_ACCEPT) {
    return exception("VssVersionNotSpecifiedException", `Accept must be "${POLL_ACCEPT}"`);
  }
  return undefined;
}

function serviceFormProblem(request: Request): Response | undefined {
  if (new URL(request.url).searchParams.get("api-version") !== API_VERSION) {
    return exception(
      "VssVersionNotSpecifiedException",
      `No api-version was supplied for the "${request.method}" request, or not ${API_VERSION}`,
    );
  }
  const contentType = request.headers.get("content-type") ?? "";
  if (/^application\/json\s*(;|$)/i.test(contentType)) return undefined;
  return exception("VssPropertyValidationException", "Content-Type must be application/json");
}

function userAgentProblem(text: string | null): string | undefined {
  try {
    const value = JSON.parse(text ?? "") as Readonly<Record<string, unknown>>;
    const missing = USER_AGENT_MEMBERS.filter((name) => value[name] === undefined);
    return missing.length === 0 ? undefined : `User-Agent lacks ${missing.join(", ")}`;
  } catch {
    return "User-Agent must be a JSON object";
  }
}

function credentialCheck(sim: Sim, route: Route, request: Request): Grant | Response {
  const [scheme = "", credential = ""] = (request.headers.get("authorization") ?? "").split(" ", 2);
  switch (route.audience) {
    case "app":
      return appCheck(sim, scheme, credential);
    case "user":
      return isUserToken(sim, userToken(scheme, credential)) ? NOTHING : badCredentials();
    case "registration": {
      const grant = scheme === "RemoteAuth"
        ? sim.tokens.grant(credential, "registration")
        : undefined;
      return grant ?? badCredentials();
    }
    case "admin":
    case "queue":
      return serviceCheck(sim, route, { scheme, credential, kind: route.audience });
    case "runner": {
      const agent = sim.registry.agent(Number(route.params["id"]));
      if (!agent) {
        return runnerRefusal(404, "RunnerNotFound", "The runner registration was deleted");
      }
      const isItself = scheme === "Bearer" && credential === agent.credential;
      return isItself ? NOTHING : runnerRefusal(401, "Unauthorized", "Bad runner credentials");
    }
    default:
      return route.audience satisfies never;
  }
}

function appCheck(sim: Sim, scheme: string, jwt: string): Grant | Response {
  if (scheme.toLowerCase() !== "bearer") return badCredentials();
  const publicKey = sim.settings().appPublicKey;
  const problem = appJwtProblem(jwt, { now: sim.clock.now(), publicKey });
  return problem === undefined ? NOTHING : restRefusal(401, problem);
}

function serviceCheck(
  sim: Sim,
  route: Route,
  asked: { readonly scheme: string; readonly credential: string; readonly kind: TokenKind },
): Grant | Response {
  const grant = asked.scheme === "Bearer"
    ? sim.tokens.grant(asked.credential, asked.kind)
    : undefined;
  const isElsewhere = grant?.kind === "admin" && grant.tenant !== route.tenant;
  if (grant && !isElsewhere) return grant;
  return exception("InvalidTokenException", "The token is invalid, expired or not meant for this");
}

/** The token in any of the ways that GitHub's REST API takes one; ARC's older client sends it as a password. */
function userToken(scheme: string, credential: string): string {
  switch (scheme.toLowerCase()) {
    case "bearer":
    case "token":
      return credential;
    case "basic":
      return passwordIn(credential);
    default:
      return "";
  }
}

function passwordIn(base64: string): string {
  try {
    return /:(.*)$/s.exec(atob(base64))?.[1] ?? "";
  } catch {
    return "";
  }
}

function isUserToken(sim: Sim, token: string): boolean {
  if (sim.tokens.grant(token, "installation")) return true;
  return /^(ghp_|github_pat_)./.test(token);
}

function badCredentials(): Response {
  return restRefusal(401, "Bad credentials");
}
