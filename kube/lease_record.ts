/** What a `Lease` says about who leads, and what to write into one. Pure. */
import { microTimeText } from "./meta.ts";
import type { Lease, ObjectKey } from "./types.ts";

/** Whoever asks for the lead. */
export interface Candidate {
  /** Unique to the process: a pod's name and uid. */
  readonly identity: string;
  /** How long others leave us alone after a renewal, in whole seconds. */
  readonly leaseSeconds: number;
}

/** Who holds it; empty when nobody does. */
export function holderOf(lease: Lease): string {
  return lease.spec?.holderIdentity ?? "";
}

/** What changes with each renewal. Whoever sees it unchanged for the lease's duration may take over (client-go's rule). */
export function pulseOf(lease: Lease): string {
  return `${lease.metadata?.resourceVersion} ${lease.spec?.renewTime}`;
}

/** The lease of somebody who comes first. */
export function newLease(key: ObjectKey, candidate: Candidate, now: Date): Lease {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { namespace: key.namespace, name: key.name },
    spec: {
      holderIdentity: candidate.identity,
      leaseDurationSeconds: candidate.leaseSeconds,
      acquireTime: microTimeText(now),
      renewTime: microTimeText(now),
      leaseTransitions: 0,
    },
  };
}

/** The lease in the candidate's hands: taken over when it was somebody else's, renewed when it was theirs. */
export function heldLease(lease: Lease, candidate: Candidate, now: Date): Lease {
  const isOurs = holderOf(lease) === candidate.identity;
  return {
    ...lease,
    spec: {
      ...lease.spec,
      holderIdentity: candidate.identity,
      leaseDurationSeconds: candidate.leaseSeconds,
      acquireTime: isOurs ? lease.spec?.acquireTime ?? microTimeText(now) : microTimeText(now),
      renewTime: microTimeText(now),
      leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + (isOurs ? 0 : 1),
    },
  };
}

/** The lease given back: anybody may take it at once. */
export function releasedLease(lease: Lease, now: Date): Lease {
  return {
    ...lease,
    spec: {
      ...lease.spec,
      holderIdentity: "",
      leaseDurationSeconds: 1,
      acquireTime: microTimeText(now),
      renewTime: microTimeText(now),
    },
  };
}
