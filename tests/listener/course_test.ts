/** What a listener tells over its life: to whom it was said before, and what it believes. On fakes and virtual time. */
import assert from "node:assert/strict";
import { aMessage, completed, started, statistics } from "./jobs.ts";
import { aWorld, ourDocument, startListening, type World } from "./listening.ts";

const MINUTE = 60_000;

function reports({ cluster }: World): readonly unknown[] {
  return cluster.patches.flatMap(({ body }) => {
    const { spec } = body as { readonly spec?: Readonly<Record<string, unknown>> };
    return spec !== undefined && "listenerReport" in spec ? [spec["listenerReport"]] : [];
  });
}

Deno.test("with every order the set is told which session is held", async () => {
  const world = aWorld();
  const listening = startListening(world, { document: ourDocument() });
  await world.clock.advance(0);
  assert.equal(world.cluster.runnerSet.spec?.listenerSession, "session-1");
  world.github.sessions.clear();
  await world.clock.advance(2 * MINUTE);
  assert.equal(world.cluster.runnerSet.spec?.listenerSession, "session-2");
  await listening.stop();
});

Deno.test("a listener that starts after a crash takes the session over; one that lost it does not take it back", async () => {
  const world = aWorld();
  const { clock, github } = world;
  const former = startListening(world, { document: ourDocument() });
  await clock.advance(10_000);
  // The former one is not dead after all.
  const heir = startListening(world, { document: ourDocument(), owner: "listener-1", seed: 2 });
  await clock.advance(10_000);
  assert.equal(heir.readiness.at(-1), undefined);
  await clock.advance(10 * MINUTE);
  assert.equal(github.mostSessions, 1);
  assert.deepEqual(
    github.calls.filter((call) => call.startsWith("end")),
    ["end session-1", "end session-1"], // the heir's for certain, and the former one's own
  );
  assert.match(String(former.readiness.at(-1)), /active/);
  assert.equal(heir.readiness.at(-1), undefined);
  await Promise.all([former.stop(), heir.stop()]);
});

Deno.test("B9: an interrupted session is reported once, and taken back once it is heard again", async () => {
  const world = aWorld();
  const { clock, github } = world;
  const listening = startListening(world, { document: ourDocument() });
  await clock.advance(MINUTE);
  github.sessions.clear();
  github.sessions.add("somebody-else");
  await clock.advance(20 * MINUTE);
  assert.deepEqual(reports(world), ["no-session:SessionConflict A session is active"]);
  github.sessions.clear();
  await clock.advance(2 * MINUTE);
  assert.deepEqual(reports(world).slice(1), [null]);
  assert.match(await listening.metrics.render(), /longshore_listener_session_healthy\{[^}]*\} 1\n/);
  await listening.stop();
});

Deno.test("F10: phantoms that a former life found are believed in from the start", async () => {
  const world = aWorld();
  const { clock, github, cluster } = world;
  const { runnerSet } = cluster;
  cluster.runnerSet = { ...runnerSet, spec: { patchID: 0, listenerReport: "phantom-jobs:15" } };
  github.statistics = statistics(34, { running: 19 });
  const listening = startListening(world, { document: ourDocument() });
  await clock.advance(0);
  assert.equal(cluster.runnerSet.spec?.replicas, 19);
  assert.equal(cluster.runnerSet.spec?.listenerReport, "phantom-jobs:15");
  github.push(aMessage(1, statistics(19, { running: 19 })));
  await clock.advance(1_000);
  assert.equal(cluster.runnerSet.spec?.replicas, 19);
  assert.equal(cluster.runnerSet.spec?.listenerReport, undefined);
  await listening.stop();
});

Deno.test("§20.62: growth follows the statistics alone, whatever messages count", async () => {
  const world = aWorld();
  const { clock, github, cluster } = world;
  const listening = startListening(world, {
    document: ourDocument({ min_runners: 1, max_runners: 9 }),
  });
  await clock.advance(0);
  const many = Array.from({ length: 7 }, (_, n) => started(`r-${n}`));
  github.push(aMessage(1, statistics(3), { assigned: many, started: [], completed: [] }));
  await clock.advance(0);
  assert.equal(cluster.runnerSet.spec?.replicas, 4);
  github.push(aMessage(2, statistics(40), { completed: [completed("r-0")] }));
  await clock.advance(0);
  assert.equal(cluster.runnerSet.spec?.replicas, 9);
  await listening.stop();
});

Deno.test("entries that this version does not know are counted", async () => {
  const world = aWorld();
  const listening = startListening(world);
  await world.clock.advance(0);
  world.github.push(aMessage(1, statistics(0), { unknown: 4 }));
  await world.clock.advance(0);
  assert.match(await listening.metrics.render(), /unknown_messages_total\{[^}]*\} 4\n/);
  await listening.stop();
});
