/** The REST API: installation token, registration token, runner-registration. Each ends in a token that is tracked. */
import { json, restRefusal } from "./answers.ts";
import { type Call, type Handler, recordOf, serviceUrl, type Sim, stableTenant } from "./call.ts";
import type { Operation } from "./routes.ts";
import { scopeOfConfigUrl } from "./scopes.ts";
import type { IssuedToken } from "./tokens.ts";

const SCOPE_KINDS = ["orgs", "enterprises"];

export const restHandlers = {
  installationtoken: (sim) => {
    const lifetimeMs = sim.settings().installationTokenLifetimeMs;
    return json(tokenAnswer(sim.tokens.issue("installation", { lifetimeMs })), 201);
  },
  registrationtoken: (sim, call) => {
    const scope = scopeIn(call);
    if (scope === undefined) return restRefusal(404, "Not Found");
    const lifetimeMs = sim.settings().registrationTokenLifetimeMs;
    return json(tokenAnswer(sim.tokens.issue("registration", { lifetimeMs, scope })), 201);
  },
  // As the live service: every runner of the place, whoever registered it, oldest first.
  listrunners: (sim, call) => {
    const scope = scopeIn(call);
    if (scope === undefined) return restRefusal(404, "Not Found");
    const agents = [...sim.registry.agents()].filter(({ scaleSet }) => scaleSet.scope === scope);
    const { searchParams } = call.url;
    const size = Math.min(Number(searchParams.get("per_page") ?? 30) || 30, 100);
    const first = (Math.max(Number(searchParams.get("page") ?? 1) || 1, 1) - 1) * size;
    const runners = agents.slice(first, first + size).map((agent) => ({
      id: agent.id,
      name: agent.name,
      os: "linux",
      status: agent.state === "online" ? "online" : "offline",
      busy: agent.job !== undefined,
      labels: agent.scaleSet.labels.map(({ name }) => ({ name, type: "custom" })),
      runner_group_id: agent.scaleSet.runnerGroupId,
      ephemeral: true,
    }));
    return json({ total_count: agents.length, runners });
  },
  runnerregistration: register,
} satisfies Partial<Record<Operation, Handler>>;

async function register(sim: Sim, call: Call): Promise<Response> {
  const { url, runner_event } = await recordOf(call);
  const { scope } = call.grant;
  if (typeof url !== "string" || runner_event !== "register") {
    return restRefusal(422, "url and runner_event are required");
  }
  if (scopeOfConfigUrl(url) !== scope) return restRefusal(404, "Not Found");
  const { adminTokenLifetimeMs, serviceTenant, serviceUrl: ending } = sim.settings();
  const tenant = serviceTenant === "stable"
    ? stableTenant(scope)
    : stableTenant(`${scope} ${sim.random()}`);
  const base = serviceUrl(sim, tenant);
  const token = sim.tokens.issue("admin", { lifetimeMs: adminTokenLifetimeMs, scope, tenant });
  return json({
    url: ending === "slash" ? base : base.slice(0, -1),
    token: token.value,
    token_schema: "OAuthAccessToken",
    use_v2_flow: sim.settings().backend === "broker",
  });
}

function scopeIn(call: Call): string | undefined {
  const { kind, owner, name = "" } = call.route.params;
  if (owner !== undefined) return `repos/${owner}/${name}`.toLowerCase();
  return SCOPE_KINDS.includes(kind ?? "") ? `${kind}/${name}`.toLowerCase() : undefined;
}

function tokenAnswer({ value, expiresAt }: IssuedToken): unknown {
  return { token: value, expires_at: expiresAt.toISOString() };
}
