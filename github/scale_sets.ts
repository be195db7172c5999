/**
 * Scale sets and runner groups: a method, a path and a decode each. Knows wire names; decides nothing. Source: spec
 * github-protocol.md §6.
 */
import {
  BadShape,
  integerOf,
  listOf,
  type Members,
  membersOf,
  requiredText,
  textOf,
} from "./decode.ts";
import { isGitHubError } from "./errors.ts";
import type { CallOptions, RunnerGroup, ScaleSet, ScaleSetDraft } from "./service.ts";
import type { Transport } from "./transport.ts";

const SETS = "_apis/runtime/runnerscalesets";

/** The path of one scale set. */
export function scaleSetPath(scaleSetId: number): string {
  return `${SETS}/${scaleSetId}`;
}

/** What upstream sends for "no time", and the service ignores. */
const NO_TIME = "0001-01-01T00:00:00Z";

/** See `ActionsService.findRunnerGroup`. Several groups of one name are a bad answer. */
export function findRunnerGroup(
  transport: Transport,
  request: CallOptions & { readonly name: string },
): Promise<RunnerGroup | undefined> {
  return transport.service({
    operation: "find runner group",
    method: "GET",
    path: "_apis/runtime/runnergroups/",
    query: { groupName: request.name },
    wanted: [200],
    signal: request.signal,
  }, (reply) => {
    const group = onlyOne(reply.json(), "runner groups");
    return group && { id: requiredId(group), name: requiredText(group, "name") };
  });
}

/** See `ActionsService.findScaleSet`. A 404 is an error, not an absence (§6.2). */
export function findScaleSet(
  transport: Transport,
  request: CallOptions & { readonly name: string; readonly runnerGroupId: number },
): Promise<ScaleSet | undefined> {
  return transport.service({
    operation: "find scale set",
    method: "GET",
    path: SETS,
    query: { name: request.name, runnerGroupId: String(request.runnerGroupId) },
    wanted: [200],
    signal: request.signal,
  }, (reply) => {
    const found = onlyOne(reply.json(), "scale sets");
    return found && scaleSetOf(found);
  });
}

/** See `ActionsService.getScaleSet`. */
export function getScaleSet(
  transport: Transport,
  request: CallOptions & { readonly scaleSetId: number },
): Promise<ScaleSet | undefined> {
  return undefinedIfGone(transport.service({
    operation: "get scale set",
    method: "GET",
    path: scaleSetPath(request.scaleSetId),
    wanted: [200],
    signal: request.signal,
  }, (reply) => {
    const body = reply.json();
    return body === null ? undefined : scaleSetOf(membersOf(body, "the scale set"));
  }));
}

/** See `ActionsService.createScaleSet`. The name is always the first label; runners never update themselves. */
export function createScaleSet(
  transport: Transport,
  request: CallOptions & { readonly draft: ScaleSetDraft },
): Promise<ScaleSet> {
  const { name, runnerGroupId, labels } = request.draft;
  return transport.service({
    operation: "create scale set",
    method: "POST",
    path: SETS,
    body: {
      name,
      runnerGroupId,
      labels: wireLabels([name, ...labels]),
      RunnerSetting: { disableUpdate: true },
      createdOn: NO_TIME,
    },
    wanted: [200],
    signal: request.signal,
  }, (reply) => scaleSetOf(membersOf(reply.json(), "the scale set")));
}

/** See `ActionsService.updateScaleSet`. */
export function updateScaleSet(
  transport: Transport,
  request: CallOptions & { readonly scaleSetId: number; readonly change: Partial<ScaleSetDraft> },
): Promise<ScaleSet | undefined> {
  const { name, runnerGroupId, labels } = request.change;
  return undefinedIfGone(transport.service({
    operation: "update scale set",
    method: "PATCH",
    path: scaleSetPath(request.scaleSetId),
    body: {
      ...(name !== undefined && { name }),
      ...(runnerGroupId !== undefined && { runnerGroupId }),
      ...(labels !== undefined && { labels: wireLabels(labels) }),
      // Empty means unchanged; upstream sends both in every update, so the service is known to take them.
      RunnerSetting: {},
      createdOn: NO_TIME,
    },
    wanted: [200],
    signal: request.signal,
  }, (reply) => scaleSetOf(membersOf(reply.json(), "the scale set"))));
}

/** See `ActionsService.deleteScaleSet`. */
export async function deleteScaleSet(
  transport: Transport,
  request: CallOptions & { readonly scaleSetId: number },
): Promise<"deleted" | "busy"> {
  try {
    return await transport.service({
      operation: "delete scale set",
      method: "DELETE",
      path: scaleSetPath(request.scaleSetId),
      wanted: [204],
      signal: request.signal,
    }, () => "deleted" as const);
  } catch (thrown) {
    if (isGitHubError(thrown, "github_scale_set_not_found", "github_not_found")) return "deleted";
    if (refusesBecauseOfJobs(thrown)) return "busy";
    throw thrown;
  }
}

/**
 * The service refuses to delete a set whose runners have jobs; with which exception is not documented (§6.6), so a
 * refusal that speaks of jobs or running is read as that.
 */
function refusesBecauseOfJobs(thrown: unknown): boolean {
  if (isGitHubError(thrown, "github_job_still_running")) return true;
  if (!isGitHubError(thrown, "github_refused", "github_conflict")) return false;
  return /running|busy|assigned|job/i.test(
    thrown.message.slice(thrown.message.indexOf("answered")),
  );
}

/** The answer, or `undefined` when GitHub does not know the scale set. */
async function undefinedIfGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    if (isGitHubError(thrown, "github_scale_set_not_found", "github_not_found")) return undefined;
    throw thrown;
  }
}

/**
 * The one entry of a list answer, `undefined` for none. `count` decides, not the length of the list (§6.2). Throws
 * {@link BadShape} when there are several.
 */
export function onlyOne(body: unknown, what: string): Members | undefined {
  const answer = membersOf(body, "the answer");
  const count = integerOf(answer, "count");
  if (count === 0) return undefined;
  if (count !== 1) throw new BadShape(`${count} ${what} of that name, one at most is wanted`);
  return membersOf(listOf(answer, "value")[0], `the first of ${what}`);
}

/** An id of something that exists: a positive number. */
export function requiredId(members: Members): number {
  const id = integerOf(members, "id");
  if (id <= 0) throw new BadShape('"id" is missing');
  return id;
}

function scaleSetOf(set: Members): ScaleSet {
  return {
    id: requiredId(set),
    name: textOf(set, "name"),
    runnerGroupId: integerOf(set, "runnerGroupId"),
    runnerGroupName: textOf(set, "runnerGroupName"),
    labels: listOf(set, "labels").map((label) => textOf(membersOf(label, "a label"), "name")),
  };
}

function wireLabels(labels: readonly string[]): readonly { type: "System"; name: string }[] {
  return [...new Set(labels)].map((name) => ({ type: "System", name }));
}
