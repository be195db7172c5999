import assert from "node:assert/strict";
import fc from "fast-check";
import {
  countedState,
  decide,
  initialState,
  type Limits,
  type ListenerState,
  reopenedState,
} from "../../listener/decide.ts";
import { ModelWorld } from "./model_world.ts";

const PURE = { permissions: "none" } as const;

type Happening =
  | { readonly what: "assign" | "reconcile" | "news" | "restart" | "reopen" }
  | { readonly what: "cancel" | "complete" | "end" | "boot"; readonly which: number }
  | { readonly what: "poll"; readonly limit: number }
  | { readonly what: "limits"; readonly limits: Limits };

const someLimits: fc.Arbitrary<Limits> = fc.record({
  minRunners: fc.integer({ min: 0, max: 3 }),
  more: fc.integer({ min: 0, max: 6 }),
}).map(({ minRunners, more }) => ({ minRunners, maxRunners: minRunners + more }));

const which = fc.nat(9);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ what: "assign" } as const) },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant("poll" as const),
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ what: "reconcile" } as const) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("boot" as const), which }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("complete" as const), which }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("end" as const), which }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("cancel" as const), which }) },
  { weight: 2, arbitrary: fc.constant({ what: "news" } as const) },
);

const disturbance: fc.Arbitrary<Happening> = fc.oneof(
  fc.constant({ what: "restart" } as const),
  fc.constant({ what: "reopen" } as const),
  fc.record({ what: fc.constant("limits" as const), limits: someLimits }),
);

/** One run of a listener's life (or several) against the model. */
class Run {
  readonly world = new ModelWorld();
  limits: Limits;
  writes = 0;
  #state: ListenerState;
  #life = 1;

  constructor(limits: Limits) {
    this.limits = limits;
    this.#state = initialState(this.world.statistics());
    this.#decide(undefined);
  }

  happen(happening: Happening): void {
    switch (happening.what) {
      case "assign":
        return this.world.assign();
      case "reconcile":
        return this.world.reconcile();
      case "news":
        return this.#decide(this.world.news());
      case "cancel":
        return this.world.cancel(happening.which);
      case "complete":
        return this.world.complete(happening.which);
      case "end":
        return this.world.end(happening.which);
      case "boot":
        return this.world.boot(happening.which);
      case "poll":
        return this.#decide(this.world.poll(happening.limit));
      case "limits":
        this.limits = happening.limits;
        return this.#decide(undefined);
      case "restart":
        this.#state = initialState(this.world.statistics(), {
          firstSequence: 1000 * this.#life++,
        });
        return this.#decide(undefined);
      case "reopen":
        this.#state = reopenedState(this.#state, this.world.statistics());
        return this.#decide(undefined);
      default:
        happening satisfies never;
    }
  }

  /** Polls until nothing has been said for `polls` polls, while whatever is under way comes to its end. */
  rest(polls: number): void {
    for (let quiet = 0; quiet < polls;) {
      this.world.bringToRest();
      const message = this.world.poll(50);
      quiet = message === undefined ? quiet + 1 : 0;
      this.#decide(message);
    }
    this.world.bringToRest();
  }

  #decide(message: ReturnType<ModelWorld["poll"]>): void {
    const decision = decide(this.#state, message, this.limits);
    assert.equal(
      decision.target,
      Math.min(
        this.limits.minRunners + decision.next.statistics.assigned,
        this.limits.maxRunners,
      ),
    );
    this.#state = this.#state.last === undefined
      ? countedState(decision.next, this.world.counted)
      : decision.next;
    if (decision.write) this.writes++;
    this.world.write(decision);
  }
}

function check(limits: Limits, happenings: readonly Happening[]): void {
  const run = new Run(limits);
  for (const happening of happenings) run.happen(happening);

  run.rest(12);
  const { world } = run;
  const wanted = world.target(run.limits);
  assert.ok(world.runners >= wanted, `${world.runners} runners, ${wanted} wanted`);
  const beyondMaximum = Math.max(0, world.statistics().assigned - run.limits.maxRunners);
  assert.ok(world.waitingJobs <= beyondMaximum, `${world.waitingJobs} jobs without a runner`);

  const writes = run.writes;
  run.rest(200);
  assert.ok(run.writes - writes <= 1, `${run.writes - writes} writes though nothing changed`);

  world.endAllJobs();
  run.rest(12);
  assert.equal(world.runners, run.limits.minRunners, "runners once quiet");
}

type Example = [Limits, Happening[]];

const poll: Happening = { what: "poll", limit: 4 };
const boot: Happening = { what: "boot", which: 0 };
const complete: Happening = { what: "complete", which: 0 };
const assign: Happening = { what: "assign" };
const reconcile: Happening = { what: "reconcile" };

/** What once went wrong, or would without one rule or another. */
const HARD: readonly Example[] = [
  // The runner that ended still counts while its two successors are wanted: one of them is not made.
  [{ minRunners: 0, maxRunners: 5 }, [
    ...[assign, poll, reconcile, boot, poll, complete, assign, assign, poll, reconcile],
    { what: "end", which: 0 },
  ]],
  // A batch is replaced by the next one before the controller saw it.
  [{ minRunners: 1, maxRunners: 3 }, [
    ...[reconcile, assign, boot, assign, { what: "poll", limit: 1 } as const, complete, poll],
  ]],
];

const HARD_LIVES: readonly Example[] = [
  // A runner that the former life wanted gone has not registered yet.
  [{ minRunners: 1, maxRunners: 1 }, [
    reconcile,
    { what: "limits", limits: { minRunners: 0, maxRunners: 1 } },
    { what: "restart" },
    assign,
    { what: "reopen" },
  ]],
];

Deno.test(
  "whatever jobs do, no job stays without a runner and no surplus stays once quiet",
  PURE,
  () => {
    fc.assert(
      fc.property(someLimits, fc.array(happening, { maxLength: 60 }), check),
      { seed: 20261122, numRuns: 3000, examples: [...HARD] },
    );
  },
);

Deno.test("nor do restarts, lost sessions and other limits change that", PURE, () => {
  fc.assert(
    fc.property(
      someLimits,
      fc.array(
        fc.oneof({ weight: 9, arbitrary: happening }, { weight: 1, arbitrary: disturbance }),
        {
          maxLength: 60,
        },
      ),
      check,
    ),
    { seed: 20261122, numRuns: 3000, examples: [...HARD_LIVES] },
  );
});
