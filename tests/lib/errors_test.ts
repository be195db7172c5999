import assert from "node:assert/strict";
import {
  type Disposition,
  disposition,
  errorCode,
  HouseError,
  InvalidInput,
  messageOf,
} from "../../lib/errors.ts";

class Busy extends HouseError {
  override readonly code = "busy";
  override readonly disposition: Disposition = { kind: "retry-after", ms: 5 };
}

function pure(claim: string, test: () => void): void {
  Deno.test({ name: claim, permissions: "none", fn: test });
}

pure("an error raised on purpose tells what to do and what to count", () => {
  assert.deepEqual(disposition(new Busy()), { kind: "retry-after", ms: 5 });
  assert.equal(errorCode(new Busy()), "busy");
  assert.deepEqual(disposition(new InvalidInput("x")), { kind: "stop" });
  assert.equal(errorCode(new InvalidInput("x")), "invalid_input");
});

pure("anything else is a bug, and is retried", () => {
  for (const thrown of [new TypeError("x"), "text", undefined]) {
    assert.deepEqual(disposition(thrown), { kind: "retry" });
    assert.equal(errorCode(thrown), "bug");
  }
});

pure("a message is cut to 256 characters", () => {
  assert.equal(messageOf(new Error("a".repeat(256))), "a".repeat(256));
  assert.equal(messageOf(new Error("a".repeat(257))), `${"a".repeat(255)}…`);
  assert.equal(messageOf("text"), "text");
  assert.equal(messageOf(undefined), "undefined");
});
