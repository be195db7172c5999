/** The findings as people and scripts read them. Pure. Its first line says the one thing that matters most. */
import { redacted } from "../../lib/redaction.ts";
import type { Check, Finding } from "./check.ts";
import { CHECKS } from "./checks.ts";
import type { Facts } from "./facts.ts";

/** What a check came to. */
export interface Result {
  readonly id: string;
  readonly asks: string;
  /** The worst that was found; `unseen` only when nothing else was. */
  readonly is: Finding["is"];
  readonly findings: readonly Finding[];
}

/** Every check, in order. */
export function examined(facts: Facts, checks: readonly Check[] = CHECKS): readonly Result[] {
  return checks.map(({ id, asks, judge }) => {
    const findings = judge(facts);
    const has = (is: Finding["is"]) => findings.some((finding) => finding.is === is);
    return { id, asks, is: has("wrong") ? "wrong" : has("ok") ? "ok" : "unseen", findings };
  });
}

/** Whether nothing is wrong; what could not be seen is not held against it. */
export function isWell(results: readonly Result[]): boolean {
  return results.every(({ is }) => is !== "wrong");
}

const MARKS = { ok: "✓", wrong: "✗", unseen: "○" } as const;

/** For a terminal: the headline first, then a line for each check and finding. Without secrets. */
export function reportText(results: readonly Result[]): string {
  const text = [
    headline(results),
    "",
    ...results.flatMap(({ is, asks, findings }) => [
      `${MARKS[is]} ${asks}`,
      ...findings.flatMap(findingLines),
    ]),
  ].join("\n");
  return redacted(text);
}

/** The first thing that is wrong: what comes later in the table often follows from it. */
function headline(results: readonly Result[]): string {
  const first = results.flatMap(({ findings }) => findings).find(({ is }) => is === "wrong");
  const count = results.filter(({ is }) => is === "wrong").length;
  if (first !== undefined) {
    const more = count > 1 ? ` (and ${count - 1} more checks failed)` : "";
    return `✗ ${first.says}${more}`;
  }
  const unseen = results.filter(({ is }) => is === "unseen").length;
  return `✓ Nothing is wrong${unseen > 0 ? `, as far as could be seen (○ ${unseen})` : ""}`;
}

function findingLines(finding: Finding): readonly string[] {
  switch (finding.is) {
    case "ok":
      return [`    ${finding.says}`];
    case "wrong":
      return [`    ${finding.says}`, `    → ${finding.remedy}`];
    case "unseen":
      return [`    ○ skipped because ${finding.says}`];
    default:
      return finding satisfies never;
  }
}

/** For scripts: the same findings. Without secrets. */
export function reportJson(results: readonly Result[]): string {
  const first = results.flatMap(({ findings }) => findings).find(({ is }) => is === "wrong");
  return redacted(
    JSON.stringify({ well: isWell(results), first: first?.says, checks: results }, undefined, 2),
  );
}
