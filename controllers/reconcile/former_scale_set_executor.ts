/** Removes scale sets that runner sets had at other config URLs: tried now and then, told of when it fails, never waited for. */
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { keyText } from "../../kube/types.ts";
import { messageOf } from "../../lib/errors.ts";
import { absorb, type ExecutorContext, tellLeftBehind } from "./executors.ts";
import type { GitHubCalls } from "./github_calls.ts";
import type { Executors, Step } from "./step.ts";

/** One that did not go is not asked for again before this, in ms. */
const AGAIN_MS = 50_000;

/** Remembers when GitHub was asked in vain. */
export function formerScaleSetExecutor(
  context: ExecutorContext,
  { call, within }: GitHubCalls,
): Pick<Executors, "retire-scale-set"> {
  /** By runner set and place: when GitHub was last asked in vain. */
  const asked = new Map<string, number>();

  /** `undefined`: it is gone. Else why not. */
  async function refusal(
    step: Extract<Step, { do: "retire-scale-set" }>,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    try {
      const answer = await within(
        step.withinMs,
        signal,
        (signal) =>
          call(
            step.target,
            signal,
            (service) => service.deleteScaleSet(step.scaleSetId, { signal }),
          ),
      );
      return answer === "deleted" ? undefined : "a runner of it is busy";
    } catch (thrown) {
      signal.throwIfAborted();
      return messageOf(thrown);
    }
  }

  return {
    "retire-scale-set": async (step, signal) => {
      const { orElse, runnerSet, scaleSetId, target } = step;
      const place = `${keyText(runnerSet)} ${scaleSetId} ${target.configUrl}`;
      const nowMs = context.clock.now().getTime();
      if (nowMs - (asked.get(place) ?? -Infinity) < AGAIN_MS) return;
      asked.set(place, nowMs);
      const why = await refusal(step, signal);
      if (why !== undefined) {
        tellLeftBehind(context, { ...orElse, note: `${orElse.note}: ${why}` });
        return;
      }
      asked.delete(place);
      absorb(
        context,
        AUTOSCALING_RUNNER_SETS,
        await context.kube.patch(AUTOSCALING_RUNNER_SETS, runnerSet, step.forget, { signal }),
      );
    },
  };
}
