import assert from "node:assert/strict";
import { KubeError } from "../../kube/errors.ts";
import { InvalidInput } from "../../lib/errors.ts";
import { aMessage, completed, started, statistics } from "./jobs.ts";
import { aDocument, aWorld, ourDocument, startListening } from "./listening.ts";

Deno.test("refuses a document that makes no sense before it opens anything", async () => {
  const world = aWorld();
  const document = aDocument({ runner_scale_set_id: 0 });
  await assert.rejects(startListening(world, { document }).stop(), InvalidInput);
  assert.deepEqual(world.github.calls, []);
});

Deno.test("is ready while it holds a session, and not before", async () => {
  const world = aWorld();
  const listening = startListening(world);
  assert.deepEqual(listening.readiness, ["No session yet"]);
  await world.clock.advance(0);
  assert.equal(listening.readiness.at(-1), undefined);
  await listening.stop();
});

Deno.test("two listeners of one process do not disturb each other", async () => {
  const one = aWorld();
  const other = { ...aWorld(), clock: one.clock };
  const listenings = [startListening(one), startListening(other)];
  await one.clock.advance(0);
  one.github.push(aMessage(1, statistics(3)));
  await one.clock.advance(60_000);
  assert.equal(one.cluster.runnerSet.spec?.replicas, 3);
  assert.deepEqual(other.cluster.orders, [[0, 0]]);
  await listenings[0]?.stop();
  assert.ok(!listenings[1]?.hasEnded);
  await listenings[1]?.stop();
});

Deno.test("B8: an illegal label of a user does not hinder the others' listeners", async () => {
  const world = aWorld();
  const metrics = {
    gauges: { gha_desired_runners: { labels: ["name"] }, nonsense: { labels: [] } },
  };
  const listening = startListening(world, { document: aDocument({ metrics }) });
  await world.clock.advance(0);
  const text = await listening.metrics.render();
  assert.match(text, /^gha_desired_runners\{name="linux"\} 0$/m);
  await listening.stop();
});

Deno.test("B9: 40 jobs, one after the other, cost less than three orders each", async () => {
  const world = aWorld();
  const { clock, cluster, github } = world;
  const listening = startListening(world);
  await clock.advance(60_000);
  for (let n = 0; n < 40; n++) {
    const runner = `runner-${n}`;
    cluster.addRunner(runner);
    github.push(aMessage(3 * n + 1, statistics(1)));
    await clock.advance(20_000);
    github.push(aMessage(3 * n + 2, statistics(1, { running: 1 }), { started: [started(runner)] }));
    await clock.advance(120_000);
    github.push(aMessage(3 * n + 3, statistics(0), { completed: [completed(runner)] }));
    await clock.advance(120_000);
  }
  assert.equal(github.acknowledged.length, 120);
  assert.equal(cluster.orders.length, 1 + 2 * 40);
  await listening.stop();
});

Deno.test("B3: where it may not look at its AutoscalingListener, a new document changes its limits", async () => {
  const world = aWorld();
  const { clock, cluster } = world;
  cluster.faults = (call) => {
    if (call === "list") throw new KubeError("no", { code: "kube_forbidden", httpStatus: 403 });
  };
  let document = ourDocument({ min_runners: 1, max_runners: 5 });
  const listening = startListening(world, { document, read: () => JSON.stringify(document) });
  await clock.advance(60_000);
  assert.equal(cluster.runnerSet.spec?.replicas, 1);
  document = ourDocument({ min_runners: 3, max_runners: 5 });
  await clock.advance(20_000);
  assert.equal(cluster.runnerSet.spec?.replicas, 3);
  await listening.stop();
});

Deno.test("another log level of the document is heard once; a hand's own change meanwhile stays", async () => {
  const world = aWorld();
  const levels: string[] = [];
  let document = ourDocument({ log_level: "info" });
  const listening = startListening(world, {
    document,
    read: () => JSON.stringify(document),
    onLogLevel: (level) => levels.push(level),
  });
  await world.clock.advance(30_000);
  assert.deepEqual(levels, []);
  document = ourDocument({ log_level: "debug" });
  await world.clock.advance(30_000);
  document = ourDocument({ log_level: "debug", max_runners: 7 });
  await world.clock.advance(30_000);
  assert.deepEqual(levels, ["debug"]);
  await listening.stop();
});
