/**
 * One leader among several processes, by a `Lease` that is renewed. Knows time and the lease; refuses to know what a
 * leader does. Give it a client with a connection of its own: a stuck list must not cost the lead.
 */
import { type Clock, withDeadline } from "../lib/clock.ts";
import { errorCode, messageOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { type Metrics, silentMetrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import type { Task } from "../lib/tasks.ts";
import type { KubeClient } from "./client.ts";
import { isAlreadyExists, isConflict } from "./errors.ts";
import {
  type Candidate,
  heldLease,
  holderOf,
  newLease,
  pulseOf,
  releasedLease,
} from "./lease_record.ts";
import { LEASES } from "./resources.ts";
import { LeadershipLost, Tenure } from "./tenure.ts";
import { keyText, type Lease, type ObjectKey } from "./types.ts";

export interface LeaderOptions {
  readonly client: Pick<KubeClient, "get" | "create" | "update">;
  /** The lease; made when absent. */
  readonly key: ObjectKey;
  /** Unique to this process. */
  readonly identity: string;
  /** How long others wait after our last renewal, in ms. Default 15 s. */
  readonly leaseMs?: number;
  /** How long we try to renew before we give up; below `leaseMs`. Default 10 s. */
  readonly renewDeadlineMs?: number;
  /** Between two tries, in ms. Default 2 s. */
  readonly retryMs?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: Metrics;
  /** Is told how long the lead lasts. Default: nobody is. */
  readonly tenure?: Tenure | undefined;
}

/** For giving the lease back, in ms. */
const RELEASE_MS = 5_000;

/** The defaults filled in. */
type Election = LeaderOptions & Candidate & {
  readonly leaseMs: number;
  readonly renewDeadlineMs: number;
  readonly retryMs: number;
  readonly tenure: Tenure;
};

/**
 * Waits for the lead, then runs `task` as long as it lasts. The lease is renewed until the task has ended and then given
 * back. Ends when the task does or `signal` aborts. Throws what the task throws, or {@link LeadershipLost} after the
 * task, aborted with that same error, has ended.
 */
export async function runAsLeader(
  options: LeaderOptions,
  task: Task,
  signal: AbortSignal,
): Promise<void> {
  const { key } = options;
  const metrics = options.metrics ?? silentMetrics;
  const log = options.log.with({ lease: keyText(key) });
  const leaseMs = options.leaseMs ?? 15_000;
  const election: Election = {
    ...options,
    log,
    leaseMs,
    leaseSeconds: Math.ceil(leaseMs / 1000),
    renewDeadlineMs: options.renewDeadlineMs ?? 10_000,
    retryMs: options.retryMs ?? 2_000,
    tenure: options.tenure ?? new Tenure(options.clock),
  };
  metrics.set("leader_election_master_status", 0, { name: key.name });
  const first = await acquire(election, signal);
  if (first === undefined) return;
  metrics.set("leader_election_master_status", 1, { name: key.name });
  log.info("Leading", { identity: options.identity });

  const life = new AbortController();
  const forward = () => life.abort(signal.reason);
  if (signal.aborted) forward();
  else signal.addEventListener("abort", forward, { once: true });
  const tenure = new AbortController();
  const renewing = renew(election, first, tenure.signal).then((end) => {
    if (end instanceof LeadershipLost) life.abort(end);
    return end;
  });
  try {
    await task(life.signal);
  } catch (thrown) {
    if (!life.signal.aborted || thrown !== life.signal.reason) throw thrown;
  } finally {
    signal.removeEventListener("abort", forward);
    tenure.abort();
    const end = await renewing;
    metrics.set("leader_election_master_status", 0, { name: key.name });
    if (!(end instanceof LeadershipLost)) await release(election, end);
  }
  if (life.signal.reason instanceof LeadershipLost) throw life.signal.reason;
  log.info("No longer leading");
}

/** A lease in our hands, and when we began to ask for it: others count from later than that. */
interface Held {
  readonly lease: Lease;
  readonly sinceMs: number;
}

/** `undefined` when `signal` aborted first. */
async function acquire(election: Election, signal: AbortSignal): Promise<Held | undefined> {
  const { client, clock, key, log, renewDeadlineMs: ms } = election;
  let pulse = "";
  let pulseMs = 0;
  while (!signal.aborted) {
    const nowMs = clock.now().getTime();
    try {
      const lease = await withDeadline(
        clock,
        { ms, parent: signal },
        (signal) => client.get(LEASES, key, { signal }),
      );
      if (lease === undefined) return await claim(election, lease, { ms, signal });
      if (pulseOf(lease) !== pulse) {
        pulse = pulseOf(lease);
        pulseMs = nowMs;
      }
      const holder = holderOf(lease);
      const restMs = pulseMs + (lease.spec?.leaseDurationSeconds ?? 0) * 1000 - nowMs;
      if (holder === "" || holder === election.identity || restMs <= 0) {
        return await claim(election, lease, { ms, signal });
      }
      log.debug("Somebody else leads", { holder, ms: restMs });
    } catch (thrown) {
      if (signal.aborted) return undefined;
      if (!isConflict(thrown) && !isAlreadyExists(thrown)) {
        log.warn("Cannot ask for the lead", { code: errorCode(thrown), error: messageOf(thrown) });
      }
    }
    await rest(election, signal);
  }
  return undefined;
}

/** Writes us into the lease. A race with another is a conflict. */
async function claim(
  election: Election,
  lease: Lease | undefined,
  within: { readonly ms: number; readonly signal: AbortSignal },
): Promise<Held> {
  const { client, clock, key, tenure, leaseMs } = election;
  const now = clock.now();
  const written = await withDeadline(
    clock,
    { ms: within.ms, parent: within.signal },
    (signal) =>
      lease === undefined
        ? client.create(LEASES, newLease(key, election, now), { signal })
        : client.update(LEASES, heldLease(lease, election, now), { signal }),
  );
  tenure.lasts(now.getTime() + leaseMs);
  return { lease: written, sinceMs: now.getTime() };
}

/** Renews until `signal` aborts, then resolves with the last lease; with the loss when that comes first. */
async function renew(
  election: Election,
  first: Held,
  signal: AbortSignal,
): Promise<Held | LeadershipLost> {
  const { clock, log, renewDeadlineMs } = election;
  let held = first;
  for (;;) {
    await rest(election, signal);
    if (signal.aborted) return held;
    const ms = held.sinceMs + renewDeadlineMs - clock.now().getTime();
    if (ms <= 0) {
      return new LeadershipLost(`Lost the lead: no renewal within ${renewDeadlineMs} ms`);
    }
    try {
      held = await claim(election, held.lease, { ms, signal });
    } catch (thrown) {
      if (signal.aborted) return held;
      log.warn("Cannot renew the lead", { code: errorCode(thrown), error: messageOf(thrown) });
      const seen = isConflict(thrown) ? await look(election, ms, signal) : undefined;
      if (seen === undefined) continue;
      if (holderOf(seen) !== election.identity) {
        return new LeadershipLost(`Lost the lead: "${holderOf(seen)}" took it`);
      }
      held = { lease: seen, sinceMs: held.sinceMs };
    }
  }
}

/** The lease as it is; `undefined` when that cannot be known. */
async function look(
  { client, clock, key }: Election,
  ms: number,
  parent: AbortSignal,
): Promise<Lease | undefined> {
  try {
    return await withDeadline(
      clock,
      { ms, parent },
      (signal) => client.get(LEASES, key, { signal }),
    );
  } catch {
    return undefined;
  }
}

/** Gives the lease back, so that the next leader need not wait; best effort. */
async function release({ client, clock, log }: Election, { lease }: Held): Promise<void> {
  try {
    await withDeadline(
      clock,
      { ms: RELEASE_MS },
      (signal) => client.update(LEASES, releasedLease(lease, clock.now()), { signal }),
    );
  } catch (thrown) {
    log.warn("Cannot give the lead back", { code: errorCode(thrown), error: messageOf(thrown) });
  }
}

/** Until the next try, ± 10 %, or until `signal` aborts. */
async function rest({ clock, random, retryMs }: Election, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(retryMs * (0.9 + random() / 5), signal);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}
