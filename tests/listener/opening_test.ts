import assert from "node:assert/strict";
import { GitHubError } from "../../github/errors.ts";
import { silentLogger } from "../../lib/log.ts";
import { openOwnSession, type OwnFormer } from "../../listener/opening.ts";
import { aWorld, type World } from "./listening.ts";

const FORMER = "former-life";

/** A world in which somebody holds the session, and what the set says of it. */
function heldWorld(listenerSession: string | undefined): World {
  const world = aWorld();
  world.github.sessions.add(FORMER);
  const { runnerSet } = world.cluster;
  world.cluster.runnerSet = {
    ...runnerSet,
    spec: { patchID: 0, ...(listenerSession !== undefined && { listenerSession }) },
  };
  return world;
}

async function open(
  world: World,
  takesOver: "from-former-life" | "never",
  own?: OwnFormer,
) {
  const { clock, cluster, github } = world;
  return await openOwnSession(
    {
      service: github.service(),
      scaleSetId: 7,
      owner: "listener-0",
      scaler: { look: () => Promise.resolve(cluster.runnerSet) },
      clock,
      log: silentLogger,
    },
    { takesOver, own },
    new AbortController().signal,
  );
}

Deno.test("a session of a former life is ended, and another one opened at once", async () => {
  const world = heldWorld(FORMER);
  const session = await open(world, "from-former-life");
  assert.ok(session !== "no-scale-set");
  assert.deepEqual([...world.github.sessions], [session.sessionId]);
  assert.equal(world.github.mostSessions, 1);
});

Deno.test("who has held a session himself takes none from anybody", async () => {
  const world = heldWorld(FORMER);
  await assert.rejects(open(world, "never"), /active/);
  assert.deepEqual([...world.github.sessions], [FORMER]);
});

for (const named of [undefined, "", "some-other"]) {
  Deno.test(`a session that the set does not name (${named}) is left alone`, async () => {
    const world = heldWorld(named);
    await assert.rejects(open(world, "from-former-life"), /active/);
    assert.deepEqual([...world.github.sessions], [FORMER]);
  });
}

Deno.test("F03: a session of our own that was believed lost and is not is ended by its id, once", async () => {
  const forgotten: string[] = [];
  const own = (sessionId: string) => ({ sessionId, forget: () => void forgotten.push(sessionId) });
  const world = heldWorld("some-other");
  const session = await open(world, "never", own(FORMER));
  assert.ok(session !== "no-scale-set");
  assert.deepEqual([...world.github.sessions], [session.sessionId]);
  const others = heldWorld("some-other");
  await assert.rejects(open(others, "never", own("ours")), /active/);
  assert.deepEqual([...others.github.sessions], [FORMER]);
  assert.deepEqual(forgotten, [FORMER, "ours"]);
  others.github.faults = (call) => {
    if (call.startsWith("end")) throw new GitHubError("github_unavailable", "HTTP 503");
  };
  await assert.rejects(open(others, "never", own("ours")), /active/);
  assert.equal(forgotten.length, 2, "not ended for certain");
});

Deno.test("when the former session cannot be ended, the conflict is what counts", async () => {
  const world = heldWorld(FORMER);
  world.github.faults = (call) => {
    if (call.startsWith("end")) throw new GitHubError("github_unavailable", "HTTP 503");
  };
  await assert.rejects(open(world, "from-former-life"), /active/);
});
