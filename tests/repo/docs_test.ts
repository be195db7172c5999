import assert from "node:assert/strict";
import { DOORS } from "./doors.ts";
import { filesBelow, textOf } from "./tree.ts";

interface Configuration {
  readonly imports: Readonly<Record<string, string>>;
  readonly tasks: Readonly<Record<string, { readonly description: string }>>;
}

const configuration: Configuration = JSON.parse(textOf("deno.json"));
const pages = filesBelow("").filter((path) => path.endsWith(".md"));
const dependencies = textOf("docs/dependencies.md");

/** The name in `deno.json` without the slash that some imports end with. */
const packageOf = (name: string) => name.replace(/\/$/, "");

Deno.test("the commands in the documentation are tasks", () => {
  const wrong = pages.flatMap((page) =>
    textOf(page).matchAll(/\bdeno(?:@[\d.]+)? task ([a-z:_-]+)/g)
      .filter(([, task = ""]) => configuration.tasks[task] === undefined)
      .map(([command]) => `${page}: ${command}`).toArray()
  );
  assert.deepEqual(wrong, []);
});

Deno.test("the README shows the two commands that a newcomer needs", () => {
  for (const task of ["dev", "test"]) {
    assert.match(textOf("README.md"), new RegExp(`npx -y deno@\\d+\\.\\d+\\.\\d+ task ${task}\\b`));
  }
});

Deno.test("one version of Deno is named everywhere", () => {
  const named = [...pages, ".ci/run"].flatMap((page) =>
    textOf(page).matchAll(/\bdeno@([\w.]+)/g).map(([, version]) => version).toArray()
  );
  assert.equal(new Set(named).size, 1, named.join());
});

Deno.test("every task says what it does", () => {
  for (const [name, { description }] of Object.entries(configuration.tasks)) {
    assert.ok(description, name);
  }
});

Deno.test("every dependency is pinned to one version, from npm", () => {
  const loose = Object.entries(configuration.imports)
    .filter(([name, target]) =>
      !new RegExp(`^npm:/?${packageOf(name)}@\\d+\\.\\d+\\.\\d+/?$`).test(target)
    );
  assert.deepEqual(loose, []);
});

Deno.test("every dependency is explained, with its version and its one door", () => {
  const wrong = Object.entries(configuration.imports).filter(([name, target]) => {
    const version = target.replace(/\/$/, "").split("@").at(-1);
    const door = DOORS.find((door) => door.name === name)?.door ?? "no door";
    const row = dependencies.split("\n").find((line) =>
      line.startsWith(`| \`${packageOf(name)}\``)
    );
    return !(row?.includes(`| ${version} `) && row.includes(`\`${door}\``));
  }).map(([name]) => name);
  assert.deepEqual(wrong, []);
});

Deno.test("no dependency is explained that is not there", () => {
  const explained = dependencies.matchAll(/^\| `([^`]+)`/gm).map(([, name]) => name as string)
    .toArray();
  const present = Object.keys(configuration.imports).map(packageOf);
  assert.deepEqual(explained.filter((name) => !present.includes(name)), []);
});

Deno.test("every decision has a number, a form, and its line in the list", () => {
  const list = textOf("docs/decisions/README.md");
  const decisions = filesBelow("docs/decisions").filter((path) => !path.endsWith("README.md"));
  for (const [at, path] of decisions.toSorted().entries()) {
    const [title = "", ...rest] = textOf(path).split("\n");
    const number = at + 1;
    assert.ok(title.startsWith(`# ${number}. `), `${path}: ${title}`);
    const line = title.replace(/^# (\d+\.) (.*)$/, `$1 [$2](${path.split("/").at(-1)})`);
    assert.ok(list.split("\n").includes(line), `docs/decisions/README.md: ${line}`);
    const headings = rest.filter((text) => text.startsWith("## "));
    for (const heading of ["## Context", "## Decision", "## Consequences"]) {
      assert.ok(headings.includes(heading), `${path}: ${heading}`);
    }
  }
});

Deno.test("links between pages lead somewhere", () => {
  const files = new Set(filesBelow(""));
  const folders = new Set(
    [...files].flatMap((file) =>
      file.split("/").map((_, depth, parts) => parts.slice(0, depth).join("/"))
    ),
  );
  const dead = pages.flatMap((page) =>
    textOf(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g).map(([, link = ""]) =>
      new URL(link, `file:///${page}`).pathname.slice(1).replace(/\/$/, "")
    ).filter((target) => !files.has(target) && !folders.has(target))
      .map((target) => `${page}: ${target}`).toArray()
  );
  assert.deepEqual(dead, []);
});

Deno.test("no file tells of the machine that it was written on", () => {
  // Put together, so that this file does not tell either.
  const telling = new RegExp(
    ["(?<![\\w.*-])/(wor", "k|roo", "t/\\.|ho", "me/(?!runner\\b)|User", "s/)\\b"].join(""),
  );
  const wrong = filesBelow("").flatMap((path) =>
    textOf(path).split("\n").flatMap((line, at) =>
      telling.test(line) ? [`${path}:${at + 1}: ${telling.exec(line)?.[0]}`] : []
    )
  );
  assert.deepEqual(wrong, []);
});
