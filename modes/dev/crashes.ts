/** Which runner pods fail, and how, when a share of them is to fail. Pure: the randomness is an argument. */
import type { Random } from "../../lib/random.ts";
import type { RunnerScript } from "../../sim/runner.ts";

/** Most pods that fail do so before they have a job: they cost time, not jobs. */
const WAYS: readonly { readonly script: RunnerScript; readonly share: number }[] = [
  { script: "fail-early", share: 0.8 },
  { script: "crash", share: 0.1 },
  { script: "fail-after-job", share: 0.1 },
];

/** What the runner of the next pod does. `failRate` from 0 to 1. */
export function nextScript(failRate: number, random: Random): RunnerScript {
  if (random() >= failRate) return "run";
  let rest = random();
  for (const { script, share } of WAYS) {
    if (rest < share) return script;
    rest -= share;
  }
  return "fail-early";
}
