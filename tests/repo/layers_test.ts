import assert from "node:assert/strict";
import { DOORS } from "./doors.ts";
import { codeOf, filesBelow, type Import, importsOf, textOf } from "./tree.ts";

/** The rooms of the product, and which of them each may import besides itself. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  kube: ["lib"],
  github: ["lib"],
  crds: ["lib"],
  controllers: ["crds", "kube", "github", "lib"],
  listener: ["crds", "kube", "github", "lib"],
  sim: ["crds", "lib"],
  modes: ["lib", "kube", "github", "crds", "controllers", "listener"],
};

/** Files that may import more than their room, and what. */
const WIDER: readonly { readonly files: RegExp; readonly may: RegExp; readonly why: string }[] = [
  {
    files: /^crds\//,
    may: /^kube\/types\.ts$/,
    why: "the shape of Kubernetes objects, as types only",
  },
  {
    files: /^sim\/(kube\/)?(kubelet|programs|runner|world)[a-z_]*\.ts$/,
    may: /^(kube|github)\//,
    why: "the kubelet and the runners are clients of the servers; the world puts them together",
  },
  { files: /^modes\/version\.ts$/, may: /^deno\.json$/, why: "the version is one fact" },
  {
    files: /^main\.ts$/,
    may: /^modes\/(start|output|powers)\.ts$/,
    why: "main hands the mode over to whoever starts it, and gives up what it may do itself",
  },
  { files: /^modes\/dev\//, may: /^sim\//, why: "dev simulates" },
];

/** Files that compute and nothing else. Their tests run without permissions. */
const PURE: readonly RegExp[] = [
  /^lib\/(backoff|duration|errors|flags|flag_help|flag_parsers|json|listen_address|log|redaction|secret)\.ts$/,
  /^kube\/(types|resources|errors|meta|metrics|paths)\.ts$/,
  /^github\/(config_url|errors|messages|metrics)\.ts$/,
  /^crds\/[a-z_]+\.ts$/,
  /^controllers\/(config|rules|metrics)\.ts$/,
  /^controllers\/reconcile\/(step|reconciler|finalizing)\.ts$/,
  /^controllers\/[a-z_]+\/(plan|children|status|scale|replacement|pod_outcome|deadlines|container_modes)\.ts$/,
  /^listener\/(config|rules|decide)\.ts$/,
  /^sim\/faults\.ts$/,
  /^modes\/(mode|invocation|controller_manager|listener|dev|doctor|explain|completion|environment|certificate_file|allowed_hosts|github_net|sandbox_growth)\.ts$/,
  /^modes\/(completion|cluster_flags|installed_controllers|pod_trouble)\.ts$/,
  /^modes\/doctor\/(check|checks|[a-z]+_checks|facts|report|rights_questions|room|rules|seen)\.ts$/,
  /^modes\/explain\/(reason|reasons|object_reasons|snapshot|story|[a-z]+_story|timeline)\.ts$/,
];

/** What a pure file and all that it reaches must be without: waiting, the machine, packages. */
const IMPURE = /\b(await|async|fetch)\b|\bDeno\.(?!customInspect)|\bnew Promise\b|\bPromise\.\w+\(/;
const PURE_PACKAGES: readonly string[] = ["node:crypto", "node:buffer"];

/** What only these files may say. Everybody else takes time and randomness as arguments. */
const RESERVED: readonly {
  readonly what: string;
  readonly pattern: RegExp;
  readonly files: readonly string[];
}[] = [
  {
    what: "the machine's time and timers",
    pattern:
      /\bDate\.now\b|\bnew Date\(\)|\bset(Timeout|Interval)\b|\bAbortSignal\.timeout\b|\bperformance\.now\b/,
    files: ["lib/clock.ts"],
  },
  {
    what: "the machine's randomness",
    pattern: /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b|\brandomBytes\b/,
    files: ["lib/random.ts"],
  },
  {
    what: "the process's arguments, environment and end",
    pattern: /\bDeno\.(env|args|exit|exitCode)\b|\bprocess\.(env|argv|exit|exitCode)\b/,
    // yaml: hides the environment from its package, reads nothing of it.
    files: ["main.ts", "lib/yaml.ts"],
  },
];

const product = ["main.ts", ...Object.keys(ROOMS).flatMap(filesBelow)]
  .filter((path) => path.endsWith(".ts") && filesBelow("").includes(path));

const roomOf = (path: string) => path.slice(0, Math.max(path.indexOf("/"), 0)) || "main.ts";
const isPure = (path: string) => PURE.some((pattern) => pattern.test(path));

/** Every import of one of our files from one of our files. */
function* inner(): Generator<Import & { readonly from: string; readonly file: string }> {
  for (const from of product) {
    for (const found of importsOf(from)) {
      if (found.file !== undefined) yield { ...found, from, file: found.file };
    }
  }
}

/** A file and what it imports, directly or not, when it runs. */
function reached(path: string): ReadonlySet<string> {
  const found = new Set([path]);
  for (const from of found) {
    if (!product.includes(from)) continue;
    for (const { file, typeOnly } of importsOf(from)) {
      if (file !== undefined && !typeOnly) found.add(file);
    }
  }
  return new Set([...found].filter((file) => product.includes(file)));
}

function mayImport(from: string, file: string): boolean {
  const [room, target] = [roomOf(from), roomOf(file)];
  if (WIDER.some(({ files, may }) => files.test(from) && may.test(file))) return true;
  if (room === "main.ts") {
    return target === "lib" || (["modes", "kube", "github"].includes(target) && isPure(file));
  }
  return room === target || (ROOMS[room]?.includes(target) ?? false);
}

Deno.test("imports go down through the rooms only", () => {
  const wrong = [...inner()].filter(({ from, file }) => !mayImport(from, file))
    .map(({ from, file }) => `${from} may not import ${file}`);
  assert.deepEqual(wrong, []);
});

Deno.test("crds know the wire models as types only", () => {
  const wrong = [...inner()]
    .filter(({ from, file, typeOnly }) => /^crds\//.test(from) && /^kube\//.test(file) && !typeOnly)
    .map(({ from, file }) => `${from} must import ${file} as types`);
  assert.deepEqual(wrong, []);
});

Deno.test("reconciler folders do not import each other", () => {
  const folder = (path: string) => /^controllers\/([a-z_]+)\//.exec(path)?.[1] ?? "reconcile";
  const wrong = [...inner()].filter(({ from, file }) =>
    roomOf(from) === "controllers" && roomOf(file) === "controllers" &&
    folder(from) !== "reconcile" && folder(file) !== "reconcile" && folder(from) !== folder(file)
  ).map(({ from, file }) => `${from} may not import ${file}`);
  assert.deepEqual(wrong, []);
});

Deno.test("pure files, and all that they import, do nothing but compute", () => {
  const wrong = product.filter(isPure).flatMap((path) =>
    [...reached(path)].flatMap((file) =>
      [
        ...codeOf(file).split("\n").filter((line) => IMPURE.test(line)),
        ...importsOf(file).filter(({ specifier, file, typeOnly }) =>
          file === undefined && !typeOnly && !PURE_PACKAGES.includes(specifier)
        ).map(({ specifier }) => `imports ${specifier}`),
      ].map((what) => `${path} is pure, ${file} is not: ${what.trim()}`)
    )
  );
  assert.deepEqual(wrong, []);
});

Deno.test("every package has one door", () => {
  const wrong = product.flatMap((path) =>
    importsOf(path).filter(({ specifier, file }) =>
      file === undefined && !specifier.startsWith("node:")
    ).filter(({ specifier }) => {
      const door = DOORS.find(({ name }) =>
        specifier === name || (name.endsWith("/") && specifier.startsWith(name))
      );
      return door?.door !== path;
    }).map(({ specifier }) => `${path} is no door of "${specifier}"`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("time, randomness and the process are reached at their doors only", () => {
  const wrong = product.flatMap((path) =>
    RESERVED.filter(({ pattern, files }) => !files.includes(path) && pattern.test(codeOf(path)))
      .map(({ what, pattern }) => `${path}: ${pattern.exec(codeOf(path))?.[0]} is ${what}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("files open with what they know, hold no barrel and have a name that tells", () => {
  const wrong = product.flatMap((path) => [
    ...(/^(#!.*\n)?\/\*\*/.test(textOf(path)) ? [] : [`${path} does not open with a comment`]),
    ...(/^export\s[^;"]*?from "/m.test(codeOf(path)) ? [`${path} exports from another file`] : []),
    ...(/\/(index|utils?|helpers?|common|misc)\.ts$/.test(path) ? [`${path} is no name`] : []),
    ...(/(^|\/)[a-z0-9_]+\.ts$/.test(path) ? [] : [`${path} is not in snake_case`]),
  ]);
  assert.deepEqual(wrong, []);
});

Deno.test("exported functions and classes say what their names do not", () => {
  const wrong = product.flatMap((path) =>
    textOf(path).matchAll(/(.*)\nexport (?:async )?(?:function|(?:abstract )?class) (\w+)/g)
      // A further signature of the same function needs no second word.
      .filter(([, before = ""]) => !/\*\/$|^\): .*;$/.test(before))
      .map(([, , name]) => `${path}: ${name}`).toArray()
  );
  assert.deepEqual(wrong, []);
});
