/** Controller-managers that are real processes: two of them with a leader, and one whose token changes. */
import assert from "node:assert/strict";
import { SECRETS } from "../../../kube/resources.ts";
import { CONTROLLER } from "../../../sim/world_objects.ts";
import { allSucceeded, hasSession } from "../../journeys/invariants.ts";
import { queue } from "../../journeys/stories/story.ts";
import { audited } from "../audit_log.ts";
import { clusterTest } from "../cluster_test_case.ts";
import type { Facts } from "../facts.ts";
import { tokenFor } from "../simulated_nodes.ts";
import { openWatchedRealStage, type RealWatched } from "../watched.ts";
import { Managers } from "./managers.ts";
import { recovers, underWay } from "./trouble.ts";

const MAX = 8;
const WRITES: readonly string[] = ["create", "update", "patch", "delete"];
const ELECTED = ["--enable-leader-election"];

async function open(facts: Facts): Promise<RealWatched> {
  const watched = await openWatchedRealStage(facts, { max: MAX });
  await watched.stage.addSet({ max: MAX });
  return watched;
}

clusterTest(
  "[real] of two managers the leader is killed in the middle of a burst: the other one leads, and within 90 s all is well",
  async ({ facts }) => {
    const watched = await open(facts);
    await using stage = watched.stage;
    await using managers = new Managers(stage);
    const first = await managers.start(ELECTED);
    await stage.until("a session is open", () => hasSession(stage));
    const leader = managers.leader;
    await managers.start(ELECTED);
    await underWay(stage, 20);
    first.signal("SIGKILL");
    await stage.until("another one leads", () => managers.leader !== leader);
    await recovers(watched, { jobs: 20, withinS: 90 });
  },
);

clusterTest(
  "[real] of two managers the leader stands still until the other one leads: it ends when it wakes up, without a write, and within 90 s all is well",
  async ({ facts }) => {
    const watched = await open(facts);
    await using stage = watched.stage;
    await using managers = new Managers(stage);
    const first = await managers.start(ELECTED);
    await stage.until("a session is open", () => hasSession(stage));
    const leader = managers.leader;
    const { tokenId: its } = await audited(
      stage.audit,
      ({ verb, resource }) => verb === "patch" && resource === "autoscalingrunnersets/status",
    );
    assert.ok(its, "the leader's token is in the audit log");
    await managers.start(ELECTED);
    await underWay(stage, 20);
    first.signal("SIGSTOP");
    await stage.until("another one leads", () => managers.leader !== leader);
    const since = managers.leadingSince;
    queue(stage, 5, 60);
    first.signal("SIGCONT");
    const { code, err } = await first.ended;
    assert.equal(code, 1, err);
    await recovers(watched, { jobs: 25, withinS: 90 });
    const late = (await stage.audit.requests()).filter(({ tokenId, verb, receivedAt }) =>
      tokenId === its && WRITES.includes(verb) && receivedAt > since
    );
    assert.deepEqual(late.map(({ verb, resource, name }) => `${verb} ${resource} ${name}`), []);
  },
);

clusterTest(
  "[real] a manager's token is rotated and the old one revoked: it goes on; all of them revoked: it recovers with the next, within 90 s",
  async ({ facts }) => {
    const watched = await open(facts);
    await using stage = watched.stage;
    await using managers = new Managers(stage);
    const { namespace } = CONTROLLER;
    const folder = await Deno.makeTempDir({ dir: facts.folder, prefix: "account-" });
    const write = (name: string, text: string) => Deno.writeTextFile(`${folder}/${name}`, text);
    const rotate = async (name: string) => {
      await stage.kube.create(SECRETS, { metadata: { namespace, name } });
      await write("token", await tokenFor(stage.kube, CONTROLLER, { boundTo: name }));
    };
    const revoke = (name: string) => stage.kube.delete(SECRETS, { namespace, name });
    await write("ca.crt", facts.ca);
    await write("namespace", namespace);
    await rotate("first");
    const server = new URL(facts.server);
    managers.run([
      `--service-account-dir=${folder}`,
      `--kube-host=${server.hostname}`,
      `--kube-port=${server.port}`,
    ]);
    await stage.until("a session is open", () => hasSession(stage));
    await underWay(stage, 10);
    await rotate("second");
    await revoke("first");
    await stage.until("all jobs are done", () => allSucceeded(stage));
    await revoke("second");
    queue(stage, 10, 60);
    await stage.clock.sleep(12_000); // for so long the server trusts what it has checked before
    await rotate("third");
    await recovers(watched, { jobs: 20, withinS: 90 });
  },
);
