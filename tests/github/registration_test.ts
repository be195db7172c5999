import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createBudgets } from "../../github/budget.ts";
import { RotatingCredentials } from "../../github/credential_source.ts";
import { parseCredential } from "../../github/credentials.ts";
import { GitHubError } from "../../github/errors.ts";
import type { ActionsService, ActionsServiceOptions } from "../../github/service.ts";
import { VirtualClock } from "../../sim/clock.ts";
import {
  adminToken,
  aService,
  aSession,
  exception,
  finished,
  json,
  REGISTRATION,
  REGISTRATION_TOKEN,
  type Script,
  scriptedGitHub,
  SECRETS,
  SERVICE,
  SESSION_ID,
  SETS,
} from "./scripted.ts";

const ABSENT = () => json({ count: 0, value: [] });
const FIND = { [`GET ${SETS}`]: ABSENT };
const INSTALLATION = "/app/installations/4815162/access_tokens";

function anApp() {
  const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  return parseCredential({
    github_app_id: "Iv23liEXAMPLE",
    github_app_installation_id: "4815162",
    github_app_private_key: key.export({ type: "pkcs1", format: "pem" }).toString(),
  });
}

Deno.test("§20.13 the registration token is asked for at the path of the scope, with the PAT", async () => {
  const rows: readonly (readonly [string, string])[] = [
    ["https://github.com/octo", "https://api.github.com/orgs/octo"],
    ["https://github.com/octo/wid.gets", "https://api.github.com/repos/octo/wid.gets"],
    ["https://github.com/enterprises/acme", "https://api.github.com/enterprises/acme"],
    ["https://git.example.org/octo", "https://git.example.org/api/v3/orgs/octo"],
    ["http://localhost:9090/octo", "http://localhost:9090/api/v3/orgs/octo"],
  ];
  for (const [configUrl, base] of rows) {
    const clock = new VirtualClock();
    const github = scriptedGitHub(clock);
    const service = aService({ clock, configUrl, fetch: github.fetch });
    await rejects(finished(clock, service.findScaleSet("x", 1)), GitHubError);
    const [first] = github.sent;
    ok(first);
    equal(first.url.href, `${base}/actions/runners/registration-token`);
    equal(first.method, "POST");
    equal(first.body, "");
    deepEqual(Object.fromEntries(first.headers), {
      "authorization": `Bearer ${SECRETS.pat}`,
      "content-length": "0",
      "content-type": "application/vnd.github.v3+json",
      "user-agent": first.headers.get("user-agent"),
    });
  }
});

Deno.test("§20.14 §20.23 registering sends the trimmed URL with RemoteAuth and our User-Agent alone", async () => {
  for (const status of [200, 201]) {
    const clock = new VirtualClock();
    const github = scriptedGitHub(clock, {
      ...FIND,
      [`POST ${REGISTRATION}`]: () =>
        json({ url: SERVICE, token: adminToken(clock, 60) }, { status }),
    });
    const service = aService({ clock, configUrl: "https://github.com/octo/", fetch: github.fetch });
    equal(await finished(clock, service.findScaleSet("x", 1)), undefined);
    const [sent] = github.to(`POST ${REGISTRATION}`);
    ok(sent);
    deepEqual(JSON.parse(sent.body), { url: "https://github.com/octo", runner_event: "register" });
    equal(sent.headers.get("authorization"), `RemoteAuth ${SECRETS.registration}`);
    equal(sent.headers.get("content-type"), "application/json");
    for (const { headers } of github.sent) {
      deepEqual(Object.keys(JSON.parse(headers.get("user-agent") ?? "")), [
        "system",
        "version",
        "commit_sha",
        "scale_set_id",
        "subsystem",
        "build_version",
        "build_commit_sha",
        "kind",
      ]);
    }
  }
});

Deno.test("§20.12 an App asks for a new installation token at each registration, with an empty body", async () => {
  const clock = new VirtualClock();
  const github = scriptedGitHub(clock, {
    ...FIND,
    [`POST ${INSTALLATION}`]: () => json({ token: SECRETS.installation }, { status: 201 }),
    [`POST ${REGISTRATION}`]: () => json({ url: SERVICE, token: adminToken(clock, 90) }),
  });
  const service = aService({ clock, fetch: github.fetch, credential: anApp() });
  await finished(clock, service.findScaleSet("x", 1));
  await clock.advance(31_000);
  await finished(clock, service.findScaleSet("x", 1));
  const asked = github.to(`POST ${INSTALLATION}`);
  equal(asked.length, 2);
  for (const { headers, body } of asked) {
    equal(body, "");
    equal(headers.get("content-length"), "0");
    equal(headers.get("content-type"), "application/vnd.github+json");
    match(headers.get("authorization") ?? "", /^Bearer eyJ[^.]+\.[^.]+\.[^.]+$/);
  }
  const [token] = github.to(`POST ${REGISTRATION_TOKEN}`);
  equal(token?.headers.get("authorization"), `Bearer ${SECRETS.installation}`);
});

Deno.test("F37 an assertion that GitHub's clock refuses is made again by GitHub's clock", async () => {
  const clock = new VirtualClock();
  const date = new Date(clock.now().getTime() - 300_000).toUTCString();
  const github = scriptedGitHub(clock, {
    ...FIND,
    [`POST ${INSTALLATION}`]: [
      () => json({ message: "'Issued at' claim" }, { status: 401, headers: { date } }),
      () => json({ token: SECRETS.installation }, { status: 201, headers: { date } }),
    ],
  });
  const service = aService({ clock, fetch: github.fetch, credential: anApp() });
  await finished(clock, service.findScaleSet("x", 1));
  const issued = github.to(`POST ${INSTALLATION}`).map(({ headers }) =>
    JSON.parse(atob((headers.get("authorization") ?? "").split(".")[1] ?? "")).iat
  );
  deepEqual(issued.map((iat) => iat - clock.now().getTime() / 1000), [-60, -360]);
});

Deno.test("F37 a token lives by GitHub's clock, not by ours", async () => {
  const clock = new VirtualClock();
  // Our clock is 5 min behind: the token that dies in 3 min seems to have 8 left.
  const date = new Date(clock.now().getTime() + 300_000).toUTCString();
  const github = scriptedGitHub(clock, {
    ...FIND,
    [`POST ${REGISTRATION}`]: () =>
      json({ url: SERVICE, token: adminToken(clock, 480) }, { headers: { date } }),
  });
  const service = aService({ clock, fetch: github.fetch });
  await finished(clock, service.findScaleSet("x", 1));
  await clock.advance(121_000);
  await finished(clock, service.findScaleSet("x", 1));
  equal(github.to(`POST ${REGISTRATION}`).length, 2);
});

Deno.test("§20.13 §20.15 an answer of another status, or without what is needed, is an error", async () => {
  const token = adminToken(new VirtualClock(), 3600);
  const rows: readonly (readonly [string, Script, string])[] = [
    [REGISTRATION_TOKEN, () => json({ token: "live" }, { status: 200 }), "github_bad_answer"],
    [REGISTRATION_TOKEN, () => json({ token: null }, { status: 201 }), "github_bad_answer"],
    [REGISTRATION_TOKEN, () => json({ message: "Bad" }, { status: 401 }), "github_unauthorized"],
    [REGISTRATION_TOKEN, () => json({ message: "No" }, { status: 404 }), "github_forbidden"],
    [REGISTRATION, () => json({ url: "", token }), "github_bad_answer"],
    [REGISTRATION, () => json({ url: SERVICE }), "github_bad_answer"],
    [REGISTRATION, () => json({ url: SERVICE, token: "live.live" }), "github_bad_answer"],
    [REGISTRATION, () => json({ url: SERVICE, token: "a.b.c" }), "github_bad_answer"],
    [REGISTRATION, () => json({ url: "http://svc.example/", token }), "github_bad_answer"],
    [REGISTRATION, () => json({ url: "nonsense live", token }), "github_bad_answer"],
    [REGISTRATION, () => new Response("live"), "github_bad_answer"],
    [REGISTRATION, () => new Response(null, { status: 204 }), "github_bad_answer"],
  ];
  for (const [path, script, code] of rows) {
    const clock = new VirtualClock();
    const github = scriptedGitHub(clock, { ...FIND, [`POST ${path}`]: script });
    const service = aService({ clock, fetch: github.fetch });
    await rejects(finished(clock, service.findScaleSet("x", 1)), (thrown: unknown) => {
      ok(thrown instanceof GitHubError, String(thrown));
      equal(thrown.code, code);
      ok(!/live|eyJ/.test(thrown.message), thrown.message);
      ok(thrown.message.includes(`POST https://api.github.com${path}`), thrown.message);
      return true;
    });
  }
});

Deno.test("§20.16 registering is tried again after 401 and 403, asking for the token is not", async () => {
  const clock = new VirtualClock();
  const refused = (status: number) => () => json({ message: "no" }, { status });
  const github = scriptedGitHub(clock, {
    ...FIND,
    [`POST ${REGISTRATION}`]: [
      refused(401),
      refused(403),
      () => json({ url: SERVICE, token: adminToken(clock, 3600) }),
    ],
  });
  await finished(clock, aService({ clock, fetch: github.fetch }).findScaleSet("x", 1));
  equal(github.to(`POST ${REGISTRATION}`).length, 3);
  equal(github.to(`POST ${REGISTRATION_TOKEN}`).length, 1);

  for (const status of [401, 403]) {
    const other = scriptedGitHub(clock, { [`POST ${REGISTRATION_TOKEN}`]: refused(status) });
    const service = aService({ clock, fetch: other.fetch });
    await rejects(finished(clock, service.findScaleSet("x", 1)), GitHubError);
    equal(other.sent.length, 1);
  }
});

Deno.test("§20.17 after five refusals of registering, the last status and its reason are told", async () => {
  const clock = new VirtualClock();
  const github = scriptedGitHub(clock, {
    [`POST ${REGISTRATION}`]: () => json({ message: "runners are off" }, { status: 403 }),
  });
  const service = aService({ clock, fetch: github.fetch });
  await rejects(finished(clock, service.findScaleSet("x", 1)), (thrown: unknown) => {
    return thrown instanceof GitHubError && thrown.code === "github_forbidden" &&
      /answered 403: runners are off$/.test(thrown.message);
  });
  equal(github.to(`POST ${REGISTRATION}`).length, 5);
});

Deno.test("F30: a newer credential that GitHub refuses keeps the older going", async () => {
  const clock = new VirtualClock();
  const told: unknown[] = [];
  const token = (github_token: string) => parseCredential({ github_token });
  const credentials = new RotatingCredentials(token(SECRETS.pat), (thrown) => told.push(thrown));
  const github = scriptedGitHub(clock, {
    ...FIND,
    [`POST ${REGISTRATION_TOKEN}`]: ({ headers }) =>
      headers.get("authorization") === "Bearer ghp_revoked"
        ? json({ message: "Bad credentials" }, { status: 401 })
        : json({ token: SECRETS.registration }, { status: 201 }),
  });
  const service = aService({ clock, credential: credentials, fetch: github.fetch });
  const shown = () =>
    github.to(`POST ${REGISTRATION_TOKEN}`).map(({ headers }) => headers.get("authorization"));
  await finished(clock, service.findScaleSet("x", 1));
  credentials.replace(token("ghp_revoked"));
  await finished(clock, service.findScaleSet("x", 1));
  deepEqual(shown(), [`Bearer ${SECRETS.pat}`]); // the admin token lives on
  await clock.advance(3_600_000);
  equal(await finished(clock, service.findScaleSet("x", 1)), undefined);
  deepEqual(shown().slice(1), ["Bearer ghp_revoked", `Bearer ${SECRETS.pat}`]);
  equal(told.length, 1);
  credentials.replace(token("ghp_next"));
  await clock.advance(3_600_000);
  await finished(clock, service.findScaleSet("x", 1));
  deepEqual(shown().slice(3), ["Bearer ghp_next"]);
});

Deno.test("F07: a credential whose REST budget is used up asks for nothing until GitHub said", async () => {
  const clock = new VirtualClock();
  const limited = () =>
    json({ message: "secondary rate limit" }, { status: 403, headers: { "retry-after": "90" } });
  const granted = () => json({ token: SECRETS.registration }, { status: 201 });
  const github = scriptedGitHub(clock, {
    ...FIND,
    [`POST ${REGISTRATION_TOKEN}`]: [limited, granted],
  });
  const budgets = createBudgets({ clock });
  const budget: ActionsServiceOptions["budget"] = (credential) =>
    budgets.of(credential, { apiBase: "a", name: "n" });
  const services = [1, 2].map(() => aService({ clock, budget, fetch: github.fetch }));
  for (const service of services) {
    await rejects(finished(clock, service.findScaleSet("x", 1)), { code: "github_rate_limited" });
  }
  equal(github.sent.length, 1);
  await clock.advance(90_000);
  for (const service of services) await finished(clock, service.findScaleSet("x", 1));
});

Deno.test("a refused credential's failure tells a person which field to look at", async () => {
  const clock = new VirtualClock();
  const github = scriptedGitHub(clock);
  const service = aService({ clock, credential: anApp(), fetch: github.fetch });
  await rejects(finished(clock, service.prove()), {
    code: "github_forbidden",
    hint: /^github_app_installation_id 4815162/,
  });
});

Deno.test("a 404 of the registration says nothing of runners, jobs and scale sets", async () => {
  const calls: Readonly<Record<string, (service: ActionsService) => Promise<unknown>>> = {
    removeRunner: (service) => service.removeRunner(42),
    deleteScaleSet: (service) => service.deleteScaleSet(7),
    getScaleSet: (service) => service.getScaleSet(7),
    updateScaleSet: (service) => service.updateScaleSet(7, { name: "x" }),
    issueJitConfig: (service) =>
      service.issueJitConfig({ scaleSetId: 7, runnerName: "r", workFolder: "" }),
    openSession: (service) => service.openSession(7, "me"),
    endSession: (service) => service.endSession(7, SESSION_ID),
    findRunner: (service) => service.findRunner("r"),
  };
  const answers = [
    () => json({ message: "Not Found" }, { status: 404 }),
    () => exception(404, "RunnerScaleSetNotFoundException"),
    () => exception(409, "AgentExistsException"),
  ];
  for (const [name, call] of Object.entries(calls)) {
    for (const script of answers) {
      const clock = new VirtualClock();
      const github = scriptedGitHub(clock, { [`POST ${REGISTRATION_TOKEN}`]: script });
      const service = aService({ clock, fetch: github.fetch });
      await rejects(
        finished(clock, call(service)),
        (thrown) => thrown instanceof GitHubError && thrown.code === "github_forbidden",
        name,
      );
    }
  }
});

Deno.test("jobs that could not be asked for because the registration is refused are not given up", async () => {
  const clock = new VirtualClock();
  const github = scriptedGitHub(clock, {
    [`POST ${REGISTRATION_TOKEN}`]: [
      () => json({ token: SECRETS.registration }, { status: 201 }),
      () => json({ message: "Not Found" }, { status: 404 }),
    ],
    [`POST ${REGISTRATION}`]: () => json({ url: SERVICE, token: adminToken(clock, 90) }),
    [`POST ${SETS}/7/sessions`]: () => json(aSession()),
  });
  const service = aService({ clock, fetch: github.fetch });
  const session = await finished(clock, service.openSession(7, "me"));
  ok(session !== "no-scale-set");
  await clock.advance(60_000);
  await rejects(finished(clock, session.acquire([5])), GitHubError);
  equal(github.to(`POST ${SETS}/7/acquirejobs`).length, 0);
});
