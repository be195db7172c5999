import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  errorFromAnswer,
  type FailedCall,
  GitHubError,
  retryAfterMs,
} from "../../github/errors.ts";

const NOW = new Date("2026-01-01T12:00:00Z");

const CALL: FailedCall = {
  operation: "remove runner",
  method: "DELETE",
  url: new URL("https://svc.example/t/_apis/distributedtask/pools/0/agents/42?api-version=6"),
};

function answer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = { "content-type": "application/json" },
): { readonly status: number; readonly text: string; readonly headers: Headers } {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, text, headers: new Headers(headers) };
}

const TEXT = { "content-type": "text/plain; charset=utf-8" };
const HTML = { "content-type": "text/html" };
const CONFLICT = "GitHub.X.RunnerScaleSetSessionConflictException, GitHub.X";

Deno.test("§20.32 an answer is classified by the exception it names, else by its status", {
  permissions: "none",
}, () => {
  type Row = readonly [ReturnType<typeof answer>, code: string, disposition: string, text: RegExp];
  const rows: readonly Row[] = [
    // §18.1, in order
    [
      answer(409, { typeName: "X.TaskAgentExistsException, X", message: "dup" }),
      "github_runner_exists",
      "retry",
      /X\.TaskAgentExistsException: dup$/,
    ],
    [
      answer(400, { typeName: "X.TaskAgentExistsException, X", message: "dup" }),
      "github_runner_exists",
      "retry",
      /answered 400/,
    ],
    [
      answer(404, { typeName: "AgentNotFoundException", message: "m" }),
      "github_runner_not_found",
      "retry",
      /AgentNotFoundException: m$/,
    ],
    [answer(404, "gone", TEXT), "github_not_found", "stop", /: "gone"$/],
    [
      answer(400, { typeName: "A.JobStillRunningException" }),
      "github_job_still_running",
      "retry",
      /JobStillRunning/,
    ],
    [
      answer(500, { typeName: "A.JobStillRunningException" }),
      "github_unavailable",
      "retry",
      /answered 500/,
    ],
    [
      answer(401, { typeName: "X.InvalidTokenException" }),
      "github_unauthorized",
      "stop",
      /answered 401/,
    ],
    [
      answer(409, { typeName: CONFLICT, message: "busy" }),
      "github_session_conflict",
      "retry",
      /RunnerScaleSetSessionConflictException: busy$/,
    ],
    [answer(403, ""), "github_forbidden", "stop", /unknown error$/],
    [answer(502, "<html>oops</html>", HTML), "github_unavailable", "retry", /answered 502/],
    [answer(400, "<html>oops</html>", HTML), "github_refused", "stop", /"<html>oops<\/html>"$/],
    [
      answer(400, { typeName: "AgentExistsException" }),
      "github_runner_exists",
      "retry",
      /AgentExistsException$/,
    ],
    // and what the vectors leave out
    [
      answer(404, { typeName: "A.RunnerScaleSetNotFoundException" }),
      "github_scale_set_not_found",
      "retry",
      /./,
    ],
    [
      answer(400, { typeName: "A.RunnerScaleSetSessionExpiredException" }),
      "github_session_lost",
      "retry",
      /./,
    ],
    [answer(409, "{}"), "github_conflict", "retry", /unknown error$/],
    [answer(201, { token: "x" }), "github_bad_answer", "retry", /answered 201: unknown error$/],
    [answer(302, ""), "github_bad_answer", "retry", /answered 302/],
    [answer(501, ""), "github_unavailable", "retry", /answered 501/],
    [answer(429, ""), "github_rate_limited", "retry", /answered 429/],
    [answer(429, "", { "retry-after": "7" }), "github_rate_limited", "retry-after 7000", /429/],
    [answer(503, "", { "retry-after": "7" }), "github_unavailable", "retry-after 7000", /503/],
    [answer(403, "", { "retry-after": "60" }), "github_rate_limited", "retry-after 60000", /403/],
    [
      answer(403, "", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767268830" }),
      "github_rate_limited",
      "retry-after 30000",
      /403/,
    ],
    [answer(403, "", { "x-ratelimit-remaining": "9" }), "github_forbidden", "stop", /403/],
  ];
  for (const [given, code, disposition, text] of rows) {
    const error = errorFromAnswer(CALL, given, { now: NOW });
    const { kind } = error.disposition;
    const wait = error.disposition.kind === "retry-after" ? ` ${error.disposition.ms}` : "";
    const row = `${given.status} ${given.text}`;
    equal(error.code, code, row);
    equal(kind + wait, disposition, row);
    equal(error.status, given.status);
    match(error.message, text);
  }
});

Deno.test(
  "§20.33 the text of an error has method, address, status and correlation ids, and no query",
  {
    permissions: "none",
  },
  () => {
    const headers = { ActivityId: "act-1", "X-GitHub-Request-Id": "req-2" };
    const { message } = errorFromAnswer(CALL, answer(404, "", headers), { now: NOW });
    equal(
      message,
      "Cannot remove runner: DELETE https://svc.example/t/_apis/distributedtask/pools/0/agents/42 " +
        "answered 404 (activity_id act-1, github_request_id req-2): unknown error",
    );
  },
);

Deno.test("§20.66 no error repeats a token, even when the server does", {
  permissions: "none",
}, () => {
  const message = "bad tokens: sesame eyJhbGciOiJub25lIn0.eyJleHAiOjF9.sig ghp_abcdef1234 " +
    "https://u:p@proxy.example/x?sig=1";
  const error = errorFromAnswer(CALL, answer(400, { message }), { now: NOW, secrets: ["sesame"] });
  ok(!/sesame|eyJ|ghp_|u:p|sig=1/.test(error.message), error.message);
  ok(error.message.includes("bad tokens: [redacted]"));
});

Deno.test("§20.25 Retry-After counts in seconds and as a date, on 429 and 503, never on 500", {
  permissions: "none",
}, () => {
  const rows: readonly (readonly [number, string, number | undefined])[] = [
    [503, "7", 7000],
    [429, "0", 0],
    [429, "Thu, 01 Jan 2026 12:00:20 GMT", 20_000],
    [503, "Thu, 01 Jan 2026 11:00:00 GMT", 0],
    [500, "7", undefined],
    [503, "-3", undefined],
    [503, "soon", undefined],
    [503, "", undefined],
  ];
  for (const [status, value, wanted] of rows) {
    equal(retryAfterMs(answer(status, "", { "retry-after": value }), NOW), wanted, value);
  }
});

Deno.test("F06: what waits for a GitHub that is out goes on within 30 s of its return", () => {
  const { disposition } = new GitHubError("github_unavailable", "out");
  deepEqual(disposition, { kind: "retry", withinMs: 30_000 });
});
