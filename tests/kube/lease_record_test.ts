import assert from "node:assert/strict";
import { heldLease, holderOf, newLease, pulseOf, releasedLease } from "../../kube/lease_record.ts";

const KEY = { namespace: "a", name: "lock" };
const ME = { identity: "me", leaseSeconds: 15 };
const FIRST = new Date("2026-01-01T12:00:00Z");
const LATER = new Date("2026-01-01T12:00:02Z");

function pure(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

pure("a new lease is in its maker's hands", () => {
  const lease = newLease(KEY, ME, FIRST);
  assert.equal(holderOf(lease), "me");
  assert.deepEqual(lease.spec, {
    holderIdentity: "me",
    leaseDurationSeconds: 15,
    acquireTime: "2026-01-01T12:00:00.000000Z",
    renewTime: "2026-01-01T12:00:00.000000Z",
    leaseTransitions: 0,
  });
});

pure("a renewal changes its time only", () => {
  const first = newLease(KEY, ME, FIRST);
  assert.deepEqual(heldLease(first, ME, LATER), {
    ...first,
    spec: { ...first.spec, renewTime: "2026-01-01T12:00:02.000000Z" },
  });
});

pure("a takeover is counted and keeps the version it was read at", () => {
  const read = { ...newLease(KEY, ME, FIRST), metadata: { ...KEY, resourceVersion: "7" } };
  const taken = heldLease(read, { identity: "you", leaseSeconds: 15 }, LATER);
  assert.equal(taken.spec?.leaseTransitions, 1);
  assert.equal(taken.spec?.acquireTime, "2026-01-01T12:00:02.000000Z");
  assert.equal(taken.metadata?.resourceVersion, "7");
});

pure("a lease given back has no holder", () => {
  const given = releasedLease(newLease(KEY, ME, FIRST), LATER);
  assert.equal(holderOf(given), "");
  assert.equal(given.spec?.leaseDurationSeconds, 1);
});

pure("every write changes the pulse", () => {
  const first = newLease(KEY, ME, FIRST);
  assert.notEqual(pulseOf(heldLease(first, ME, LATER)), pulseOf(first));
  assert.equal(pulseOf({ ...first }), pulseOf(first));
});
