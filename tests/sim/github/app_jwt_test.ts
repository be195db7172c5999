import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { appJwtProblem } from "../../../sim/github/app_jwt.ts";

const pure = { permissions: "none" } as const;
const NOW = new Date("2026-01-01T12:00:00Z");
const SECONDS = NOW.getTime() / 1000;
const GOOD = { iat: SECONDS - 60, exp: SECONDS + 480, iss: "Iv1.test" };

function jwt(claims: unknown, header: unknown = { alg: "RS256", typ: "JWT" }): string {
  const parts = [header, claims].map((x) => Buffer.from(JSON.stringify(x)).toString("base64url"));
  return `${parts.join(".")}.c2ln`;
}

Deno.test(
  "an App JWT has RS256, an issuer, and times that hold for at most ten minutes",
  pure,
  () => {
    const rows: readonly (readonly [string, boolean])[] = [
      [jwt(GOOD), true],
      [jwt({ ...GOOD, iss: 42 }), true],
      [jwt({ ...GOOD, iat: SECONDS, exp: SECONDS + 600 }), true],
      [jwt(GOOD, { alg: "HS256" }), false],
      [jwt({ ...GOOD, iss: "" }), false],
      [jwt({ ...GOOD, iat: SECONDS + 1 }), false],
      [jwt({ ...GOOD, exp: SECONDS }), false],
      [jwt({ ...GOOD, exp: SECONDS + 541 }), false],
      [jwt({ ...GOOD, exp: undefined }), false],
      ["a.b.c", false],
      [jwt(GOOD).split(".").slice(0, 2).join("."), false],
      ["", false],
    ];
    for (const [text, isGood] of rows) {
      const problem = appJwtProblem(text, { now: NOW, publicKey: "" });
      assert.equal(problem === undefined, isGood, problem ?? text);
    }
  },
);
