import assert from "node:assert/strict";
import fc from "fast-check";
import {
  applyMergePatch,
  canonicalText,
  deepEqual,
  mergePatch,
  shortHash,
} from "../../lib/json.ts";

function pure(claim: string, test: () => void): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}

const keys = fc.constantFrom("a", "b", "c", "toString", "constructor", "__proto__");

/** JSON values with few keys, so that two of them often have some in common. */
function jsonValue(scalar: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      scalar,
      fc.array(tie("value"), { maxLength: 3 }),
      // As a parser makes them: `__proto__` is a member like any other.
      fc.array(fc.tuple(keys, tie("value")), { maxLength: 4 }).map((entries) =>
        Object.fromEntries(entries)
      ),
    ),
  })).value;
}

const scalar = fc.constantFrom<unknown>(0, 1, "", "a", "1");
const anything = jsonValue(fc.oneof(scalar, fc.constantFrom(null, ...[true, false])));
/** A merge patch has no words for a member that is null. */
const withoutNull = jsonValue(scalar);

pure(
  "values are equal whatever the order of their keys, and absent is as good as undefined",
  () => {
    const rows: readonly (readonly [a: unknown, b: unknown, equal: "equal" | "different"])[] = [
      [{ a: 1, b: [2, { c: 3 }] }, { b: [2, { c: 3 }], a: 1 }, "equal"],
      [{ a: undefined }, {}, "equal"],
      [{}, { a: undefined }, "equal"],
      [{ a: null }, {}, "different"],
      [[1, 2], [2, 1], "different"],
      [[1], [1, 2], "different"],
      [[], {}, "different"],
      [null, {}, "different"],
      [0, "0", "different"],
      [{}, { toString: 1 }, "different"],
      [{ constructor: 1 }, {}, "different"],
      [{ a: { valueOf: 1 } }, { a: { valueOf: 1 } }, "equal"],
      [JSON.parse('{"__proto__": 1}'), {}, "different"],
    ];
    for (const [a, b, equal] of rows) {
      assert.equal(deepEqual(a, b) ? "equal" : "different", equal, JSON.stringify([a, b]));
      assert.equal(deepEqual(b, a) ? "equal" : "different", equal, JSON.stringify([b, a]));
    }
  },
);

pure("equal values have the same text and hash, different ones have not", () => {
  fc.assert(fc.property(anything, anything, (a, b) => {
    assert.equal(canonicalText(a) === canonicalText(b), deepEqual(a, b));
    assert.equal(shortHash(a) === shortHash(b), deepEqual(a, b));
    assert.ok(deepEqual(a, JSON.parse(canonicalText(a))));
  }));
  assert.equal(canonicalText({ b: 1, a: { d: 2, c: undefined } }), '{"a":{"d":2},"b":1}');
  assert.equal(canonicalText(undefined), "null");
  assert.match(shortHash({}), /^[0-9a-f]{16}$/);
});

pure(
  "a merge patch turns one value into the other, and is absent when there is nothing to do",
  () => {
    fc.assert(fc.property(withoutNull, withoutNull, (from, to) => {
      const patch = mergePatch(from, to);
      assert.equal(patch === undefined, deepEqual(from, to));
      if (patch !== undefined) assert.ok(deepEqual(applyMergePatch(from, patch), to));
    }));
  },
);

pure("a merge patch names what changes and nothing else", () => {
  assert.deepEqual(
    mergePatch({ a: 1, b: { c: 2, d: [3] }, gone: 4 }, { a: 1, b: { c: 2, d: [4] }, more: 5 }),
    { b: { d: [4] }, gone: null, more: 5 },
  );
  assert.deepEqual(mergePatch({}, { constructor: "x" }), { constructor: "x" });
  assert.deepEqual(mergePatch({ constructor: "x" }, {}), { constructor: null });
  assert.equal(mergePatch({ a: 1 }, { a: 1, b: undefined }), undefined);
  assert.deepEqual(mergePatch({ a: 1 }, { a: undefined }), { a: null });
});

pure("applying a merge patch follows the examples of RFC 7386", () => {
  const rows: readonly (readonly [target: unknown, patch: unknown, result: unknown])[] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [["a", "b"], ["c", "d"], ["c", "d"]],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, result] of rows) {
    const before = JSON.stringify([target, patch]);
    assert.deepEqual(applyMergePatch(target, patch), result, before);
    assert.equal(JSON.stringify([target, patch]), before, "arguments stay as they are");
  }
});
