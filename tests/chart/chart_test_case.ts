/**
 * How a test asks for `helm`, or for an evaluator of PromQL or Lua. Such a test exists only in `deno task test:chart`: there it
 * runs, or is skipped by name when the machine cannot have the program.
 */

/** Which variable names which program; set by `tests/chart/run.ts`. */
export const PROGRAM_ENV = {
  helm: "LONGSHORE_HELM",
  promql: "LONGSHORE_PROMQL",
  lua: "LONGSHORE_LUA",
} as const;
/** The value of such a variable where there is no such program. */
export const ABSENT = "absent";

type Program = keyof typeof PROGRAM_ENV;

/** Registers a test that renders a chart. */
export function chartTest(claim: string, holds: () => Promise<void>): void {
  programTest("helm", { claim, holds });
}

/** Registers a test that evaluates PromQL. */
export function promqlTest(claim: string, holds: () => Promise<void>): void {
  programTest("promql", { claim, holds });
}

/** Registers a test that runs Lua. */
export function luaTest(claim: string, holds: () => Promise<void>): void {
  programTest("lua", { claim, holds });
}

/** Registers a test that needs no program: it runs with all other tests, and in the suite of the charts if that runs. */
export function plainTest(claim: string, holds: () => void): void {
  Deno.test({ name: claim, ignore: Deno.env.get(PROGRAM_ENV.helm) === ABSENT, fn: holds });
}

function programTest(
  program: Program,
  { claim, holds }: { readonly claim: string; readonly holds: () => Promise<void> },
): void {
  const path = Deno.env.get(PROGRAM_ENV[program]);
  if (path === undefined) return;
  Deno.test({ name: claim, ignore: path === ABSENT, fn: holds });
}

/** The path of a program, inside a test that was registered for it. */
export function programPath(program: Program): string {
  const path = Deno.env.get(PROGRAM_ENV[program]);
  if (path === undefined || path === ABSENT) throw new Error(`No ${program} for this test`);
  return path;
}

/** What a program answers to a JSON document on its standard input. Fails with what it says when it fails. */
export async function asked(program: Program, question: unknown): Promise<unknown> {
  const child = new Deno.Command(programPath(program), {
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(JSON.stringify(question)));
  await input.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
