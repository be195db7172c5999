import assert from "node:assert/strict";
import { CONDITIONS } from "../../controllers/conditions.ts";
import { pure } from "./situations.ts";

pure("types of conditions are CamelCase words, each once", () => {
  const types = Object.values(CONDITIONS);
  assert.equal(new Set(types).size, types.length);
  for (const type of types) assert.match(type, /^[A-Z][A-Za-z]+$/);
});
