/** Each fault is planted in the simulated world; the first line of what `doctor` says has to name it. */
import assert from "node:assert/strict";
import { MODES } from "../../../modes/mode.ts";
import { firstLine, Installation } from "../installation.ts";
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
