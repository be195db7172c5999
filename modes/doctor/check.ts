/** What a check is: a question, and a verdict from facts that were gathered before. Types only. */
import type { Facts } from "./facts.ts";

/** One thing that a check found. Texts have no full stop at the end and hold no secret. */
export type Finding =
  | { readonly is: "ok"; readonly says: string }
  | { readonly is: "wrong"; readonly says: string; readonly remedy: string }
  /** It could not be seen, and why. */
  | { readonly is: "unseen"; readonly says: string };

export interface Check {
  /** For scripts: does not change. */
  readonly id: string;
  /** For people. */
  readonly asks: string;
  /** Pure and total; at least one finding. */
  judge(facts: Facts): readonly Finding[];
}
