import assert from "node:assert/strict";
import type { Job } from "../../../sim/github/model.ts";
import { Registry } from "../../../sim/github/registry.ts";

const pure = { permissions: "none" } as const;

function aSet(registry: Registry, scope: string, name: string) {
  const createdAt = new Date(0);
  const draft = { scope, name, createdAt, runnerGroupId: 1, labels: [], disableUpdate: true };
  return registry.addSet(draft, 1);
}

Deno.test(
  "sets and agents are found within their scope only, names in any letter case",
  pure,
  () => {
    const registry = new Registry();
    const set = aSet(registry, "orgs/octo", "Linux");
    const key = { name: "linux", runnerGroupId: 1 };
    assert.equal(registry.setNamed("orgs/octo", key), set);
    assert.equal(registry.setNamed("orgs/other", key), undefined);
    assert.equal(registry.set(set.id, "orgs/other"), undefined);
    const draft = { name: "R1", scaleSet: set, credential: "c", createdAt: new Date(0) };
    const agent = registry.addAgent(draft);
    assert.equal(registry.agentNamed("orgs/octo", "r1"), agent);
    assert.equal(registry.agent(agent.id, "orgs/other"), undefined);
    registry.move(set, { name: "big", runnerGroupId: 2 });
    assert.equal(registry.setNamed("orgs/octo", key), undefined);
    registry.dropAgent(agent);
    registry.dropSet(set);
    assert.equal(registry.set(set.id), undefined);
    assert.equal(registry.agentNamed("orgs/octo", "r1"), undefined);
  },
);

Deno.test("of completed jobs only the last are remembered", pure, () => {
  const registry = new Registry();
  for (let i = 1; i <= 20_001; i++) {
    registry.noteJob({ jobId: `${i}`, requestId: i, state: "completed" } as Job);
  }
  registry.noteJob({ jobId: "open", requestId: 0, state: "queued" } as Job);
  assert.equal(registry.job("1"), undefined);
  assert.equal(registry.jobByRequest(1), undefined);
  assert.ok(registry.job("2") && registry.job("open"));
});
