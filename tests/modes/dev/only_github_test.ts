import assert from "node:assert/strict";
import { checkDevConfig, type DevConfig, devFlags } from "../../../modes/dev/options.ts";
import { runOnlyGitHub } from "../../../modes/dev/only_github.ts";
import { InvalidInput } from "../../../lib/errors.ts";
import { parseFlags } from "../../../lib/flags.ts";
import { type Random, seededRandom } from "../../../lib/random.ts";

const USER_AGENT = JSON.stringify({
  system: "test",
  version: "1",
  commit_sha: "x",
  scale_set_id: 0,
  subsystem: "test",
  build_version: "x",
  build_commit_sha: "x",
  kind: "scaleset",
});

function config(...args: readonly string[]): DevConfig {
  const { config } = parseFlags(devFlags, { args: ["--only", "github", ...args] });
  checkDevConfig(config);
  return config;
}

interface Served extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly text: string;
}

/** Serves on a port of the system's choice; disposing is Ctrl-C, and fails unless it ends well. */
async function served(...args: readonly string[]): Promise<Served> {
  const stopping = new AbortController();
  const said: string[] = [];
  const out = {
    writeSync: (bytes: Uint8Array) => {
      said.push(new TextDecoder().decode(bytes));
      return bytes.length;
    },
  };
  const ended = runOnlyGitHub(config("--listen", "127.0.0.1:0", ...args), {
    signal: stopping.signal,
    out,
  });
  await Promise.resolve();
  const text = said.join("");
  const [url = ""] = /http:\/\/[\d.:]+/.exec(text) ?? [];
  return {
    url,
    port: Number(new URL(url).port),
    text,
    [Symbol.asyncDispose]: async () => {
      stopping.abort(new Error("Ctrl-C"));
      assert.equal(await ended, 0);
    },
  };
}

async function ask(url: string, path: string, init: RequestInit = {}) {
  const response = await fetch(`${url}${path}`, init);
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

Deno.test("it tells how a client is pointed at it", async () => {
  await using github = await served();
  const { text, url } = github;
  assert.ok(text.includes(`${url}/my-org`));
  assert.ok(text.includes("ghp_"));
  assert.ok(text.includes(`${url}/_sim/state`));
});

const SCOPES = ["orgs/my-org", "repos/my-org/widgets", "enterprises/acme"] as const;
const PATHS = ["my-org", "my-org/widgets", "enterprises/acme"] as const;

for (const [at, scope] of SCOPES.entries()) {
  Deno.test(`any scope under it can be registered: ${PATHS[at]}`, async () => {
    await using github = await served();
    const { url } = github;
    const headers = { "user-agent": USER_AGENT, "content-type": "application/json" };
    const registration = await ask(
      url,
      `/api/v3/${scope}/actions/runners/registration-token`,
      { method: "POST", headers: { ...headers, authorization: "Bearer ghp_anything" } },
    );
    assert.equal(registration.status, 201);
    const admin = await ask(url, "/api/v3/actions/runner-registration", {
      method: "POST",
      headers: { ...headers, authorization: `RemoteAuth ${registration.body.token}` },
      body: JSON.stringify({ url: `${url}/${PATHS[at]}`, runner_event: "register" }),
    });
    assert.equal(admin.status, 200);
    assert.ok(admin.body.url.startsWith(url));
  });
}

for (const token of ["gho_other", "ghp_", "", "abc.def.ghi"]) {
  Deno.test(`the token ${JSON.stringify(token)} is answered with 401`, async () => {
    await using github = await served();
    const { status } = await ask(
      github.url,
      "/api/v3/orgs/my-org/actions/runners/registration-token",
      { method: "POST", headers: { authorization: `Bearer ${token}` } },
    );
    assert.equal(status, 401);
  });
}

const USER_AGENTS = ["actions-runner-controller/0.6.1 CommitSHA/none ScaleSetID/NA", "curl/8.5.0"];

for (const userAgent of USER_AGENTS) {
  Deno.test(`any client is let in, whatever it calls itself: ${userAgent}`, async () => {
    await using github = await served();
    const { status } = await ask(
      github.url,
      "/api/v3/orgs/my-org/actions/runners/registration-token",
      { method: "POST", headers: { "user-agent": userAgent, authorization: "Bearer ghp_x" } },
    );
    assert.equal(status, 201);
  });
}

Deno.test("a runner that cannot read what it is told ends, and others are served on", async () => {
  await using github = await served();
  const { url } = github;
  const credential = crypto.randomUUID();
  const files = {
    ".runner": { AgentId: 1, AgentName: "r1", ServerUrlV2: `${url}/_runner/` },
    ".credentials": { Data: { clientId: credential } },
  };
  const jitConfig = btoa(JSON.stringify(Object.fromEntries(
    Object.entries(files).map(([name, file]) => [name, btoa(JSON.stringify(file))]),
  )));
  const fault = { operation: "runnerconnect", effect: { do: "answer", status: 403, body: "no" } };
  const put = { method: "PUT", body: JSON.stringify([fault]) };
  assert.equal((await ask(url, "/_sim/faults", put)).status, 204);
  const post = { method: "POST", body: JSON.stringify({ jitConfig }) };
  assert.equal((await ask(url, "/_sim/runners", post)).status, 202);
  assert.equal((await ask(url, "/_sim/state")).body.calls.runnerconnect, 1);
});

Deno.test("what is not of this machine alone, or taken, is refused with a sentence", async () => {
  const run = { signal: new AbortController().signal, out: { writeSync: () => 1 } };
  for (const address of ["0.0.0.0:8088", ":8088", "example.org:8088", "0"]) {
    await assert.rejects(runOnlyGitHub(config("--listen", address), run), InvalidInput);
  }
  await using github = await served();
  const taken = config("--listen", `127.0.0.1:${github.port}`);
  await assert.rejects(runOnlyGitHub(taken, run), /Cannot listen on .*in use/);
  assert.throws(
    () => checkDevConfig(parseFlags(devFlags, { args: ["--listen", "127.0.0.1:1"] }).config),
    InvalidInput,
  );
});

Deno.test("a client that speaks nonsense gets an HTTP answer, whatever it says, and others are served on", async () => {
  await using github = await served();
  const random = seededRandom(7);
  const unanswered: string[] = [];
  for (let round = 0; round < 400; round++) {
    const bytes = nonsense(random);
    const answer = await exchange(github.port, bytes);
    // A 5xx would be a bug of ours.
    if (!/^HTTP\/1\.[01] [1-4]\d\d/.test(answer)) {
      unanswered.push(
        `${JSON.stringify(new TextDecoder().decode(bytes)).slice(0, 120)} → ${answer}`,
      );
    }
  }
  assert.deepEqual(unanswered, []);
  const { status, body } = await ask(github.url, "/_sim/state");
  assert.equal(status, 200);
  assert.deepEqual(body.scaleSets, []);
});

Deno.test("nonsense after the right words is refused, not swallowed and not fatal", async () => {
  await using github = await served();
  const { url } = github;
  const bodies = [
    '{"jitConfig":"x"}',
    `{"jitConfig":"${btoa('{".runner":"e30="}')}","script":"hang"}`,
    '{"scaleSet":"x","count":1e15}',
    '{"pollHoldMs":1e300}',
    '{"latencyMs":{"fromMs":-1}}',
    '[{"operation":"*","effect":null}]',
    '[{"operation":"poll","effect":{"do":"answer","status":99}}]',
    '[{"operation":"poll","effect":{"do":"answer","status":700}}]',
    "[null]",
    "",
    "{",
    "[]",
    "null",
    "7",
    '"x"',
    '{"count":-1}',
    '{"scaleSet":{}}',
    '{"labels":7}',
    '{"labels":[7]}',
    '{"scaleSet":"x","scope":7}',
    '{"adminTokenLifetimeMs":1e300}',
    "\u0000",
  ];
  const places = [
    ["POST", "/_sim/jobs"],
    ["POST", "/_sim/runners"],
    ["PUT", "/_sim/faults"],
    ["PUT", "/_sim/settings"],
    ["POST", "/_sim/groups"],
    ["POST", "/_sim/scalesets/x/forget"],
    ["DELETE", "/_sim/jobs/%00"],
    ["POST", "/api/v3/actions/runner-registration"],
  ] as const;
  for (const [method, path] of places) {
    for (const body of bodies) {
      const { status } = await ask(url, path, { method, body });
      assert.ok(status < 500, `${method} ${path} ${body}: ${status}`);
    }
  }
});

const METHODS = [
  "GET",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "CONNECT",
  "BREW",
];
const WORDS = [
  "_apis",
  "_services",
  "broker",
  "runtime",
  "runnerscalesets",
  "sessions",
  "_sim",
  "_runner",
  "scalesets",
  "message",
  "api",
  "v3",
  "%",
  "%zz",
  "%00",
  "..",
  "",
  "1",
  "-1",
  "1e9",
  "999999999999999999999",
  "jobs",
  "state",
  "é",
  "?",
  "#",
];
const HEADERS = [
  "authorization",
  "user-agent",
  "accept",
  "x-scalesetmaxcapacity",
  "content-type",
  "x",
];

/** A request that is more or less one. */
function nonsense(random: Random): Uint8Array<ArrayBuffer> {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const some = <T>(make: () => T): readonly T[] =>
    Array.from({ length: Math.floor(random() * 6) }, make);
  if (random() < 0.25) {
    return Uint8Array.from({ length: 40 + Math.floor(random() * 400) }, () => random() * 256);
  }
  const body = some(() => pick(["{", "}", "[", '"', ":", "1", "x", "\u0000"])).join("");
  const head = [
    `${pick(METHODS)} /${some(() => pick(WORDS)).join("/")} HTTP/1.1`,
    `host: ${pick(["127.0.0.1", "github.com", "a b", "[", ""])}`,
    ...some(() =>
      `${pick(HEADERS)}: ${pick(["", "Bearer", "Bearer ghp_x", "{", "é", "-1", "NaN"])}`
    ),
    `content-length: ${body.length}`,
    "connection: close",
  ];
  return new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n${body}`);
}

async function exchange(port: number, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  let answer = "";
  try {
    await connection.write(bytes);
    await connection.closeWrite();
    const buffer = new Uint8Array(4096);
    for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
      answer += new TextDecoder().decode(buffer.subarray(0, n));
    }
  } catch {
    // reset by the other side: what came before counts
  }
  return answer;
}
