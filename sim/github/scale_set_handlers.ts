/** Calls on scale sets and runner groups, and how a scale set looks on the wire. */
import { exception, json, noContent } from "./answers.ts";
import { type Call, type Handler, numberIn, recordOf, serviceUrl, type Sim } from "./call.ts";
import { type ScaleSet, statisticsOf } from "./model.ts";
import type { Operation } from "./routes.ts";

/** Message ids begin here, as seen live. */
const FIRST_MESSAGE_ID = { broker: 100_000_001, pipelines: 1 };

export const scaleSetHandlers = {
  findscaleset: (sim, call) => {
    const name = call.url.searchParams.get("name");
    const group = call.url.searchParams.get("runnerGroupId");
    if (name === null || group === null) return invalid("name and runnerGroupId are required");
    const set = sim.registry.setNamed(call.grant.scope, { name, runnerGroupId: Number(group) });
    return listOf(set ? [scaleSetBody(sim, call, set)] : []);
  },
  getscaleset: (sim, call) => withSet(sim, call, (set) => json(scaleSetBody(sim, call, set))),
  createscaleset: create,
  updatescaleset: update,
  deletescaleset: (sim, call) =>
    withSet(sim, call, (set) => {
      if (set.counts.running > 0) {
        return exception(
          "RunnerScaleSetJobStillRunningException",
          `Runner scale set ${set.id} has runners with running jobs`,
        );
      }
      forget(sim, set);
      return noContent();
    }),
  findrunnergroup: (sim, call) => {
    const wanted = call.url.searchParams.get("groupName")?.toLowerCase();
    if (wanted === undefined) return invalid("groupName is required");
    const found = sim.registry.groups(call.grant.scope)
      .filter(({ name }) => name.toLowerCase() === wanted);
    return listOf(found.map((group) => ({ ...group, size: 0 })));
  },
} satisfies Partial<Record<Operation, Handler>>;

/** Lets `act` answer with the set that the path names, or refuses. */
export function withSet(
  sim: Sim,
  call: Call,
  act: (set: ScaleSet) => Response | Promise<Response>,
): Response | Promise<Response> {
  const set = sim.registry.set(numberIn(call, "id"), call.grant.scope);
  return set ? act(set) : noSuchSet(call);
}

/** In the service's own words. */
export function noSuchSet(call: Call): Response {
  return exception(
    "RunnerScaleSetNotFoundException",
    `No runner scale set found with identifier ${call.route.params["id"]}`,
  );
}

/** A set as the service shows it. */
export function scaleSetBody(sim: Sim, call: Call, set: ScaleSet): unknown {
  const groups = sim.registry.groups(set.scope);
  const base = `${serviceUrl(sim, call.route.tenant)}_apis/runtime/runnerscalesets/${set.id}`;
  return {
    id: set.id,
    name: set.name,
    runnerGroupId: set.runnerGroupId,
    runnerGroupName: groups.find(({ id }) => id === set.runnerGroupId)?.name ?? "",
    labels: set.labels.map(({ type, name }, at) => ({ id: at + 1, name, type })),
    runnerSetting: { ephemeral: true, isElastic: true, disableUpdate: set.disableUpdate },
    createdOn: set.createdAt.toISOString(),
    runnerJitConfigUrl: `${base}/generatejitconfig`,
    getAcquirableJobsUrl: `${base}/acquirablejobs`,
    acquireJobsUrl: `${base}/acquirejobs`,
    statistics: statisticsOf(set),
    status: "online",
    enabled: true,
  };
}

/** The wire form of lists. */
export function listOf(value: readonly unknown[]): Response {
  return json({ count: value.length, value });
}

/** The service knows nothing of `set` any more; runners with a job finish it. */
export function forget(sim: Sim, set: ScaleSet): void {
  sim.registry.dropSet(set);
  if (set.session) sim.sessions.end(set.session);
  sim.engine.place(set);
}

async function create(sim: Sim, call: Call): Promise<Response> {
  const draft = await recordOf(call);
  const { scope } = call.grant;
  const { name, runnerGroupId = 1 } = draft;
  if (typeof name !== "string" || name === "") return invalid("name is required");
  const refusal = placeProblem(sim, call, { name, runnerGroupId });
  if (refusal) return refusal;
  const labels = draft["labels"] === undefined ? [] : labelsOf(draft["labels"]);
  if (!labels) return invalid("labels must be objects with type and name");
  const set = sim.registry.addSet({
    scope,
    name,
    runnerGroupId: Number(runnerGroupId),
    labels,
    disableUpdate: settingOf(draft)?.disableUpdate === true,
    createdAt: sim.clock.now(),
  }, FIRST_MESSAGE_ID[sim.settings().backend]);
  sim.engine.place(set);
  return json(scaleSetBody(sim, call, set));
}

async function update(sim: Sim, call: Call): Promise<Response> {
  const change = await recordOf(call);
  return withSet(sim, call, (set) => {
    const { name = set.name, runnerGroupId = set.runnerGroupId } = change;
    if (typeof name !== "string" || name === "") return invalid("name must not be empty");
    const isMoved = name !== set.name || runnerGroupId !== set.runnerGroupId;
    const refusal = isMoved
      ? placeProblem(sim, call, { name, runnerGroupId, self: set })
      : undefined;
    if (refusal) return refusal;
    const labels = change["labels"] === undefined ? set.labels : labelsOf(change["labels"]);
    if (!labels) return invalid("labels must be objects with type and name");
    if (isMoved) sim.registry.move(set, { name, runnerGroupId: Number(runnerGroupId) });
    set.labels = labels;
    // An empty RunnerSetting leaves things as they are: what the live service does is unknown.
    set.disableUpdate = settingOf(change)?.disableUpdate ?? set.disableUpdate;
    sim.engine.place(set);
    return json(scaleSetBody(sim, call, set));
  });
}

function placeProblem(
  sim: Sim,
  call: Call,
  place: { readonly name: string; readonly runnerGroupId: unknown; readonly self?: ScaleSet },
): Response | undefined {
  const { scope } = call.grant;
  const group = sim.registry.groups(scope).find(({ id }) => id === place.runnerGroupId);
  if (!group) {
    return exception("RunnerGroupNotFoundException", `No runner group ${place.runnerGroupId}`);
  }
  const other = sim.registry.setNamed(scope, { name: place.name, runnerGroupId: group.id });
  if (!other || other === place.self) return undefined;
  return exception(
    "RunnerScaleSetExistsException",
    `Runner scale set ${place.name} already exists in group ${group.name}`,
  );
}

function labelsOf(value: unknown): ScaleSet["labels"] | undefined {
  if (!Array.isArray(value)) return undefined;
  const labels = value.map((label) => {
    const { type, name } = (label ?? {}) as { readonly type?: unknown; readonly name?: unknown };
    return typeof name === "string" && name !== ""
      ? { type: String(type ?? "System"), name }
      : undefined;
  });
  return labels.includes(undefined) ? undefined : labels.filter((label) => label !== undefined);
}

/** Clients spell the member with a capital, the service without. */
function settingOf(
  draft: Readonly<Record<string, unknown>>,
): { readonly disableUpdate?: boolean } | undefined {
  return (draft["RunnerSetting"] ?? draft["runnerSetting"] ?? undefined) as
    | { readonly disableUpdate?: boolean }
    | undefined;
}

/** A request that lacks something. */
export function invalid(message: string): Response {
  return exception("VssPropertyValidationException", message);
}
