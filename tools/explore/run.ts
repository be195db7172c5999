/**
 * One plan in a world of its own, put together from its parts: stage, faults, rules, trace. What happens in which order is
 * `story.ts`'s business.
 */
import type { Logger } from "../../lib/log.ts";
import { VirtualClock } from "../../sim/clock.ts";
import type { RunnerScript } from "../../sim/runner.ts";
import { openWatchedStage } from "../../tests/journeys/invariants.ts";
import { type Bug, withBug } from "./bugs.ts";
import { CallFaults } from "./calls.ts";
import { labelOf, type Plan } from "./plan.ts";
import { Replicas } from "./replicas.ts";
import { JobRules, type Violation } from "./rules.ts";
import { HOME, nameOf, type Scene, type WantedSet } from "./scene.ts";
import { marked, traceWrite } from "./seen.ts";
import { live } from "./story.ts";
import { Trace } from "./trace.ts";

export interface RunResult {
  /** The first of each rule counts most; empty: all is well. */
  readonly violations: readonly Violation[];
  /** Faults that came to pass, by kind. */
  readonly counts: Readonly<Record<string, number>>;
  readonly virtualS: number;
  readonly trace: readonly string[];
  /** Of everything that happened. */
  readonly fingerprint: string;
  /** How long it took from the end of the storm to the rest, in virtual seconds. */
  readonly restS: number;
}

export interface RunOptions {
  /** Put into the product on purpose. */
  readonly bug?: Bug | undefined;
  readonly log?: Logger;
}

/** Waits that begin, for each second and besides: who waits more often goes round in circles. */
const WAITS = { each: 12, besides: 6_000 };

/** Counts who waits. */
class CountingClock extends VirtualClock {
  waits = 0;

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.waits++;
    return super.sleep(ms, signal);
  }
}

/** Never throws for what the product does. */
export async function runPlan(plan: Plan, options: RunOptions = {}): Promise<RunResult> {
  const violations: Violation[] = [];
  const counts: Record<string, number> = {};
  const wanted: readonly WantedSet[] = plan.setting.sets.map((set) => ({
    ...set,
    highest: set.max,
    round: 0,
  }));
  const lost = new Set<string>();
  const canceled = new Set<string>();
  const scripts: RunnerScript[] = [];
  const happened = (label: string, details: string) => {
    counts[label] = (counts[label] ?? 0) + 1;
    trace.note("FAULT", `${label} ${details}`.trimEnd());
  };
  const clock = new CountingClock();
  const trace = new Trace(clock);
  const watched = await openWatchedStage({
    clock,
    seed: plan.seed,
    skewMs: plan.setting.skewMs,
    max: (set) => wanted.find(({ name }) => set === `${HOME}/${name}`)?.highest ?? 0,
    isLost: (runner) => lost.has(runner),
    github: {
      backend: plan.setting.backend,
      serviceTenant: plan.setting.serviceTenant,
      statisticsMessages: plan.setting.statisticsMessages,
      latencyMs: { fromMs: 0, toMs: plan.setting.latencyMs },
    },
    ...(options.log && { log: options.log }),
    onWrite: (write) => traceWrite(trace, write),
    onStart: ({ kind }) => trace.note(kind, "starts"),
    runnerScript: (pod) => {
      const script = scripts.shift() ?? "run";
      if (script === "run") return script;
      if (script === "crash") lost.add(nameOf(pod));
      happened(labelOf({ do: "bad-runners", script, times: 1 }), nameOf(pod));
      return script;
    },
  });
  const { stage } = watched;
  const calls = new CallFaults({
    clock,
    onBite: (deed, { request, from }) => {
      if (deed.do === "crash") replicas.willBeDown(from, deed.downS * 1000);
      const { host, pathname } = new URL(request.url);
      happened(labelOf(deed), `at ${request.method} ${host}${pathname}`);
    },
  });
  const replicas = new Replicas({
    clock,
    start: () =>
      stage.startController(plan.setting.replicas > 1 ? ["--enable-leader-election"] : []),
    onFailure: (thrown) => trace.note("controller", `ends: ${thrown}`),
  });
  const scene: Scene = {
    plan,
    stage,
    replicas,
    calls,
    trace,
    wanted,
    lost,
    canceled,
    scripts,
    nodes: ["node-1", "node-2", "node-3"],
    happened,
  };
  const rules = new JobRules(scene, (violation) => violations.push(violation));
  const tap = withBug(options.bug, { tap: marked(trace, calls.tap), rules });
  stage.taps.controller = stage.taps.listener = tap;
  let restS = 0;
  try {
    await using _ = stage;
    restS = await live(scene, { watched, violations });
    replicas.end();
  } catch (thrown) {
    const what = thrown instanceof Error ? thrown.stack : undefined;
    violations.push({ rule: "error", what: what ?? String(thrown) });
  }
  const mostWaits = WAITS.besides + WAITS.each * trace.seconds;
  if (clock.waits > mostWaits) {
    violations.push({
      rule: "busy-loop",
      what: `${clock.waits} waits in ${Math.round(trace.seconds)} s, more than ${mostWaits}`,
    });
  }
  return {
    violations,
    counts,
    virtualS: trace.seconds,
    trace: trace.lines,
    fingerprint: trace.fingerprint,
    restS,
  };
}
