/** A fact that may be missing, and then says why. Pure. */
import type { Finding } from "./check.ts";

export type Seen<T> = { readonly seen: T } | { readonly unseen: string };

/** The verdict on a fact, or the word that it could not be seen. */
export function judged<T>(
  fact: Seen<T>,
  judge: (seen: T) => readonly Finding[],
): readonly Finding[] {
  return "seen" in fact ? judge(fact.seen) : [unseen(fact.unseen)];
}

/** What of these facts could not be seen, each reason once. */
export function blindTo(facts: readonly Seen<unknown>[]): readonly Finding[] {
  const reasons = facts.flatMap((fact) => "unseen" in fact ? [fact.unseen] : []);
  return [...new Set(reasons)].map(unseen);
}

/** What there is of a list. */
export function someOf<T>(fact: Seen<readonly T[]>): readonly T[] {
  return "seen" in fact ? fact.seen : [];
}

/** As it should be. */
export function ok(says: string): Finding {
  return { is: "ok", says };
}

/** `remedy`: what to do about it, as an order. */
export function wrong(says: string, remedy: string): Finding {
  return { is: "wrong", says, remedy };
}

/** `because` completes "skipped because". */
export function unseen(because: string): Finding {
  return { is: "unseen", says: because };
}

/** The findings, or that all is well when there are none. */
export function orOk(findings: readonly Finding[], says: string): readonly Finding[] {
  return findings.length === 0 ? [ok(says)] : findings;
}
