/** What a mode loads: its own code, and what it needs of the packages. The rest of the file stays out of its memory. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Bundle, bundle } from "../../tools/compile/bundle.ts";
import { binaryTest } from "./binary_test_case.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const WORKER = "modes/worker.ts";

/** Text that stays readable in a bundle, by what it gives away. */
const MARKS = {
  "the controllers": "gha_controller_pending_ephemeral_runners",
  "the listener": "gha_job_startup_duration_seconds",
  "client-node": "isAuthProvider(",
  "the YAML parser": "tag:yaml.org,2002:",
  "the simulation": "longshore-sim",
} as const;
type Part = keyof typeof MARKS;

/** What each may load of them when it starts. */
const LOADS: Readonly<Record<string, readonly Part[]>> = {
  "main.js": [],
  "controller-manager": ["the controllers"],
  listener: ["the listener"],
  doctor: [],
  explain: [],
};

binaryTest("no mode loads what only another needs", async () => {
  const made = await bundle({ root: ROOT, entry: "main.ts", worker: WORKER, commit: "c0ffee" });
  const everything = [...made.files.values()].join();
  for (const [part, mark] of Object.entries(MARKS)) {
    assert.ok(everything.includes(mark), `the mark of ${part} is nowhere`);
  }
  for (const [name, allowed] of Object.entries(LOADS)) {
    const text = loadedBy(made, name === "main.js" ? name : programOf(made, name));
    const loaded = (Object.keys(MARKS) as Part[]).filter((part) => text.includes(MARKS[part]));
    assert.deepEqual(loaded, allowed, name);
  }
});

/** The script that the worker imports for a mode. */
function programOf({ files }: Bundle, mode: string): string {
  const worker = files.get("modes/worker.js") ?? "";
  const found = new RegExp(`"?${mode}"?:async\\(\\)=>\\(await import\\("\\.\\./([^"]+)"`).exec(
    worker,
  );
  assert.ok(found?.[1], `the worker imports no program for ${mode}`);
  return found[1];
}

/** All that is loaded with a script, its dynamic imports left out. */
function loadedBy({ files }: Bundle, entry: string): string {
  const seen = new Set<string>();
  const load = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (
      const [, target = ""] of (files.get(path) ?? "").matchAll(/(?:from|import)\s*"(\.[^"]+)"/g)
    ) {
      load(new URL(target, `file:///${path}`).pathname.slice(1));
    }
  };
  load(entry);
  return [...seen].map((path) => files.get(path) ?? "").join("\n");
}
