import assert from "node:assert/strict";
import fc from "fast-check";
import { createCache } from "../../kube/cache.ts";
import type { KubeObject } from "../../kube/types.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { ModelServer, versionsOf } from "./model_server.ts";

const name = fc.constantFrom("x", "y", "z");

/** What may happen, in any order. */
type Action =
  | { readonly do: "write" | "theirs" | "delete" | "their deletion"; readonly name: string }
  | { readonly do: "deliver"; readonly count: number }
  | { readonly do: "late answer" | "ask for a list" | "list arrives" }
  | { readonly do: "wait"; readonly ms: number };

const steps: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constantFrom("write" as const, "theirs" as const, "delete" as const),
    name,
  }),
  fc.record({ do: fc.constant("their deletion" as const), name }),
  fc.record({ do: fc.constant("deliver" as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant("late answer" as const) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.nat({ max: 2_000 }) }),
);
const relists: fc.Arbitrary<Action> = fc.record({
  do: fc.constantFrom("ask for a list" as const, "list arrives" as const),
});

/** A server, a cache, and a watch between them that lags behind. */
class Stage {
  readonly clock = new VirtualClock();
  readonly server = new ModelServer();
  readonly cache = createCache<KubeObject>({ clock: this.clock });
  readonly #sink = this.cache.sink();
  readonly #answers: KubeObject[] = [];
  #told = this.server.revision;
  #list: { items: readonly KubeObject[]; revision: number; sinceMs: number } | undefined;

  constructor() {
    this.#sink.replace([], { sinceMs: this.#nowMs() });
  }

  async take(action: Action): Promise<void> {
    switch (action.do) {
      case "write":
        return this.cache.absorb(this.server.write(action.name));
      case "theirs": // also a write of ours whose answer has not come yet
        return void this.#answers.push(this.server.write(action.name));
      case "late answer": {
        const answer = this.#answers.shift();
        if (answer !== undefined) this.cache.absorb(answer);
        return;
      }
      case "delete": {
        const uid = this.server.delete(action.name);
        if (uid !== undefined) {
          this.cache.absorbDeletion({ namespace: "a", name: action.name }, uid);
        }
        return;
      }
      case "their deletion":
        return void this.server.delete(action.name);
      case "deliver":
        return this.deliver(action.count);
      case "ask for a list":
        this.#list = {
          items: this.server.list(),
          revision: this.server.revision,
          sinceMs: this.#nowMs(),
        };
        return;
      case "list arrives":
        return this.arrive();
      case "wait":
        return await this.clock.advance(action.ms);
    }
  }

  /** While a list is on its way there is no watch. */
  deliver(count: number): void {
    if (this.#list !== undefined) return;
    for (const event of this.server.history.filter((one) => one.revision > this.#told)) {
      if (count-- === 0) return;
      this.#sink.apply(event.type, event.object);
      this.#told = event.revision;
    }
  }

  arrive(): void {
    if (this.#list === undefined) return;
    this.#sink.replace(this.#list.items, this.#list);
    this.#told = this.#list.revision;
    this.#list = undefined;
  }

  /** As a reflector does whose watch owes something for 30 s. */
  async listAgain(): Promise<void> {
    if ((this.#sink.lagMs?.() ?? 0) < 30_000) return;
    await this.take({ do: "ask for a list" });
    this.arrive();
  }

  #nowMs(): number {
    return this.clock.now().getTime();
  }
}

function assertEqual(stage: Stage): void {
  assert.deepEqual(versionsOf(stage.cache.all()), versionsOf(stage.server.list()));
}

Deno.test("once the watch has caught up, the cache equals a re-list", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { size: "max", maxLength: 60 }), async (actions) => {
      const stage = new Stage();
      for (const action of actions) await stage.take(action);
      stage.deliver(Infinity);
      assertEqual(stage);
    }),
    { numRuns: 300 },
  );
});

Deno.test("with lists in between too, at the latest after one more, if something is owed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(steps, relists), { size: "max", maxLength: 60 }),
      async (actions) => {
        const stage = new Stage();
        for (const action of actions) await stage.take(action);
        stage.arrive();
        stage.deliver(Infinity);
        await stage.clock.advance(30_000);
        await stage.listAgain();
        assertEqual(stage);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("nothing older than what we wrote is shown while the watch lags", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps.filter((action) => action.do !== "wait" && action.do !== "late answer"), {
        size: "max",
        maxLength: 60,
      }),
      async (actions) => {
        const stage = new Stage();
        const written = new Map<string, number>();
        for (const action of actions) {
          await stage.take(action);
          if (action.do === "write") written.set(action.name, stage.server.revision);
          for (const object of stage.cache.all()) {
            const { name, resourceVersion } = object.metadata ?? {};
            assert.ok(Number(resourceVersion) >= (written.get(name ?? "") ?? 0), name);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
