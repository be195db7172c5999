/** Calls on agents (registered runners) and JIT configurations, as a controller makes them. */
import { randomUuid } from "../../lib/random.ts";
import { exception, json, noContent } from "./answers.ts";
import { type Call, type Handler, numberIn, recordOf, serviceUrl, type Sim } from "./call.ts";
import { encodeJitConfig } from "./jit_config.ts";
import type { Agent } from "./model.ts";
import type { Operation } from "./routes.ts";
import { invalid, listOf, withSet } from "./scale_set_handlers.ts";

export const agentHandlers = {
  generatejitconfig: async (sim, call) => {
    const { name, workFolder } = await recordOf(call);
    return issue(sim, call, { name, workFolder });
  },
  getrunner: (sim, call) => {
    const agent = sim.registry.agent(numberIn(call, "id"), call.grant.scope);
    if (agent) return json(agentBody(agent));
    return exception(
      "TaskAgentNotFoundException",
      `Runner with id ${call.route.params["id"]} was not found`,
    );
  },
  findrunner: (sim, call) => {
    const name = call.url.searchParams.get("agentName");
    if (name === null) return invalid("agentName is required");
    const agent = sim.registry.agentNamed(call.grant.scope, name);
    return listOf(agent ? [agentBody(agent)] : []);
  },
  // An agent that is unknown, already removed or of id 0 counts as removed.
  removerunner: (sim, call) => {
    const agent = sim.registry.agent(numberIn(call, "id"), call.grant.scope);
    if (!agent || sim.engine.remove(agent) === "removed") return noContent();
    return exception(
      "TaskAgentJobStillRunningException",
      `Runner ${agent.name} is currently running a job and cannot be deleted`,
    );
  },
} satisfies Partial<Record<Operation, Handler>>;

function issue(
  sim: Sim,
  call: Call,
  asked: { readonly name: unknown; readonly workFolder: unknown },
): Response | Promise<Response> {
  const { name, workFolder } = asked;
  if (typeof name !== "string" || name === "") return invalid("name is required");
  if (typeof workFolder !== "string") return invalid("workFolder is required");
  return withSet(sim, call, (set) => {
    if (sim.registry.agentNamed(set.scope, name)) {
      return exception("TaskAgentExistsException", `A runner exists with the same name ${name}`);
    }
    const credential = randomUuid(sim.random);
    const createdAt = sim.clock.now();
    const agent = sim.registry.addAgent({ name, scaleSet: set, credential, createdAt });
    const encodedJITConfig = encodeJitConfig({
      agentId: agent.id,
      agentName: name,
      credential,
      serviceUrl: serviceUrl(sim, call.route.tenant),
      runnerUrl: `${sim.baseUrl}/_runner/`,
      workFolder,
      disableUpdate: set.disableUpdate,
    });
    return json({ runner: agentBody(agent), encodedJITConfig });
  });
}

function agentBody(agent: Agent): unknown {
  return {
    id: agent.id,
    name: agent.name,
    runnerScaleSetId: agent.scaleSet.id,
    createdOn: agent.createdAt.toISOString(),
    runnerGroupId: agent.scaleSet.runnerGroupId,
    enabled: true,
    ephemeral: true,
    status: agent.state === "online" ? "online" : "offline",
    busy: agent.job !== undefined,
  };
}
