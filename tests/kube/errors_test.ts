import assert from "node:assert/strict";
import {
  isAbsence,
  isAlreadyExists,
  isConflict,
  isDeniedByAdmission,
  isForbidden,
  isGone,
  isInvalid,
  isNamespaceTerminating,
  isOtherIncarnation,
  isPatchTestFailed,
  isQuotaExceeded,
  isUnauthorized,
  KubeError,
  type Refusal,
  refused,
  refusedByStatus,
} from "../../kube/errors.ts";
import type { Status } from "../../kube/types.ts";
import type { Disposition } from "../../lib/errors.ts";

function status(reason: string, message = "", details: Status["details"] = {}): Status {
  return { kind: "Status", reason, message, details };
}

const retry: Disposition = { kind: "retry" };
/** Until the server is well again, which nobody tells. */
const waitOut: Disposition = { kind: "retry", withinMs: 30_000 };
const stop: Disposition = { kind: "stop" };
const after = (ms: number): Disposition => ({ kind: "retry-after", ms });

const rows: Readonly<Record<string, readonly [Refusal, string, Disposition]>> = {
  "400 stops": [{ httpStatus: 400 }, "kube_bad_request", stop],
  "401 is tried again with a new token": [{ httpStatus: 401 }, "kube_unauthorized", waitOut],
  "403 stops": [
    { httpStatus: 403, status: status("Forbidden", 'User "x" cannot list resource') },
    "kube_forbidden",
    stop,
  ],
  "403 for a full quota waits": [
    { httpStatus: 403, status: status("Forbidden", 'pods "p" is forbidden: exceeded quota: q') },
    "kube_quota",
    after(10_000),
  ],
  "403 in a namespace that goes away stops": [
    {
      httpStatus: 403,
      status: status("Forbidden", "", { causes: [{ reason: "NamespaceTerminating" }] }),
    },
    "kube_namespace_terminating",
    stop,
  ],
  "404": [{ httpStatus: 404, status: status("NotFound") }, "kube_not_found", retry],
  "409 is a conflict": [{ httpStatus: 409, status: status("Conflict") }, "kube_conflict", retry],
  "409 of a create": [
    { httpStatus: 409, status: status("AlreadyExists") },
    "kube_already_exists",
    retry,
  ],
  "409 of a deletion by uid": [
    {
      httpStatus: 409,
      status: status(
        "Conflict",
        `Operation cannot be fulfilled on ephemeralrunners.actions.github.com "${
          "n".repeat(250)
        }": the UID in the precondition (a) does not match the UID in record (b)`,
      ),
    },
    "kube_other_incarnation",
    retry,
  ],
  "410": [{ httpStatus: 410 }, "kube_gone", retry],
  "413 stops": [{ httpStatus: 413 }, "kube_invalid", stop],
  "422 stops": [{ httpStatus: 422, status: status("Invalid") }, "kube_invalid", stop],
  "422 of a JSON patch without causes is a failed test": [
    { httpStatus: 422, status: status("Invalid"), isJsonPatch: true },
    "kube_patch_test_failed",
    retry,
  ],
  "422 of a JSON patch with a field stops": [
    {
      httpStatus: 422,
      status: status("Invalid", "", { causes: [{ field: "spec.x" }] }),
      isJsonPatch: true,
    },
    "kube_invalid",
    stop,
  ],
  "429 tells when, in the header": [
    { httpStatus: 429, retryAfter: "7" },
    "kube_too_many_requests",
    after(7_000),
  ],
  "429 tells when, in the body": [
    { httpStatus: 429, status: status("TooManyRequests", "", { retryAfterSeconds: 3 }) },
    "kube_too_many_requests",
    after(3_000),
  ],
  "429 without a time": [{ httpStatus: 429 }, "kube_too_many_requests", after(1_000)],
  "no server makes us wait for hours": [
    { httpStatus: 429, retryAfter: "86400" },
    "kube_too_many_requests",
    after(300_000),
  ],
  "a date is no number of seconds": [
    { httpStatus: 503, retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT" },
    "kube_unavailable",
    waitOut,
  ],
  "500": [{ httpStatus: 500 }, "kube_internal", waitOut],
  "503": [{ httpStatus: 503 }, "kube_unavailable", waitOut],
  "503 with a time": [{ httpStatus: 503, retryAfter: "2" }, "kube_unavailable", after(2_000)],
  "504": [{ httpStatus: 504 }, "kube_timeout", waitOut],
};

for (const [claim, [refusal, code, disposition]] of Object.entries(rows)) {
  Deno.test({
    name: `a refusal: ${claim}`,
    permissions: "none",
    fn() {
      const error = refused('create pods "a/b"', refusal);
      assert.equal(error.code, code);
      assert.deepEqual(error.disposition, disposition);
      assert.equal(error.httpStatus, refusal.httpStatus);
      assert.ok(error.message.length <= 256, error.message);
      assert.match(error.message, /^Cannot create pods "a\/b": /);
    },
  });
}

Deno.test({
  name: "each predicate knows its own refusal and no other",
  permissions: "none",
  fn() {
    const of = (httpStatus: number, reason: string, message = "") =>
      refused("x", { httpStatus, status: status(reason, message) });
    const predicates = [
      [isConflict, of(409, "Conflict")],
      [isAlreadyExists, of(409, "AlreadyExists")],
      [isAbsence, of(404, "NotFound")],
      [isGone, of(410, "Expired")],
      [isInvalid, of(422, "Invalid")],
      [isQuotaExceeded, of(403, "Forbidden", "exceeded quota: q")],
      [
        isNamespaceTerminating,
        refused("x", {
          httpStatus: 403,
          status: status("Forbidden", "", { causes: [{ reason: "NamespaceTerminating" }] }),
        }),
      ],
      [isForbidden, of(403, "Forbidden")],
      [isUnauthorized, of(401, "Unauthorized")],
      [isOtherIncarnation, of(409, "Conflict", "Precondition failed: UID in precondition: a")],
      [isPatchTestFailed, refused("x", { httpStatus: 422, isJsonPatch: true })],
    ] as const;
    for (const [predicate, own] of predicates) {
      for (const [, error] of predicates) {
        assert.equal(predicate(error), error === own, `${predicate.name} of ${error.code}`);
      }
      assert.ok(!predicate(new Error("x")));
    }
  },
});

Deno.test({
  name: "a 404 without a Status is a kind that is not served, not an absent object",
  permissions: "none",
  fn() {
    assert.ok(!isAbsence(refused("x", { httpStatus: 404 })));
  },
});

Deno.test({
  name: "RBAC's own denial is told apart from that of an admission plug-in",
  permissions: "none",
  fn() {
    const of = (message: string) =>
      refused("x", { httpStatus: 403, status: status("Forbidden", message) });
    assert.ok(isDeniedByAdmission(of('pods "p" is forbidden: violates PodSecurity')));
    assert.ok(
      !isDeniedByAdmission(of('pods is forbidden: User "u" cannot create resource "pods"')),
    );
  },
});

Deno.test({
  name: "what the server could not parse of a Secret is not quoted",
  permissions: "none",
  fn() {
    const said = status("BadRequest", 'cannot parse "c2VjcmV0"');
    const error = refused("create secrets", { httpStatus: 400, status: said, isSecret: true });
    assert.equal(error.message, "Cannot create secrets: HTTP 400 BadRequest");
  },
});

Deno.test({
  name: "the fields that the server found wrong are kept",
  permissions: "none",
  fn() {
    const causes = [{ field: "spec.image", message: "Required" }, { message: "no field" }];
    const error = refused("x", { httpStatus: 422, status: status("Invalid", "no", { causes }) });
    assert.deepEqual(error.fields, ["spec.image"]);
  },
});

Deno.test({
  name: "an ERROR event is a refusal, and an expired version is gone whatever its number",
  permissions: "none",
  fn() {
    assert.ok(isGone(refusedByStatus("watch", { kind: "Status", reason: "Expired" })));
    assert.ok(isGone(refusedByStatus("watch", { kind: "Status", code: 410 })));
    const other = refusedByStatus("watch", { kind: "Status" });
    assert.ok(other instanceof KubeError);
    assert.equal(other.code, "kube_internal");
  },
});
