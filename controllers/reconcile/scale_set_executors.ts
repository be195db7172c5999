/** Steps on a scale set at GitHub, and what they note on its runner set. Refusals are told by the field of the spec. */
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { ANNOTATIONS, DEFAULT_RUNNER_GROUP_ID } from "../../crds/group.ts";
import { isGitHubError } from "../../github/errors.ts";
import type { ActionsService, ScaleSet } from "../../github/service.ts";
import { keyText } from "../../kube/types.ts";
import { type Disposition, errorCode, HouseError, messageOf } from "../../lib/errors.ts";
import { absorb, type ExecutorContext } from "./executors.ts";
import type { GitHubCalls } from "./github_calls.ts";
import type { Executors, Step, Wait } from "./step.ts";

type ScaleSetStep = "register-scale-set" | "update-scale-set" | "delete-scale-set";

/** The group named in the spec is not there, or not for this credential. */
class NoRunnerGroup extends HouseError {
  override readonly name = "NoRunnerGroup";
  override readonly code = "github_no_runner_group";
  override readonly disposition: Disposition = { kind: "retry-after", ms: 60_000 };
}

/** GitHub refuses what a field of the spec asks for. Only a change of the spec helps. */
class FieldRefused extends HouseError {
  override readonly name = "FieldRefused";
  override readonly code = "github_field_refused";
  override readonly disposition: Disposition = { kind: "stop" };
}

/** How soon to ask again whether a scale set with a busy runner may go, in ms. */
const SCALE_SET_BUSY_MS = 5_000;
/** A spec that was refused is not sent again before this, however often its set is looked at, in ms. */
const REFUSED_MS = 60_000;
/** How soon to look again at a set that GitHub forgot, in ms. */
const AGAIN_MS = 1_000;

/** Remembers what GitHub refused, so that the same is not sent again at once. */
export function scaleSetExecutors(
  context: ExecutorContext,
  { call, ask }: GitHubCalls,
): Pick<Executors, ScaleSetStep> {
  const { clock, kube } = context;
  /** By runner set and step. */
  const refusals = new Map<
    string,
    { readonly asked: string; readonly thrown: unknown; readonly untilMs: number }
  >();

  /** Does not repeat at once what was refused because of the spec. */
  async function unlessRefused(
    step: Extract<Step, { do: "register-scale-set" | "update-scale-set" }>,
    work: () => Promise<Wait | void>,
  ): Promise<Wait | void> {
    const key = `${step.do} ${keyText(step.runnerSet)}`;
    const asked = JSON.stringify(step);
    const refusal = refusals.get(key);
    const nowMs = () => clock.now().getTime();
    if (refusal?.asked === asked && nowMs() < refusal.untilMs) throw refusal.thrown;
    refusals.delete(key);
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof FieldRefused || thrown instanceof NoRunnerGroup) {
        refusals.set(key, { asked, thrown, untilMs: nowMs() + REFUSED_MS });
      }
      throw thrown;
    }
  }

  async function groupId(
    service: ActionsService,
    name: string,
    signal: AbortSignal,
  ): Promise<number> {
    if (name === "") return DEFAULT_RUNNER_GROUP_ID;
    const group = await service.findRunnerGroup(name, { signal });
    if (group !== undefined) return group.id;
    throw new NoRunnerGroup(
      `spec.runnerGroup is "${name}": GitHub knows no runner group of that name for these credentials`,
    );
  }

  async function writeNames(
    step: { readonly runnerSet: { readonly namespace: string; readonly name: string } },
    scaleSet: ScaleSet,
    also: {
      readonly metadata?: object;
      readonly spec?: object;
      readonly labels?: readonly string[] | undefined;
      /** The config URL that it is registered under, when that is news. */
      readonly url?: string;
    },
    signal: AbortSignal,
  ): Promise<void> {
    const { labels, url, ...rest } = also;
    const annotations = {
      [ANNOTATIONS.scaleSetId]: String(scaleSet.id),
      [ANNOTATIONS.scaleSetName]: scaleSet.name,
      [ANNOTATIONS.runnerGroupName]: scaleSet.runnerGroupName,
      ...(labels && { [ANNOTATIONS.scaleSetLabels]: JSON.stringify(labels) }),
      ...(url !== undefined && { [ANNOTATIONS.registeredUrl]: url }),
    };
    const patch = { ...rest, metadata: { ...rest.metadata, annotations } };
    absorb(
      context,
      AUTOSCALING_RUNNER_SETS,
      await kube.patch(AUTOSCALING_RUNNER_SETS, step.runnerSet, patch, { signal }),
    );
  }

  async function registerSet(
    step: Extract<Step, { do: "register-scale-set" }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { labels, name, replaces } = step;
    const { scaleSet, isNew } = await call(step.target, signal, async (service) => {
      const present = replaces && await service.getScaleSet(replaces, { signal });
      if (present) return { scaleSet: present, isNew: false };
      const runnerGroupId = await groupId(service, step.group, signal);
      const found = await service.findScaleSet(name, runnerGroupId, { signal });
      if (found) return { scaleSet: found, isNew: false };
      const draft = { name, runnerGroupId, labels };
      const made = service.createScaleSet(draft, { signal });
      return { scaleSet: await explained(made, creationHint(step)), isNew: true };
    });
    // One that was found may have other labels: the next look compares them.
    const also = { ...step.alsoWrite as object, labels: isNew ? labels : scaleSet.labels };
    await writeNames(step, scaleSet, { ...also, url: step.target.configUrl }, signal);
  }

  async function updateSet(
    step: Extract<Step, { do: "update-scale-set" }>,
    signal: AbortSignal,
  ): Promise<Wait | void> {
    const { change, scaleSetId } = step;
    const scaleSet = await call(step.target, signal, async (service) => {
      const wire = "group" in change
        ? { runnerGroupId: await groupId(service, change.group, signal) }
        : change;
      return await explained(
        service.updateScaleSet(scaleSetId, wire, { signal }),
        changeHint(change),
      );
    });
    if (scaleSet === undefined) {
      return await forgetScaleSet(context, step.runnerSet, scaleSetId, signal);
    }
    const labels = "labels" in change ? change.labels : undefined;
    await writeNames(step, scaleSet, { labels }, signal);
  }

  return {
    "register-scale-set": (step, signal) => unlessRefused(step, () => registerSet(step, signal)),
    "update-scale-set": (step, signal) => unlessRefused(step, () => updateSet(step, signal)),

    "delete-scale-set": (step, signal) =>
      ask(
        step,
        { signal, whenBusyMs: SCALE_SET_BUSY_MS },
        (service, signal) => service.deleteScaleSet(step.scaleSetId, { signal }),
      ),
  };
}

/** Says of a refusal which field of the spec it is about. */
async function explained<T>(work: Promise<T>, hint: string): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (!isGitHubError(thrown, "github_refused", "github_conflict")) throw thrown;
    throw new FieldRefused(`${hint}. ${messageOf(thrown)}`, { cause: thrown });
  }
}

function creationHint(
  { name, labels }: Extract<Step, { do: "register-scale-set" }>,
): string {
  const more = labels.filter((label) => label !== name);
  const and = more.length === 0
    ? ""
    : `, or labels beside the name: spec.runnerScaleSetLabels is ${JSON.stringify(more)}`;
  return `GitHub takes no scale set called "${name}" (spec.runnerScaleSetName) in this group${and}`;
}

function changeHint(change: Extract<Step, { do: "update-scale-set" }>["change"]): string {
  if ("labels" in change) {
    const shown = JSON.stringify(change.labels.slice(1));
    return `spec.runnerScaleSetLabels is ${shown}, which this server does not take`;
  }
  return "name" in change
    ? `spec.runnerScaleSetName is "${change.name}", which GitHub does not take: it may be in use`
    : `spec.runnerGroup is "${change.group}", where GitHub does not take this scale set`;
}

/** GitHub knows the scale set no more: without its id on the runner set it is registered again (B10). */
export async function forgetScaleSet(
  context: ExecutorContext,
  runnerSet: { readonly namespace: string; readonly name: string },
  scaleSetId: number,
  signal: AbortSignal,
): Promise<Wait> {
  const path = `/metadata/annotations/${ANNOTATIONS.scaleSetId}`;
  const patched = await context.kube.jsonPatch(AUTOSCALING_RUNNER_SETS, runnerSet, [
    { op: "test", path, value: String(scaleSetId) },
    { op: "remove", path },
  ], { signal }).catch((thrown) => {
    // Somebody has put it right already.
    if (errorCode(thrown) === "kube_patch_test_failed") return undefined;
    throw thrown;
  });
  if (patched) absorb(context, AUTOSCALING_RUNNER_SETS, patched);
  return { waitMs: AGAIN_MS };
}
