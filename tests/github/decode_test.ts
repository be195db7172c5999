import { deepEqual, equal, throws } from "node:assert/strict";
import {
  BadShape,
  integerOf,
  listOf,
  membersOf,
  requiredText,
  textOf,
} from "../../github/decode.ts";

const SECRET = "hunter2";

Deno.test("null and absent are the zero value, names match whatever their case", {
  permissions: "none",
}, () => {
  const members = membersOf({ A: "x", B: 5, C: [1], D: null }, "it");
  deepEqual([textOf(members, "a"), integerOf(members, "b"), listOf(members, "c")], ["x", 5, [1]]);
  deepEqual([textOf(members, "D"), integerOf(members, "D"), listOf(members, "D")], ["", 0, []]);
  equal(textOf(members, "absent"), "");
});

Deno.test("a wrong type is told by name and never by value", { permissions: "none" }, () => {
  const rows: readonly (readonly [() => unknown, string])[] = [
    [() => membersOf([SECRET], "the answer"), "the answer is a list, an object is wanted"],
    [() => membersOf(SECRET, "the answer"), "the answer is a string, an object is wanted"],
    [() => membersOf(null, "the answer"), "the answer is missing, an object is wanted"],
    [() => textOf(membersOf({ a: { SECRET } }, ""), "a"), '"a" is an object, text is wanted'],
    [() => requiredText(membersOf({}, ""), "token"), '"token" is missing'],
    [
      () => integerOf(membersOf({ a: SECRET }, ""), "a"),
      '"a" is a string, a whole number is wanted',
    ],
    [() => integerOf(membersOf({ a: 1.5 }, ""), "a"), '"a" is a number, a whole number is wanted'],
    [() => listOf(membersOf({ a: SECRET }, ""), "a"), '"a" is a string, a list is wanted'],
  ];
  for (const [read, message] of rows) throws(read, new BadShape(message));
});
