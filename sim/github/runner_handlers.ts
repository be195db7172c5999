/**
 * What simulated runners call: connect, wait for a job, hear of its cancellation, complete it, leave. An endpoint set of
 * our own below `{base}/_runner/{agentId}/`; the genuine runner's protocol is larger and not played here.
 */
import { json, noContent, nothingYet, runnerRefusal } from "./answers.ts";
import { type Call, type Handler, recordOf, type Sim } from "./call.ts";
import type { Agent, JobResult } from "./model.ts";
import type { Operation } from "./routes.ts";

const RESULTS: readonly string[] = ["succeeded", "failed", "canceled"] satisfies JobResult[];

export const runnerHandlers = {
  runnerconnect: (sim, call) => {
    const agent = agentOf(sim, call);
    if (!agent) return gone();
    if (sim.settings().runnerVersion === "refused") {
      return runnerRefusal(403, "RunnerVersionTooOld", "This version of the runner is deprecated");
    }
    if (agent.state !== "registered") {
      return runnerRefusal(409, "RunnerSessionConflict", "The JIT configuration was used before");
    }
    sim.engine.online(agent);
    expectCall(sim, agent);
    return json({ agentName: agent.name });
  },
  // One that nobody heard of for a while, and that asks again, is back.
  runnerpoll: (sim, call) => {
    const caller = agentOf(sim, call);
    if (caller?.state === "offline") sim.engine.online(caller);
    return withOpenCall(sim, call, async (agent) => {
      if (!agent.job) await heldUntilNews(sim, call, agent);
      if (agent.state === "gone") return gone();
      const { job } = agent;
      if (!job) return nothingYet();
      return json({ jobId: job.jobId, durationMs: job.durationMs, result: job.plannedResult });
    });
  },
  runnerwatch: (sim, call) =>
    withOpenCall(sim, call, async (agent) => {
      const hasJob = () => agent.job?.jobId === call.route.params["job"];
      if (hasJob() && !agent.job?.isCancelRequested) await heldUntilNews(sim, call, agent);
      if (!hasJob()) return gone();
      return agent.job?.isCancelRequested ? json({ canceled: true }) : nothingYet();
    }),
  runnercomplete: async (sim, call) => {
    const { result } = await recordOf(call);
    const agent = agentOf(sim, call);
    if (!RESULTS.includes(result as string)) {
      return runnerRefusal(400, "BadRequest", "result must be succeeded, failed or canceled");
    }
    const jobId = call.route.params["job"] ?? "";
    return agent && sim.engine.complete(agent, jobId, result as JobResult) ? noContent() : gone();
  },
  // The record stays, offline, as the live service keeps it.
  runnerdisconnect: (sim, call) => {
    const agent = agentOf(sim, call);
    if (!agent) return gone();
    agent.cancelLostAlarm?.();
    sim.engine.lost(agent);
    return noContent();
  },
} satisfies Partial<Record<Operation, Handler>>;

function agentOf(sim: Sim, call: Call): Agent | undefined {
  return sim.registry.agent(Number(call.route.params["id"]));
}

function gone(): Response {
  return runnerRefusal(404, "RunnerNotFound", "The runner registration was deleted");
}

/**
 * Runs `act` while noting that the runner is there. A runner that breaks off its wait for a job is offline at once; one
 * that breaks off anything else, or simply stays away, is lost after a while.
 */
async function withOpenCall(
  sim: Sim,
  call: Call,
  act: (agent: Agent) => Promise<Response>,
): Promise<Response> {
  const agent = agentOf(sim, call);
  if (!agent || agent.state !== "online") return gone();
  agent.cancelLostAlarm?.();
  agent.openCalls++;
  try {
    return await act(agent);
  } catch (thrown) {
    if (!agent.job && agent.openCalls === 1) sim.engine.lost(agent);
    throw thrown;
  } finally {
    agent.openCalls--;
    expectCall(sim, agent);
  }
}

function expectCall(sim: Sim, agent: Agent): void {
  if (agent.openCalls > 0 || agent.state !== "online") return;
  agent.cancelLostAlarm?.();
  agent.cancelLostAlarm = sim.waits.after(
    sim.settings().runnerLostMs,
    () => sim.engine.lost(agent),
  );
}

async function heldUntilNews(sim: Sim, call: Call, agent: Agent): Promise<void> {
  const hold = sim.waits.hold(sim.settings().pollHoldMs, call.request.signal);
  agent.wake = hold.wake;
  try {
    await hold.ended;
  } finally {
    if (agent.wake === hold.wake) agent.wake = undefined;
  }
}
