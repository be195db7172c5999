import assert from "node:assert/strict";
import type { KubeClient } from "../../kube/client.ts";
import { KubeError, refused } from "../../kube/errors.ts";
import { runAsLeader } from "../../kube/leader.ts";
import { holderOf } from "../../kube/lease_record.ts";
import { LeadershipLost, Tenure } from "../../kube/tenure.ts";
import type { Lease } from "../../kube/types.ts";
import { silentLogger } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";

const KEY = { namespace: "a", name: "lock" };

/** One lease on one server. */
class LeaseServer {
  lease: Lease | undefined;
  #version = 0;
  /** Clients that cannot reach it. */
  readonly cutOff = new Set<string>();

  clientOf(who: string): Pick<KubeClient, "get" | "create" | "update"> {
    const answer = (work: () => Lease | undefined): Promise<Lease | undefined> =>
      this.cutOff.has(who)
        ? Promise.reject(new KubeError("down", { code: "kube_unreachable" }))
        : Promise.resolve().then(work);
    return {
      get: () => answer(() => this.lease),
      create: (_type: unknown, object: Lease) => answer(() => this.#create(object)),
      update: (_type: unknown, object: Lease) => answer(() => this.#update(object)),
    } as unknown as Pick<KubeClient, "get" | "create" | "update">;
  }

  #create(object: Lease): Lease {
    if (this.lease !== undefined) {
      throw refused("create", {
        httpStatus: 409,
        status: { kind: "Status", reason: "AlreadyExists" },
      });
    }
    return this.#store(object);
  }

  #update(object: Lease): Lease {
    if (object.metadata?.resourceVersion !== this.lease?.metadata?.resourceVersion) {
      throw refused("update", { httpStatus: 409 });
    }
    return this.#store(object);
  }

  #store(object: Lease): Lease {
    const resourceVersion = String(++this.#version);
    return this.lease = { ...object, metadata: { ...object.metadata, resourceVersion } };
  }
}

class Candidate {
  readonly abort = new AbortController();
  readonly log: string[] = [];
  isLeading = false;
  isOver = false;
  thrown: unknown;
  readonly ended: Promise<void>;
  readonly tenure: Tenure;

  constructor(
    server: LeaseServer,
    clock: VirtualClock,
    readonly name: string,
    options: { readonly shutdownMs?: number; readonly taskMs?: number } = {},
  ) {
    this.tenure = new Tenure(clock);
    const task = async (signal: AbortSignal) => {
      this.isLeading = true;
      try {
        await clock.sleep(options.taskMs ?? 10_000_000, signal);
      } finally {
        if (options.shutdownMs !== undefined) await clock.sleep(options.shutdownMs);
        this.isLeading = false;
      }
    };
    this.ended = runAsLeader(
      {
        client: server.clientOf(name),
        key: KEY,
        identity: name,
        clock,
        random: seededRandom(name.length),
        log: silentLogger,
        tenure: this.tenure,
      },
      task,
      this.abort.signal,
    ).catch((thrown) => {
      this.thrown = thrown;
    }).finally(() => {
      this.isOver = true;
    });
  }
}

async function stop(clock: VirtualClock, ...candidates: readonly Candidate[]): Promise<void> {
  for (const { abort } of candidates) abort.abort();
  await clock.advance(60_000);
  await Promise.all(candidates.map(({ ended }) => ended));
}

Deno.test("the first leads and renews, the second waits", async () => {
  const [clock, server] = [new VirtualClock(), new LeaseServer()];
  const one = new Candidate(server, clock, "one");
  await clock.advance(0);
  const two = new Candidate(server, clock, "two!");
  for (let minute = 0; minute < 10; minute++) {
    await clock.advance(60_000);
    assert.ok(one.isLeading && !two.isLeading);
  }
  assert.equal(server.lease?.spec?.leaseTransitions, 0);
  await stop(clock, one, two);
  assert.equal(two.thrown, undefined);
});

Deno.test("who stops gives the lead back, after its work has ended", async () => {
  const [clock, server] = [new VirtualClock(), new LeaseServer()];
  const one = new Candidate(server, clock, "one", { shutdownMs: 20_000 });
  await clock.advance(0);
  const two = new Candidate(server, clock, "two!");
  await clock.advance(5_000);
  one.abort.abort();
  await clock.advance(19_999);
  assert.ok(one.isLeading && !two.isLeading, "the lease is renewed while the work ends");
  await clock.advance(2_300);
  assert.ok(one.isOver && two.isLeading, "the next need not wait for the lease to expire");
  assert.equal(one.thrown, undefined);
  assert.equal(server.lease?.spec?.leaseTransitions, 1);
  await stop(clock, two);
  assert.equal(holderOf(server.lease ?? {}), "");
});

Deno.test("a leader that is cut off stops before another leads", async () => {
  const [clock, server] = [new VirtualClock(), new LeaseServer()];
  const one = new Candidate(server, clock, "one");
  await clock.advance(0);
  const two = new Candidate(server, clock, "two!");
  await clock.advance(30_000);
  server.cutOff.add("one");
  const both = () => one.isLeading && two.isLeading;
  for (let i = 0; i < 400 && !two.isLeading; i++) {
    await clock.advance(100);
    assert.ok(!both());
  }
  assert.ok(two.isLeading && !one.isLeading);
  assert.ok(one.thrown instanceof LeadershipLost, String(one.thrown));
  await stop(clock, two);
});

Deno.test("a short outage costs nothing", async () => {
  const [clock, server] = [new VirtualClock(), new LeaseServer()];
  const one = new Candidate(server, clock, "one");
  await clock.advance(10_000);
  server.cutOff.add("one");
  await clock.advance(6_000);
  server.cutOff.clear();
  await clock.advance(60_000);
  assert.ok(one.isLeading);
  await stop(clock, one);
});

Deno.test("a lease that somebody else took ends the lead at once", async () => {
  const [clock, server] = [new VirtualClock(), new LeaseServer()];
  const one = new Candidate(server, clock, "one");
  await clock.advance(10_000);
  server.lease = {
    ...server.lease,
    metadata: { ...server.lease?.metadata, resourceVersion: "stolen" },
    spec: { ...server.lease?.spec, holderIdentity: "thief" },
  };
  await clock.advance(2_300);
  assert.ok(one.thrown instanceof LeadershipLost);
  assert.match(one.thrown.message, /thief/);
  assert.equal(holderOf(server.lease), "thief");
  await one.ended;
});

Deno.test("a dead leader is followed when its lease has stood still, whatever its clock said", async () => {
  const [clock, server] = [new VirtualClock(), new LeaseServer()];
  await server.clientOf("dead").create(undefined as never, {
    metadata: KEY,
    spec: {
      holderIdentity: "dead",
      leaseDurationSeconds: 15,
      renewTime: "2099-01-01T00:00:00.000000Z",
    },
  } as never);
  const one = new Candidate(server, clock, "one");
  await clock.advance(14_900);
  assert.ok(!one.isLeading);
  await clock.advance(2_400);
  assert.ok(one.isLeading);
  await stop(clock, one);
});

Deno.test("the lead ends with its work", async () => {
  const [clock, server] = [new VirtualClock(), new LeaseServer()];
  const one = new Candidate(server, clock, "one", { taskMs: 5_000 });
  await clock.advance(5_000);
  assert.ok(one.isOver);
  assert.equal(one.thrown, undefined);
  assert.equal(holderOf(server.lease ?? {}), "");
});

Deno.test("of many that start together one leads at a time", async () => {
  const [clock, server] = [new VirtualClock(), new LeaseServer()];
  const all = ["a", "bb", "ccc", "dddd"].map((name) => new Candidate(server, clock, name));
  for (let round = 0; round < all.length; round++) {
    await clock.advance(20_000);
    const leading = all.filter(({ isLeading }) => isLeading);
    assert.equal(leading.length, 1);
    await stop(clock, ...leading);
  }
});

Deno.test("a leader may write for its lease's duration after its last renewal, and no longer", async () => {
  const [clock, server] = [new VirtualClock(), new LeaseServer()];
  const one = new Candidate(server, clock, "one", { shutdownMs: 60_000 });
  const mayWrite = async () => {
    const request = new Request("http://a/b", { method: "POST" });
    const sent = one.tenure.guards(() => Promise.resolve(new Response()))(request);
    return await sent.then(() => true, () => false);
  };
  await clock.advance(60_000);
  assert.ok(await mayWrite(), "while it is renewed");
  server.cutOff.add("one");
  await clock.advance(12_000);
  assert.ok(await mayWrite(), "what is under way may end");
  await clock.advance(3_000);
  assert.ok(!await mayWrite(), "another may lead");
  await clock.advance(60_000);
  await one.ended;
});
