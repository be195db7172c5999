import { deepEqual, equal, ok } from "node:assert/strict";
import { createActionsService } from "../../github/service.ts";
import { parseConfigUrl } from "../../github/config_url.ts";
import { parseCredential } from "../../github/credentials.ts";
import { GITHUB_METRICS } from "../../github/metrics.ts";
import { type Logger, silentLogger } from "../../lib/log.ts";
import { type Metrics, silentMetrics } from "../../lib/metrics.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import {
  aService,
  aSession,
  exception,
  finished,
  json,
  type Script,
  scriptedGitHub,
  SECRETS,
  SESSION_ID,
  SETS,
} from "./scripted.ts";

const QUIET: Readonly<Record<string, Script>> = {
  [`GET ${SETS}`]: () => json({ count: 0, value: [] }),
};

Deno.test("§20.18 nothing is asked of GitHub before the first call, and the token serves the next ones", async () => {
  const clock = new VirtualClock();
  const github = scriptedGitHub(clock, QUIET);
  const service = aService({ clock, fetch: github.fetch });
  await clock.advance(1000);
  equal(github.sent.length, 0);
  await finished(clock, service.findScaleSet("a", 1));
  await finished(clock, service.findScaleSet("b", 1));
  equal(github.sent.length, 4);
});

Deno.test("§20.22 calls at the same time register once and run in parallel", async () => {
  const clock = new VirtualClock();
  const slow = async () => {
    await clock.sleep(1000);
    return json({ count: 0, value: [] });
  };
  const github = scriptedGitHub(clock, { [`GET ${SETS}`]: slow });
  const service = aService({ clock, fetch: github.fetch });
  const startMs = clock.now().getTime();
  const names = ["a", "b", "c", "d"];
  await finished(clock, Promise.all(names.map((name) => service.findScaleSet(name, 1))));
  equal(clock.now().getTime() - startMs, 1000);
  equal(github.sent.length, 2 + names.length);
});

Deno.test("§20.66 no log, error or metric of a whole run holds a secret, whatever GitHub answers", async () => {
  const seen: string[] = [];
  const log: Logger = {
    debug: (...line) => seen.push(JSON.stringify(line)),
    info: (...line) => seen.push(JSON.stringify(line)),
    warn: (...line) => seen.push(JSON.stringify(line)),
    error: (...line) => seen.push(JSON.stringify(line)),
    with: () => log,
    child: () => log,
  };
  const metrics: Metrics = {
    ...silentMetrics,
    increment: (...row) => {
      ok(GITHUB_METRICS.some(({ name }) => name === row[0]));
      seen.push(JSON.stringify(row));
    },
  };
  const leaky = JSON.stringify({ message: Object.values(SECRETS).join(" ") });
  // A failure may be quoted, but not what was sent with the call; of a success nothing may.
  const echo = (status: number): Script => ({ headers }) =>
    json({ message: `I do not like ${headers.get("authorization")}` }, { status });
  const answers: readonly Script[] = [
    echo(400),
    echo(401),
    echo(503),
    () => new Response(leaky, { status: 200 }),
    () => new Response(leaky, { status: 201 }),
    () => new Response(`${leaky}}`, { status: 200 }),
    ({ headers }) => Promise.reject(new TypeError(`reset ${headers.get("authorization")}`)),
  ];
  const calls = [
    `POST /orgs/octo/actions/runners/registration-token`,
    "POST /actions/runner-registration",
    `POST ${SETS}/7/sessions`,
    `PATCH ${SETS}/7/sessions/${SESSION_ID}`,
    "GET /messages",
    `POST ${SETS}/7/generatejitconfig`,
  ];
  for (const call of calls) {
    for (const answer of answers) {
      const clock = new VirtualClock();
      const github = scriptedGitHub(clock, {
        [`POST ${SETS}/7/sessions`]: () => json(aSession()),
        "GET /messages": () => exception(401, "InvalidTokenException"),
        [call]: answer,
      });
      const service = aService({ clock, fetch: github.fetch, log, metrics });
      const note = (thrown: unknown) => seen.push(Deno.inspect(thrown), String(thrown));
      const jit = { scaleSetId: 7, runnerName: "r", workFolder: "" };
      await finished(clock, service.issueJitConfig(jit)).catch(note);
      const session = await finished(clock, service.openSession(7, "me")).catch(note);
      if (typeof session !== "object") continue;
      await finished(clock, session.poll({ messageId: 0, capacity: 1 })).catch(note);
      await finished(clock, (async () => await session[Symbol.asyncDispose]())());
    }
  }
  ok(seen.length > 100);
  for (const line of seen) {
    for (const secret of Object.values(SECRETS)) ok(!line.includes(secret), line);
    ok(!/eyJ[\w-]+\./.test(line), line);
  }
});

Deno.test("the whole service works over real HTTP on this machine", async () => {
  const clock = new VirtualClock();
  const answer = async (request: Request): Promise<Response> => {
    const { pathname, origin } = new URL(request.url);
    if (pathname.endsWith("/runnerscalesets")) return json({ count: 0, value: [] });
    if (pathname.endsWith("/registration-token")) {
      equal(await request.text(), "");
      return json({ token: "r" }, { status: 201 });
    }
    deepEqual(Object.keys(await request.json()), ["url", "runner_event"]);
    const token = `a.${btoa(JSON.stringify({ exp: clock.now().getTime() / 1000 + 600 }))}.c`;
    return json({ url: `${origin}/svc`, token });
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const base = `http://127.0.0.1:${server.addr.port}`;
  const client = Deno.createHttpClient({});
  const service = createActionsService({
    config: parseConfigUrl(`${base}/octo`),
    credential: parseCredential({ github_token: "x" }),
    fetch: (request) => fetch(request, { client }),
    clock,
    random: seededRandom(1),
    userAgent: { system: "longshore", version: "0", commitSha: "0", subsystem: "test" },
    log: silentLogger,
  });
  equal(await service.findScaleSet("x", 1), undefined);
  client.close();
  await server.shutdown();
});
