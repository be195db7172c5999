import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { GitHubError, SessionConflict, SessionLost } from "../../github/errors.ts";
import type { MessageSession } from "../../github/service.ts";
import { VirtualClock } from "../../sim/clock.ts";
import {
  adminToken,
  aService,
  aSession,
  exception,
  finished,
  json,
  QUEUE,
  type Script,
  type ScriptedGitHub,
  scriptedGitHub,
  SECRETS,
  SESSION_ID,
  SETS,
} from "./scripted.ts";

const CREATE = `POST ${SETS}/7/sessions`;
const REFRESH = `PATCH ${SETS}/7/sessions/${SESSION_ID}`;
const DELETE = `DELETE ${SETS}/7/sessions/${SESSION_ID}`;
const POLL = "GET /messages";
const ACK = "DELETE /messages/18";
const ACQUIRE = `POST ${SETS}/7/acquirejobs`;

const MESSAGE = {
  messageId: 18,
  messageType: "RunnerScaleSetJobMessages",
  body: "",
  statistics: { totalAssignedJobs: 1 },
};

const noContent = () => new Response(null, { status: 204 });
const empty = () => new Response(null, { status: 202 });
const expired = () => exception(401, "InvalidTokenException");
const refreshed = () =>
  json(aSession({
    messageQueueUrl: "https://queue2.example/messages?sid=def",
    messageQueueAccessToken: SECRETS.newQueue,
    statistics: null,
  }));

interface Opened {
  readonly clock: VirtualClock;
  readonly github: ScriptedGitHub;
  readonly session: MessageSession;
}

async function opened(table: Readonly<Record<string, Script>>): Promise<Opened> {
  const clock = new VirtualClock();
  const github = scriptedGitHub(clock, {
    [CREATE]: () => json(aSession()),
    [DELETE]: noContent,
    ...table,
  });
  const service = aService({ clock, fetch: github.fetch });
  const session = await finished(clock, service.openSession(7, "my-listener"));
  ok(session !== "no-scale-set");
  return { clock, github, session };
}

async function closed(session: MessageSession): Promise<void> {
  await session[Symbol.asyncDispose]();
}

function codeOf(thrown: unknown): string {
  ok(thrown instanceof GitHubError, String(thrown));
  for (const secret of Object.values(SECRETS)) ok(!thrown.message.includes(secret));
  return thrown.code;
}

const authorizations = (github: ScriptedGitHub, call: string) =>
  github.to(call).map(({ headers }) => headers.get("authorization"));

Deno.test("§20.47 opening posts the owner and gives the statistics before any message", async () => {
  const { github, session } = await opened({});
  deepEqual(JSON.parse(github.to(CREATE)[0]?.body ?? ""), { ownerName: "my-listener" });
  equal(session.sessionId, SESSION_ID);
  deepEqual([session.statistics.assigned, session.statistics.running], [2, 1]);
});

Deno.test("§20.47 F05 a session that cannot be used is an error, and is not left open", async () => {
  const rows: readonly (readonly [() => Response, deleted: boolean])[] = [
    [() => json(aSession({ messageQueueUrl: "" })), true],
    [() => json(aSession({ messageQueueUrl: "http://queue.example/m" })), true],
    [() => json(aSession({ messageQueueAccessToken: null })), true],
    [() => json(aSession({ statistics: null })), true],
    [() => json(aSession({ sessionId: "" })), false],
    [() => json(aSession({ sessionId: "00000000-0000-0000-0000-000000000000" })), false],
    [() => json(aSession(), { status: 201 }), false],
    [() => new Response(`{"messageQueueAccessToken": "${SECRETS.queue}"`), false],
    // Cut on the way: at GitHub the session is there all the same.
    [() => new Response(JSON.stringify(aSession()).slice(0, -5)), true],
    [() => new Response(`{"SessionId" : "${SESSION_ID}", "ownerName": "m`), true],
  ];
  for (const [script, deleted] of rows) {
    const clock = new VirtualClock();
    const github = scriptedGitHub(clock, { [CREATE]: script, [DELETE]: noContent });
    const opening = aService({ clock, fetch: github.fetch }).openSession(7, "me");
    await rejects(finished(clock, opening), (thrown) => codeOf(thrown) === "github_bad_answer");
    equal(github.to(DELETE).length, deleted ? 1 : 0);
  }
});

Deno.test("§20.48 F03 a conflict says to come back within 30 s, not all at the same time", async () => {
  const waits = new Set<number>();
  for (const name of ["RunnerScaleSetSessionConflictException", "OtherException"]) {
    const clock = new VirtualClock();
    const github = scriptedGitHub(clock, { [CREATE]: () => exception(409, name) });
    const service = aService({ clock, fetch: github.fetch });
    for (let i = 0; i < 10; i++) {
      await rejects(finished(clock, service.openSession(7, "me")), (thrown: unknown) => {
        ok(thrown instanceof SessionConflict);
        equal(thrown.code, "github_session_conflict");
        ok(thrown.disposition.kind === "retry-after");
        ok(thrown.disposition.ms >= 1000 && thrown.disposition.ms < 30_000);
        waits.add(thrown.disposition.ms);
        return thrown.message.includes(name);
      });
    }
  }
  ok(waits.size > 5);
});

Deno.test("opening for a scale set that GitHub forgot is an answer (B10)", async () => {
  for (const name of ["RunnerScaleSetNotFoundException", "OtherException"]) {
    const clock = new VirtualClock();
    const github = scriptedGitHub(clock, { [CREATE]: () => exception(404, name) });
    const opening = aService({ clock, fetch: github.fetch }).openSession(7, "me");
    equal(await finished(clock, opening), "no-scale-set");
  }
});

Deno.test("§20.28 §20.52 §20.53 a poll has its cursor, its capacity, its Accept and the queue's own query", async () => {
  const rows: readonly (readonly [messageId: number, capacity: number, search: string])[] = [
    [0, 2147483647, "?sid=abc"],
    [17, 0, "?lastMessageId=17&sid=abc"],
  ];
  for (const [messageId, capacity, search] of rows) {
    const { clock, github, session } = await opened({ [POLL]: () => json(MESSAGE) });
    const message = await finished(clock, session.poll({ messageId, capacity }));
    deepEqual([message?.messageId, message?.statistics.assigned], [18, 1]);
    const [poll] = github.to(POLL);
    ok(poll);
    equal(poll.url.href, `${QUEUE}${search}`);
    deepEqual(Object.fromEntries(poll.headers), {
      "accept": "application/json; api-version=6.0-preview",
      "authorization": `Bearer ${SECRETS.queue}`,
      "user-agent": poll.headers.get("user-agent"),
      "x-scalesetmaxcapacity": String(capacity),
    });
  }
});

Deno.test("§20.54 a 202 is no message", async () => {
  const { clock, session } = await opened({ [POLL]: empty });
  equal(await finished(clock, session.poll({ messageId: 0, capacity: 1 })), undefined);
});

Deno.test("a poll may be held for more than 50 s, ends at once when aborted, and is cut after 90 s", async () => {
  const { clock, session, github } = await opened({
    [POLL]: () => new Promise<Response>(() => {}),
  });
  const stop = new AbortController();
  let ended = false;
  const poll = session.poll({ messageId: 0, capacity: 1 }, { signal: stop.signal })
    .finally(() => ended = true);
  await clock.advance(89_000);
  deepEqual([ended, github.to(POLL).length], [false, 1]);
  await clock.advance(5_000);
  equal(github.to(POLL).length, 2);
  stop.abort(new Error("stopping"));
  await rejects(poll, /stopping/);
});

Deno.test("a session refuses a second poll at the same time", async () => {
  const { session } = await opened({ [POLL]: () => new Promise<Response>(() => {}) });
  const stop = new AbortController();
  const first = session.poll({ messageId: 0, capacity: 1 }, { signal: stop.signal });
  await rejects(session.poll({ messageId: 0, capacity: 1 }), /one caller at a time/);
  stop.abort(new Error("end"));
  await rejects(first, /end/);
});

Deno.test("§20.50 a 401 from poll, ack or acquire refreshes once, and repeats once where the queue is now", async () => {
  const rows:
    readonly (readonly [string, Script, (session: MessageSession) => Promise<unknown>])[] = [
      [POLL, [expired, empty], (s) => s.poll({ messageId: 0, capacity: 1 })],
      [ACK, [expired, noContent], (s) => s.acknowledge(18)],
      [ACQUIRE, [expired, () => json({ count: 1, value: [5] })], (s) => s.acquire([5])],
    ];
  for (const [call, script, work] of rows) {
    const { clock, github, session } = await opened({ [call]: script, [REFRESH]: refreshed });
    await finished(clock, work(session));
    const [refresh, ...more] = github.to(REFRESH);
    ok(refresh && more.length === 0);
    deepEqual([refresh.body, refresh.headers.get("content-length")], ["", "0"]);
    equal(refresh.headers.get("authorization"), `Bearer ${adminToken(clock, 3600)}`);
    deepEqual(authorizations(github, call), [
      `Bearer ${SECRETS.queue}`,
      `Bearer ${SECRETS.newQueue}`,
    ]);
    if (call !== ACQUIRE) equal(github.to(call)[1]?.url.host, "queue2.example");
  }
});

Deno.test("§20.50 a second 401 is an error that is worth another try later", async () => {
  const { clock, github, session } = await opened({ [POLL]: expired, [REFRESH]: refreshed });
  await rejects(
    finished(clock, session.poll({ messageId: 0, capacity: 1 })),
    (thrown) => codeOf(thrown) === "github_unauthorized",
  );
  deepEqual([github.to(POLL).length, github.to(REFRESH).length], [2, 1]);
});

Deno.test("calls that meet the same expired token share one refresh", async () => {
  const { clock, github, session } = await opened({
    [ACK]: [expired, noContent],
    [ACQUIRE]: [expired, () => json({ value: [5] })],
    [REFRESH]: refreshed,
  });
  await finished(clock, Promise.all([session.acknowledge(18), session.acquire([5])]));
  equal(github.to(REFRESH).length, 1);
});

Deno.test("a refusal that comes after the refresh it asks for repeats with the token that is there", async () => {
  const late = Promise.withResolvers<Response>();
  const { clock, github, session } = await opened({
    [ACK]: [() => late.promise, noContent],
    [ACQUIRE]: [expired, () => json({ value: [5] })],
    [REFRESH]: refreshed,
  });
  const acknowledged = session.acknowledge(18);
  await finished(clock, session.acquire([5]));
  late.resolve(expired());
  await finished(clock, acknowledged);
  equal(github.to(REFRESH).length, 1);
  equal(authorizations(github, ACK)[1], `Bearer ${SECRETS.newQueue}`);
});

Deno.test("an abort ends acquiring and acknowledging at once", async () => {
  const hang = () => new Promise<Response>(() => {});
  const { clock, session } = await opened({ [ACK]: hang, [ACQUIRE]: hang });
  const stop = new AbortController();
  const calls = [
    session.acquire([5], { signal: stop.signal }),
    session.acknowledge(18, { signal: stop.signal }),
  ];
  await clock.advance(1000);
  stop.abort(new Error("stopping"));
  for (const call of await Promise.allSettled(calls)) equal(call.status, "rejected");
});

Deno.test("F04 a session that GitHub forgot is SessionLost, and is not deleted again", async () => {
  const table: readonly Readonly<Record<string, Script>>[] = [
    { [POLL]: expired, [REFRESH]: () => exception(404, "RunnerAdminException") },
    { [POLL]: expired, [REFRESH]: () => exception(404, "RunnerScaleSetNotFoundException") },
    { [POLL]: expired, [REFRESH]: () => exception(400, "RunnerScaleSetSessionExpiredException") },
    { [POLL]: () => exception(400, "RunnerScaleSetSessionExpiredException") },
    { [POLL]: () => new Response("", { status: 404 }) },
  ];
  for (const scripts of table) {
    const { clock, github, session } = await opened(scripts);
    await rejects(finished(clock, session.poll({ messageId: 3, capacity: 1 })), (thrown) => {
      ok(thrown instanceof SessionLost);
      return codeOf(thrown) === "github_session_lost" && thrown.disposition.kind === "retry";
    });
    await finished(clock, closed(session));
    equal(github.to(DELETE).length, 0);
  }
});

Deno.test("F05 a refresh without an address of the queue is a bad answer, and the address is never empty", async () => {
  const { clock, github, session } = await opened({
    [POLL]: expired,
    [REFRESH]: () => json(aSession({ messageQueueUrl: "" })),
  });
  await rejects(
    finished(clock, session.poll({ messageId: 0, capacity: 1 })),
    (thrown) => codeOf(thrown) === "github_bad_answer",
  );
  equal(github.to(POLL).length, 1);
});

Deno.test("§20.52 §20.56 acknowledging deletes the message below the queue; one already gone is fine", async () => {
  const rows: readonly (readonly [Script, string | undefined])[] = [
    [noContent, undefined],
    [() => new Response("", { status: 404 }), undefined],
    [() => json({}), "github_bad_answer"],
    [() => exception(400, "OtherException"), "github_refused"],
  ];
  for (const [script, wanted] of rows) {
    const { clock, github, session } = await opened({ [ACK]: script });
    const code = await finished(clock, session.acknowledge(18)).catch(codeOf);
    equal(code, wanted);
    const [ack] = github.to(ACK);
    equal(ack?.url.href, "https://queue.example/messages/18?sid=abc");
    equal(ack?.headers.get("content-type"), "application/json");
    equal(ack?.headers.get("authorization"), `Bearer ${SECRETS.queue}`);
  }
});

Deno.test("§20.57 acquiring posts a bare list with the queue token, and nothing for nothing", async () => {
  const { clock, github, session } = await opened({
    [ACQUIRE]: () => json({ count: 2, value: [9001, 9003] }),
  });
  deepEqual(await finished(clock, session.acquire([])), []);
  equal(github.to(ACQUIRE).length, 0);
  deepEqual(await finished(clock, session.acquire([9001, 9002, 9003])), [9001, 9003]);
  const [sent] = github.to(ACQUIRE);
  deepEqual(JSON.parse(sent?.body ?? ""), [9001, 9002, 9003]);
  equal(sent?.url.searchParams.get("api-version"), "6.0-preview");
  deepEqual(authorizations(github, ACQUIRE), [`Bearer ${SECRETS.queue}`]);
});

Deno.test("where the backend has no acquisition, that is what is said", async () => {
  const { clock, session } = await opened({});
  equal(await finished(clock, session.acquire([9001])).catch(codeOf), "github_not_found");
});

Deno.test("§20.51 disposing deletes the session once", async () => {
  const { clock, github, session } = await opened({});
  await finished(clock, closed(session));
  await finished(clock, closed(session));
  equal(github.to(DELETE).length, 1);
});

Deno.test("disposing gives up after 5 s and never throws", async () => {
  for (const script of [() => new Promise<Response>(() => {}), () => exception(400, "X")]) {
    const { clock, session } = await opened({ [DELETE]: script });
    const startMs = clock.now().getTime();
    await finished(clock, closed(session));
    ok(clock.now().getTime() - startMs <= 5_000);
  }
});

const GONE: readonly (readonly [words: string, script: Script])[] = [
  ["ended", noContent],
  ["expired", () => exception(400, "RunnerScaleSetSessionExpiredException")],
  ["of a set that is gone", () => exception(404, "RunnerScaleSetNotFoundException")],
];

for (const [words, script] of GONE) {
  Deno.test(`a session of a former life that is ${words} is over`, async () => {
    const clock = new VirtualClock();
    const github = scriptedGitHub(clock, { [DELETE]: script });
    const service = aService({ clock, fetch: github.fetch });
    await finished(clock, service.endSession(7, SESSION_ID));
    equal(github.to(DELETE).length, 1);
  });
}
