/** Each fault is planted in the simulated world; the first line of what `doctor` says has to name it. */
import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import { DEPLOYMENTS } from "../../../kube/resources.ts";
import { CONTROLLER } from "../../../sim/world_objects.ts";
import { MODES } from "../../../modes/mode.ts";
import { firstLine, Installation, NAMESPACE } from "../installation.ts";
import { DOCTOR_FAULTS } from "./faults.ts";

for (const row of DOCTOR_FAULTS) {
  Deno.test(`doctor names it first: ${row.fault}`, async () => {
    await using world = await Installation.planted(row);
    const { text, results } = await world.doctor();
    assert.match(firstLine(text), row.firstLine, text);
    assert.equal(results.find(({ id }) => id === row.check)?.is, "wrong", text);
    assert.ok(!/ghp_\w/.test(text), "a secret is shown");
  });
}

Deno.test("doctor finds nothing in a healthy world, and looked at everything", async () => {
  await using world = await (await Installation.open()).settled();
  const { text, results } = await world.doctor();
  assert.match(firstLine(text), /^✓ Nothing is wrong/, text);
  assert.deepEqual(results.filter(({ is }) => is === "wrong"), []);
  assert.deepEqual(results.filter(({ is }) => is === "unseen"), []);
});

Deno.test("doctor whose credentials the server does not take says so, and skips the rest", async () => {
  await using world = await (await Installation.open()).settled();
  const { api } = world.stage.world;
  const token = api.tokenFor("admin");
  api.revoke(token);
  const { text, results } = await world.doctor(world.eyes(token));
  assert.match(firstLine(text), /^✗ Cannot get the server's version: Unauthorized/);
  assert.ok(results.length > 10);
  assert.match(text, /○ skipped because the API server did not answer/);
  const said = results.filter(({ id, is }) => id !== "cluster" && is !== "unseen");
  assert.deepEqual(said.map(({ id }) => id), [], "nobody can know more");
});

Deno.test("what doctor may not see is never said to be well", async () => {
  await using world = await (await Installation.open()).settled();
  const without = (plural: string) =>
    MODES.doctor.rules.map((rule) => ({
      ...rule,
      resources: (rule.resources ?? []).filter((one) => one !== plural),
    })).filter(({ resources }) => resources.length > 0);
  for (
    const [plural, ...ids] of [
      ["pods", "listeners"],
      ["autoscalinglisteners", "listeners", "versions"],
      ["deployments", "controller", "versions"],
    ]
  ) {
    const token = await world.tokenWith(without(plural ?? ""));
    const { text, results } = await world.doctor(world.eyes(token));
    const unseen = results.filter(({ is }) => is === "unseen").map(({ id }) => id);
    assert.deepEqual(unseen.filter((id) => ids.includes(id)), ids, text);
  }
  for (const plural of ["ephemeralrunners", "roles"]) {
    const token = await world.tokenWith(without(plural));
    const { text } = await world.doctor(world.eyes(token));
    assert.match(text, new RegExp(`Nothing that we see does\n    ○ .*Cannot list ${plural}`));
  }
});

Deno.test("without leases and Deployments nobody can say that no controller runs", async () => {
  await using world = await (await Installation.open()).settled();
  await world.stage.world.admin.delete(DEPLOYMENTS, CONTROLLER);
  const rules = MODES.doctor.rules.filter(({ resources = [] }) => !resources.includes("leases"));
  const { results, text } = await world.doctor(world.eyes(await world.tokenWith(rules)));
  assert.equal(results.find(({ id }) => id === "controller")?.is, "unseen", text);
});

Deno.test("a quota with room is nothing wrong for a set that has no maximum", async () => {
  await using world = await (await Installation.open()).settled();
  await world.stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, {
    namespace: NAMESPACE,
    name: "linux",
  }, { spec: { maxRunners: null } } as never);
  await world.plant({
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "team", namespace: NAMESPACE },
    ...{ spec: { hard: { pods: "100" } } },
  });
  await world.stage.pass(5);
  const { text, results } = await world.doctor();
  assert.equal(results.find(({ id }) => id === "room")?.is, "ok", text);
  assert.match(text, /leaves room for 100 more runners of "linux", which has 0 and has no maximum/);
});

Deno.test("doctor goes on where a template is of another shape than any pod", async () => {
  await using world = await (await Installation.open()).settled();
  for (const spec of [{ containers: [null] }, { containers: "x", initContainers: {} }]) {
    await world.stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, {
      namespace: NAMESPACE,
      name: "linux",
    }, { spec: { template: { spec } } } as never);
    await world.plant({
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "team", namespace: NAMESPACE },
      ...{ spec: { hard: { pods: "100" } } },
    });
    assert.ok((await world.doctor()).results.length > 10);
  }
});

Deno.test("doctor without rights says what it could not see and goes on", async () => {
  await using world = await (await Installation.open()).settled();
  const token = world.stage.world.api.tokenFor({ user: "jane", groups: ["system:authenticated"] });
  const { text, results } = await world.doctor(world.eyes(token));
  assert.match(text, /✓ Does the API server answer\?/);
  assert.match(text, /○ skipped because Cannot list autoscalingrunnersets/);
  assert.ok(results.filter(({ is }) => is === "unseen").length >= 8, text);
});

Deno.test("the rights that doctor declares suffice for everything but what others may", async () => {
  await using world = await (await Installation.open()).settled();
  const token = await world.tokenWith(MODES.doctor.rules);
  const { results, text } = await world.doctor(world.eyes(token));
  assert.deepEqual(results.filter(({ is }) => is !== "ok"), [], text);
  assert.ok(!text.includes("○"), text);
});
