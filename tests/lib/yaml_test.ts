import assert from "node:assert/strict";
import process from "node:process";
import { InvalidInput } from "../../lib/errors.ts";
import { parseDocuments, stringify } from "../../lib/yaml.ts";

function pure(claim: string, test: () => void): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}

function value(text: string): unknown {
  return parseDocuments(text, "f.yaml")[0]?.value;
}

pure("documents come with the line where they begin, empty ones are left out", () => {
  const text = "# nothing\n---\n---\nkind: A\n---\n\n# words\nkind: B\nlist: [1]\n---\n";
  assert.deepEqual(parseDocuments(text, "f.yaml"), [
    { value: { kind: "A" }, line: 4 },
    { value: { kind: "B", list: [1] }, line: 8 },
  ]);
  assert.deepEqual(parseDocuments("", "f.yaml"), []);
});

pure("plain scalars mean what they mean to kubectl", () => {
  const rows: Readonly<Record<string, unknown>> = {
    "yes": true,
    "off": false,
    "0644": 420,
    "0x10": 16,
    "1e3": 1000,
    "~": null,
    "1:30": "1:30",
    "2026-01-01": "2026-01-01",
    "2026-01-01T12:00:00Z": "2026-01-01T12:00:00Z",
    "1.10.0": "1.10.0",
    "500m": "500m",
    '"yes"': "yes",
  };
  for (const [text, expected] of Object.entries(rows)) {
    assert.deepEqual(value(`a: ${text}`), { a: expected }, text);
  }
});

pure("merge keys and aliases are resolved", () => {
  assert.deepEqual(value("base: &b {a: 1}\nmore: {<<: *b, b: 2}\nsame: *b\n"), {
    base: { a: 1 },
    more: { a: 1, b: 2 },
    same: { a: 1 },
  });
});

pure("a mistake is told with file, line and column, without the text", () => {
  const rows: readonly (readonly [text: string, where: RegExp])[] = [
    ["a: 1\nb: [1, 2\n", /^f\.yaml:\d+:\d+: Flow sequence/],
    ["a: 1\na: hush\n", /^f\.yaml:2:1: Map keys must be unique$/],
    ["ok: 1\n---\nkey: hush: hush\n", /^f\.yaml:3:\d+: /],
    ["a: @hush\n", /^f\.yaml:1:4: /],
    ['a: "hush\n', /^f\.yaml:\d+:\d+: /],
    ["\thush: 1\n", /^f\.yaml:1:\d+: /],
    ["a: *hush\n", /^f\.yaml:1(:\d+)?: /],
  ];
  for (const [text, where] of rows) {
    assert.throws(() => parseDocuments(text, "f.yaml"), (thrown) => {
      assert.ok(thrown instanceof InvalidInput, text);
      assert.match(thrown.message, where);
      assert.doesNotMatch(thrown.message, /hush/);
      return true;
    });
  }
});

pure("aliases cannot grow beyond all bounds", () => {
  const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 9; i++) {
    const last = `*a${i - 1}`;
    bomb.push(`a${i}: &a${i} [${Array(10).fill(last).join(", ")}]`);
  }
  assert.throws(() => parseDocuments(bomb.join("\n"), "f.yaml"), InvalidInput);
});

pure("what is written reads back the same, also as YAML 1.1", () => {
  const document = {
    words: ["yes", "off", "0644", "1:30", "null", "2026-01-01", "", " padded ", "a: b", "#c"],
    lines: "one\ntwo\n",
    long: "word ".repeat(60).trim(),
    empty: {},
    number: 0.5,
  };
  const text = stringify(document);
  assert.deepEqual(value(text), document);
  assert.match(text, /- "yes"\n/);
  assert.ok(text.endsWith("\n"));
});

pure("the process's environment is the same afterwards", () => {
  const before = process.env;
  parseDocuments("a: 1\n", "f.yaml");
  assert.throws(() => parseDocuments("a: [", "f.yaml"));
  assert.equal(process.env, before);
});
