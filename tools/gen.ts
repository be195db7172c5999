/**
 * Writes everything that is generated from tables in the code; with `--check` it only compares, names the files that
 * differ and exits 1. Knows which generators there are, not what they write.
 */
import { chartAlerts } from "./gen/chart_alerts.ts";
import { chartDashboards } from "./gen/chart_dashboards.ts";
import { chartRules } from "./gen/chart_rules.ts";
import { chartDefinitions } from "./gen/charts.ts";
import { customResourceDefinitions } from "./gen/custom_resource_definitions.ts";
import { differencesPage } from "./gen/differences_page.ts";
import { faultsPage } from "./gen/faults_page.ts";
import { fieldsPage } from "./gen/fields_page.ts";
import { flagsPage } from "./gen/flags_page.ts";
import type { GeneratedFile, Generator } from "./gen/generator.ts";
import { metricsPage } from "./gen/metrics_page.ts";
import { securityPage } from "./gen/security_page.ts";
import { valuesPage } from "./gen/values_page.ts";
import { valuesSchemas } from "./gen/values_schema.ts";

/** A new kind of generated file is one entry here. */
export const GENERATORS: readonly Generator[] = [
  customResourceDefinitions,
  fieldsPage,
  metricsPage,
  flagsPage,
  differencesPage,
  faultsPage,
  chartDefinitions,
  chartRules,
  chartAlerts,
  chartDashboards,
  valuesSchemas,
  valuesPage,
  securityPage,
];

/** Folders that hold nothing but generated files: whatever else lies there is left over. */
export const GENERATED_FOLDERS = [
  "crds/generated/",
  "docs/generated/",
  "chart/gha-runner-scale-set-controller/crds/",
] as const;

/** The folder of the repository. */
export const ROOT: URL = new URL("../", import.meta.url);

/** All generated files as they should be. */
export async function generatedFiles(root: URL): Promise<readonly GeneratedFile[]> {
  const groups = await Promise.all(GENERATORS.map((generator) => generator.files(root)));
  return groups.flat();
}

/** How the stored file differs from the generated one. */
export interface Difference {
  readonly path: string;
  readonly how: "missing" | "differs" | "left over";
}

/** Compares what is stored below `root` with `files`, in their order; left-overs come last. Writes nothing. */
export async function differences(
  root: URL,
  files: readonly GeneratedFile[],
): Promise<readonly Difference[]> {
  const found: Difference[] = [];
  for (const { path, text } of files) {
    const stored = await storedText(new URL(path, root));
    if (stored === undefined) found.push({ path, how: "missing" });
    else if (stored !== text) found.push({ path, how: "differs" });
  }
  const wanted = new Set(files.map(({ path }) => path));
  for (const folder of GENERATED_FOLDERS) {
    for (const name of await namesIn(new URL(folder, root))) {
      if (!wanted.has(`${folder}${name}`)) {
        found.push({ path: `${folder}${name}`, how: "left over" });
      }
    }
  }
  return found;
}

/** Makes the stored files equal to `files`, touching only `changes`, which are what {@link differences} found. */
export async function write(
  root: URL,
  files: readonly GeneratedFile[],
  changes: readonly Difference[],
): Promise<void> {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  for (const { path } of changes) {
    const target = new URL(path, root);
    const text = texts.get(path);
    if (text === undefined) {
      await Deno.remove(target);
      continue;
    }
    await Deno.mkdir(new URL(".", target), { recursive: true });
    await Deno.writeTextFile(target, text);
  }
}

/** `undefined`: no such file. */
async function storedText(file: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}

async function namesIn(folder: URL): Promise<readonly string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.map(({ name }) => name).sort();
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return [];
    throw thrown;
  }
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) {
  const unknown = Deno.args.find((arg) => arg !== "--check");
  if (unknown !== undefined) {
    say(`Unknown argument "${unknown}": only --check is known`);
    Deno.exit(2);
  }
  const files = await generatedFiles(ROOT);
  const changes = await differences(ROOT, files);
  if (!Deno.args.includes("--check")) {
    await write(ROOT, files, changes);
    for (const { path, how } of changes) {
      say(how === "left over" ? `removed ${path}` : `wrote ${path}`);
    }
    say(`${files.length} generated files are up to date`);
  } else {
    for (const { path, how } of changes) say(`${path}: ${how}`);
    if (changes.length > 0) {
      say(`Run "deno task gen" and commit what it writes`);
      Deno.exitCode = 1;
    }
  }
}
