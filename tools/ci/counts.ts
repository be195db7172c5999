/**
 * Reads what test runners printed and prints how many tests passed, failed and were skipped: three numbers. Understands
 * the closing line of `deno test` and the plain `N passed, N failed`; knows nothing of what was tested.
 */

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const STEPS = String.raw`(?: \(\d+ steps?\))?`;
const DENO = new RegExp(
  String
    .raw`^(?:ok|FAILED) \| (\d+) passed${STEPS} \| (\d+) failed${STEPS}(?: \| (\d+) ignored${STEPS})?`,
);
const PLAIN = /^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;

/** The sum of all closing lines; `undefined` when there is none, so that no test ran to its end. */
export function countTests(output: string): Counts | undefined {
  const found = withoutColours(output).split(/\r?\n/)
    .map((line) => DENO.exec(line) ?? PLAIN.exec(line)).filter((match) => match !== null);
  if (found.length === 0) return undefined;
  const sum = (group: number) =>
    found.reduce((total, match) => total + Number(match[group] ?? 0), 0);
  return { passed: sum(1), failed: sum(2), skipped: sum(3) };
}

function withoutColours(text: string): string {
  return text.replaceAll(new RegExp(String.raw`\u001b\[[0-9;]*[A-Za-z]`, "g"), "");
}

if (import.meta.main) {
  const { stdin, stdout } = Deno;
  const output = await new Response(stdin.readable).text();
  const counts = countTests(output);
  const line = counts === undefined ? "" : `${counts.passed} ${counts.failed} ${counts.skipped}\n`;
  await stdout.write(new TextEncoder().encode(line));
}
