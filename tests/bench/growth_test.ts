/** Cost per runner does not grow with their number: counted calls and counted looks of the whole product, on virtual time. */
import assert from "node:assert/strict";
import type { Metrics } from "../../lib/metrics.ts";
import { silentMetrics } from "../../lib/metrics.ts";
import { openStage } from "../journeys/stage.ts";

const FEW = 50;
const MANY = 400;
/** How much more a runner may cost among many. */
const GROWTH = 1.3;

interface Counts {
  /** Requests to the API server but watches, a runner. */
  readonly calls: number;
  /** Attempts at runners, a runner. */
  readonly attempts: number;
  /** Attempts at the set, each of which looks at every runner there is: looks, a runner. */
  readonly looks: number;
}

/** Counts what the control loops did, by controller. */
function counting(): { readonly metrics: Metrics; readonly attempts: Map<string, number> } {
  const attempts = new Map<string, number>();
  const metrics: Metrics = {
    ...silentMetrics,
    increment: (name, labels, by = 1) => {
      if (name !== "controller_runtime_reconcile_total") return;
      const controller = String(labels?.["controller"]);
      attempts.set(controller, (attempts.get(controller) ?? 0) + by);
    },
  };
  return { metrics, attempts };
}

async function costOf(jobs: number): Promise<Counts> {
  const { metrics, attempts } = counting();
  await using stage = await openStage({
    metrics: { controller: metrics, listener: () => silentMetrics },
  });
  stage.startController();
  await stage.addSet({ max: jobs });
  await stage.until("a listener polls", () => stage.listeners.size === 1);
  await stage.pass(60);
  stage.world.api.requests.reset();
  attempts.clear();
  const { control } = stage.world.github;
  control.queueJobs({ scaleSet: "linux", count: jobs, durationMs: 30_000 });
  await stage.until(
    "all jobs are done",
    () => control.state().jobs.every(({ result }) => result !== undefined),
  );
  await stage.until("the runners are gone", () => stage.runners().length === 0);
  const calls = Object.entries(stage.calls()).filter(([call]) => !call.startsWith("watch "))
    .reduce((sum, [, count]) => sum + count, 0);
  return {
    calls: calls / jobs,
    attempts: (attempts.get("ephemeralrunner") ?? 0) / jobs,
    looks: attempts.get("ephemeralrunnerset") ?? 0,
  };
}

Deno.test("a runner among 400 costs no more calls, attempts and looks than one among 50", async () => {
  const few = await costOf(FEW);
  const many = await costOf(MANY);
  const text = JSON.stringify({ few, many });
  assert.ok(few.calls > 0 && few.attempts > 0 && few.looks > 0, `nothing was counted: ${text}`);
  assert.ok(many.calls <= few.calls * GROWTH, text);
  assert.ok(many.attempts <= few.attempts * GROWTH, text);
  assert.ok(many.looks <= few.looks * GROWTH, text);
});
