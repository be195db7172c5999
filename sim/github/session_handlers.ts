/** Calls of a listener: sessions, the queue, acquiring jobs. */
import { exception, json, noContent, nothingYet } from "./answers.ts";
import { bodyOf, type Call, type Handler, recordOf, serviceUrl, type Sim } from "./call.ts";
import { type Job, type ScaleSet, type Session, statisticsOf } from "./model.ts";
import type { Operation } from "./routes.ts";
import { invalid, listOf, noSuchSet, scaleSetBody, withSet } from "./scale_set_handlers.ts";

const NO_SESSION = "The session does not exist any more";

/** What a poll without the header counts as: unlimited. */
const UNLIMITED = 2 ** 31 - 1;

export const sessionHandlers = {
  createsession: async (sim, call) => {
    const { ownerName } = await recordOf(call);
    if (typeof ownerName !== "string" || ownerName === "") return invalid("ownerName is required");
    return withSet(sim, call, (set) => open(sim, call, { set, ownerName }));
  },
  refreshsession: (sim, call) => {
    const session = sessionIn(sim, call);
    if (!session) return exception("RunnerAdminException", NO_SESSION);
    sim.sessions.refresh(session);
    return json(sessionBody(sim, call, session));
  },
  deletesession: (sim, call) => {
    const session = sessionIn(sim, call);
    if (!session) return exception("RunnerScaleSetSessionExpiredException", NO_SESSION);
    sim.sessions.end(session);
    return noContent();
  },
  poll,
  // A message that is already gone counts as deleted (what the live service does is unknown).
  ack: (sim, call) => {
    const session = queueSession(sim, call);
    if (!session) return unauthorized();
    session.scaleSet.queue.delete(Number(call.route.params["id"]));
    return noContent();
  },
  acquirejobs: async (sim, call) => {
    const session = sim.sessions.touch(call.grant.sessionId);
    if (!session) return unauthorized();
    if (sim.settings().backend === "broker") {
      return exception("ResourceNotFoundException", "There is nothing to acquire here");
    }
    if (`${session.scaleSet.id}` !== call.route.params["id"]) return noSuchSet(call);
    const ids = await bodyOf(call);
    if (!Array.isArray(ids) || !ids.every(Number.isSafeInteger)) {
      return invalid("A JSON array of request ids is required");
    }
    const jobs = ids.map((id) => sim.registry.jobByRequest(id)).filter((job) => job !== undefined);
    return listOf(sim.engine.acquire(session.scaleSet, jobs).map((job: Job) => job.requestId));
  },
  acquirablejobs: (sim, call) => withSet(sim, call, noContent),
} satisfies Partial<Record<Operation, Handler>>;

function open(
  sim: Sim,
  call: Call,
  asked: { readonly set: ScaleSet; readonly ownerName: string },
): Response {
  const { set, ownerName } = asked;
  const session = sim.sessions.open(set, ownerName);
  if (!session) {
    return exception(
      "RunnerScaleSetSessionConflictException",
      `The runner scale set ${set.name} already has an active session for owner ${set.session?.ownerName}`,
    );
  }
  sim.engine.welcome(set);
  return json(sessionBody(sim, call, session));
}

async function poll(sim: Sim, call: Call): Promise<Response> {
  const session = queueSession(sim, call);
  if (!session) return unauthorized();
  const cursor = integerOf(call.url.searchParams.get("lastMessageId"), 0);
  const capacity = integerOf(call.request.headers.get("x-scalesetmaxcapacity"), UNLIMITED);
  if (cursor === undefined || capacity === undefined) {
    return invalid("lastMessageId and X-ScaleSetMaxCapacity must be integers, 0 or more");
  }
  const { scaleSet } = session;
  session.held?.end(); // one poll at a time: the newest counts
  const hold = sim.waits.hold(sim.settings().pollHoldMs, call.request.signal);
  const held = { capacity, cursor, end: hold.wake };
  session.held = held;
  sim.engine.offer(scaleSet);
  if (scaleSet.queue.next(cursor)) hold.wake();
  try {
    await hold.ended;
  } finally {
    if (session.held === held) session.held = undefined;
    session.lastSeenMs = sim.clock.now().getTime();
  }
  if (!sim.sessions.isLive(session)) return unauthorized();
  const envelope = scaleSet.queue.next(cursor);
  if (!envelope) return nothingYet();
  if (call.effect?.do === "repeat") scaleSet.queue.repeat(envelope);
  return json({
    messageId: envelope.messageId,
    messageType: "RunnerScaleSetJobMessages",
    body: envelope.body,
    statistics: statisticsOf(scaleSet),
  });
}

function sessionBody(sim: Sim, call: Call, session: Session): unknown {
  const query = sim.settings().backend === "pipelines" ? `?sessionId=${session.id}` : "";
  return {
    sessionId: session.id,
    ownerName: session.ownerName,
    runnerScaleSet: scaleSetBody(sim, call, session.scaleSet),
    messageQueueUrl: `${serviceUrl(sim, call.route.tenant)}scalesets/message${query}`,
    messageQueueAccessToken: session.queueToken,
    statistics: statisticsOf(session.scaleSet),
  };
}

/** The live session that the path names, in the caller's scope and of the set in the path. */
function sessionIn(sim: Sim, call: Call): Session | undefined {
  const { id, session: sessionId = "" } = call.route.params;
  const session = sim.sessions.touch(sessionId);
  const isItsOwn = session?.scaleSet.scope === call.grant.scope && `${session.scaleSet.id}` === id;
  return isItsOwn ? session : undefined;
}

/** The live session of the queue token. In pipelines the URL's own query must have been kept. */
function queueSession(sim: Sim, call: Call): Session | undefined {
  const { backend } = sim.settings();
  const { sessionId } = call.grant;
  if (backend === "pipelines" && call.url.searchParams.get("sessionId") !== sessionId) {
    return undefined;
  }
  return sim.sessions.touch(sessionId);
}

function integerOf(text: string | null, absent: number): number | undefined {
  if (text === null) return absent;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function unauthorized(): Response {
  return exception("InvalidTokenException", "The queue token is invalid or expired");
}
