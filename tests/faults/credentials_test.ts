/** F30, and what users type wrong: credentials, ways to GitHub, names. Told on the set, bounded, mended by mending it. */
import assert from "node:assert/strict";
import { documentWatchRules } from "../../controllers/rules.ts";
import {
  AUTOSCALING_RUNNER_SETS,
  type AutoscalingRunnerSet,
} from "../../crds/autoscaling_runner_set.ts";
import { conditionOf } from "../../kube/meta.ts";
import { CONFIG_MAPS, SECRETS } from "../../kube/resources.ts";
import { CONTROLLER, grant } from "../../sim/world_objects.ts";
import { allSucceeded } from "../journeys/invariants.ts";
import { openStage, type Stage, type Tap } from "../journeys/stage.ts";
import { conditionText, openStory, queue } from "./stories.ts";

const NAMESPACE = "arc-runners";
const SECRET = { namespace: NAMESPACE, name: "linux-github" };
const MINUTE = 60;

function rotate(stage: Stage, data: Readonly<Record<string, string | null>>) {
  const encoded = Object.entries(data).map(([key, value]) =>
    [key, value === null ? null : btoa(value)] as const
  );
  return stage.world.admin.patch(SECRETS, SECRET, { data: Object.fromEntries(encoded) });
}

function edit(stage: Stage, spec: unknown) {
  const key = { namespace: NAMESPACE, name: "linux" };
  return stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, key, { spec });
}

/** Lets every token through but those that begin with `ghp_bad`; records those that were shown. */
function doorman(stage: Stage): readonly string[] {
  const shown: string[] = [];
  const tap: Tap = ({ url, headers }) => {
    if (!url.endsWith("/registration-token")) return;
    const token = headers.get("authorization")?.replace("Bearer ", "") ?? "";
    shown.push(token);
    if (!token.startsWith("ghp_bad")) return;
    return Response.json({ message: "Bad credentials" }, { status: 401 });
  };
  stage.taps.controller = tap;
  stage.taps.listener = tap;
  return shown;
}

for (const watched of [true, false]) {
  const how = watched ? "followed" : "read as it is needed";
  Deno.test(`F30: the Secret, ${how}, rotates each minute, then the new one is refused, then malformed`, async () => {
    const story = await openStory({ github: { adminTokenLifetimeMs: 3 * MINUTE * 1000 } });
    await using stage = story.stage;
    if (watched) {
      await stage.world.apply(
        grant(CONTROLLER, { name: "sight", rules: documentWatchRules, namespace: NAMESPACE }),
      );
      await stage.pass(70 * MINUTE); // until somebody looks whether the right was given
    }
    const shown = doorman(stage);
    const sessions = stage.world.github.calls.createsession;
    const listeners = [...stage.listeners];
    queue(stage, 1, { durationMs: 40 * MINUTE * 1000 });
    for (let minute = 0; minute < 15; minute++) {
      await rotate(stage, { github_token: `ghp_${minute}` });
      await stage.pass(MINUTE);
    }
    const last = Number(shown.at(-1)?.replace("ghp_", ""));
    assert.ok(last >= (watched ? 14 : 5), `${last} is the last that was used`);
    if (watched) assert.ok(shown.includes("ghp_3"), "each is used at once");
    assert.equal(conditionText(stage, "CredentialsValid"), "True Accepted");

    await rotate(stage, { github_token: "ghp_bad" });
    await stage.until(
      "the refusal is told",
      () => conditionText(stage, "CredentialsValid") === "False Refused",
      11 * MINUTE,
    );
    const { message = "" } =
      conditionOf(stage.runnerSet()?.status?.conditions, "CredentialsValid") ?? {};
    assert.match(message, /Secret "arc-runners\/linux-github": github_token is not valid/);
    const before = shown.filter((token) => token === "ghp_bad").length;
    queue(stage, 2);
    await stage.pass(10 * MINUTE);
    assert.ok(shown.filter((token) => token === "ghp_bad").length - before <= 6, "no hot loop");
    assert.equal(stage.runners().length, 1, "the old one still starts and ends runners");

    await rotate(stage, { github_token: "two words" });
    await stage.until(
      "the mistake is told",
      () => conditionText(stage, "CredentialsValid") === "False SecretInvalid",
      11 * MINUTE,
    );
    await rotate(stage, { github_token: "ghp_mended" });
    await stage.until(
      "all is well",
      () => conditionText(stage, "Ready") === "True Ready",
      2 * MINUTE,
    );
    await stage.until("the long job is done", () => allSucceeded(stage), 40 * MINUTE);
    assert.equal(stage.world.github.calls.createsession, sessions, "the session goes on");
    assert.deepEqual([...stage.listeners], listeners, "and its process");
    assert.ok(shown.includes("ghp_mended"));
    story.check();
  });
}

Deno.test("F30: a controller that starts with a refused credential leaves the listener the one it has", async () => {
  const github = { adminTokenLifetimeMs: 180_000, queueTokenLifetimeMs: 120_000 };
  const story = await openStory({ github });
  await using stage = story.stage;
  await stage.pass(MINUTE);
  const shown = doorman(stage);
  story.crashController();
  await rotate(stage, { github_token: "ghp_bad" });
  story.startController();
  await stage.pass(20 * MINUTE);
  assert.equal(conditionText(stage, "CredentialsValid"), "False Refused");
  assert.ok(shown.includes("ghp_example"), "the listener registers with the old one");
  const polls = stage.world.github.calls.poll;
  await stage.pass(5 * MINUTE);
  assert.ok(stage.world.github.calls.poll > polls);
});

interface Mistake {
  readonly claim: string;
  /** Makes the mistake on the set that is about to be created. */
  readonly spec?: NonNullable<AutoscalingRunnerSet["spec"]>;
  readonly secret?: Readonly<Record<string, string | null>>;
  readonly url?: string;
  readonly tap?: Tap;
  /** What the condition of the set says: the field, and what to do. */
  readonly says: RegExp;
  readonly mend: (stage: Stage) => Promise<unknown>;
}

const CA = { configMapKeyRef: { name: "ca", key: "ca.crt" } };
const APP = { github_token: null, github_app_id: "123", github_app_installation_id: "42" };

async function goodKey(): Promise<string> {
  const { generateKeyPairSync } = await import("node:crypto");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

const KEY = await goodKey();
const mendSecret = (stage: Stage) =>
  rotate(stage, {
    github_token: "ghp_good",
    github_app_id: null,
    github_app_installation_id: null,
    github_app_private_key: null,
  });
const answerTo = (path: RegExp, status: number, body: unknown = { message: "no" }): Tap => {
  return ({ url, headers, method }) => {
    const isGood = headers.get("authorization") === "Bearer ghp_good";
    if (!path.test(`${method} ${url}`) || isGood) return;
    return Response.json(body, { status });
  };
};

const MISTAKES: readonly Mistake[] = [
  {
    claim: "a malformed private key",
    secret: { ...APP, github_app_private_key: "-----BEGIN nonsense" },
    says: /Secret "arc-runners\/linux-github": github_app_private_key is not a plain RSA/,
    mend: mendSecret,
  },
  {
    claim: "a wrong installation id",
    secret: { ...APP, github_app_private_key: KEY },
    tap: answerTo(/installations\/42\/access_tokens$/, 404),
    says: /github_app_installation_id 42 is no installation of App 123/,
    mend: mendSecret,
  },
  {
    claim: "a PAT without scope",
    tap: answerTo(/registration-token$/, 403),
    says: /linux-github": github_token may lack the scope admin:org/,
    mend: mendSecret,
  },
  {
    claim: "a URL that is no GitHub",
    url: "https://example.com/acme",
    says: /githubConfigUrl https:\/\/example\.com\/acme/,
    mend: (stage) => edit(stage, { githubConfigUrl: "https://github.com/acme" }),
  },
  {
    claim: "a URL that is no URL of GitHub's",
    url: "https://github.com/a/b/c",
    says: /githubConfigUrl "https:\/\/github.com\/a\/b\/c" is not accepted.*wanted/,
    mend: (stage) => edit(stage, { githubConfigUrl: "https://github.com/acme" }),
  },
  {
    claim: "credentials in a vault",
    spec: { vaultConfig: { type: "azure_key_vault" } },
    says: /spec\.vaultConfig\.type is "azure_key_vault".*remove spec\.vaultConfig/,
    mend: (stage) => edit(stage, { vaultConfig: null }),
  },
  {
    claim: "an App's id without its key",
    secret: APP,
    says: /Secret "arc-runners\/linux-github": github_app_private_key missing/,
    mend: mendSecret,
  },
  {
    claim: "a runner group that does not exist",
    spec: { runnerGroup: "gpu" },
    says: /spec\.runnerGroup is "gpu": GitHub knows no runner group of that name/,
    mend: (stage) => edit(stage, { runnerGroup: null }),
  },
  {
    claim: "labels that the server does not take",
    spec: { runnerScaleSetLabels: ["gpu"] },
    tap: async (request) => {
      if (request.method !== "POST" || !/runnerscalesets\?/.test(request.url)) return;
      const text = await request.clone().text();
      if (text.includes("gpu")) return Response.json({ message: "no labels" }, { status: 400 });
    },
    says: /spec\.runnerScaleSetLabels is \["gpu"\]/,
    mend: (stage) => edit(stage, { runnerScaleSetLabels: null }),
  },
  {
    claim: "a proxy's URL that cannot be read",
    spec: { proxy: { https: { url: "ftp://ann:hunter2@proxy.example" } } },
    says: /spec\.proxy\.https\.url is "ftp:\/\/\[redacted\]@proxy\.example", expected/,
    mend: (stage) => edit(stage, { proxy: { https: { url: "http://proxy.example:3128" } } }),
  },
  {
    claim: "a proxy's Secret that does not exist",
    spec: { proxy: { https: { url: "http://proxy.example", credentialSecretRef: "login" } } },
    says: /spec\.proxy\.https\.credentialSecretRef names Secret "arc-runners\/login", which does/,
    mend: (stage) => stage.world.apply([login()]),
  },
  {
    claim: "a certificate that cannot be read",
    spec: { githubServerTLS: { certificateFrom: CA } },
    says:
      /spec\.githubServerTLS\.certificateFrom\.configMapKeyRef: ConfigMap "arc-runners\/ca" hold/,
    mend: (stage) => edit(stage, { githubServerTLS: null }),
  },
];

function login() {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: NAMESPACE, name: "login" },
    data: { username: btoa("ann"), password: btoa("pw") },
  };
}

/** Calls of any kind to GitHub. */
function githubCalls(stage: Stage): number {
  return Object.values(stage.world.github.calls).reduce((sum, count) => sum + count, 0);
}

for (const mistake of MISTAKES) {
  Deno.test(`bad input: ${mistake.claim} is told on the set, asks little of GitHub, and is mended alone`, async () => {
    await using stage = await openStage();
    let calls = 0;
    stage.taps.controller = async (request, send) => {
      if (new URL(request.url).host.includes("kubernetes")) return;
      calls++;
      return await mistake.tap?.(request, send);
    };
    await stage.world.apply([
      ...grant(CONTROLLER, {
        name: "certificates",
        namespace: NAMESPACE,
        rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }],
      }),
      {
        apiVersion: "v1",
        kind: CONFIG_MAPS.kind,
        metadata: { namespace: NAMESPACE, name: "ca" },
        ...{ data: { "ca.crt": "nonsense" } },
      },
    ]);
    await stage.addSet({ ...(mistake.url && { url: mistake.url }), spec: mistake.spec ?? {} });
    if (mistake.secret) await rotate(stage, mistake.secret);
    stage.startController();
    const told = () => conditionOf(stage.runnerSet()?.status?.conditions, "Ready")?.message ?? "";
    await stage.until(
      "the mistake is told",
      () => conditionText(stage, "Ready").startsWith("False") && mistake.says.test(told()),
      2 * MINUTE,
    );
    assert.ok(!told().includes("hunter2"));
    await stage.pass(10 * MINUTE);
    assert.match(told(), mistake.says, "and stays told");
    calls = 0;
    const writes = countWrites(stage);
    await stage.pass(60 * MINUTE);
    assert.ok(calls <= 300, `${calls} calls to GitHub in an hour`);
    assert.ok(countWrites(stage) - writes <= 5, "nothing is written while nothing changes");
    await mistake.mend(stage);
    await stage.until(
      "all is well",
      () => conditionText(stage, "Ready") === "True Ready",
      11 * MINUTE,
    );
    assert.ok(githubCalls(stage) > 0);
  });
}

function countWrites(stage: Stage): number {
  return Object.entries(stage.calls())
    .filter(([call]) => /^(create|patch|update|delete) /.test(call))
    .reduce((sum, [, count]) => sum + count, 0);
}

Deno.test("bad input: a name that another set has is told; the younger waits until it is free", async () => {
  const story = await openStory();
  await using stage = story.stage;
  await stage.addSet({ name: "copy", spec: { runnerScaleSetName: "linux" } });
  await stage.until(
    "it is told",
    () => conditionText(stage, "Ready", "copy") === "False ScaleSetNameTaken",
    MINUTE,
  );
  const { message = "" } = conditionOf(stage.runnerSet("copy")?.status?.conditions, "Ready") ?? {};
  assert.match(message, /spec\.runnerScaleSetName is "linux".*"arc-runners\/linux"/);
  assert.equal(stage.world.github.control.state().scaleSets.length, 1);
  await stage.pass(10 * MINUTE);
  assert.equal(conditionText(stage, "Ready", "linux"), "True Ready");
  const set = stage.runnerSet("linux");
  await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, { namespace: NAMESPACE, name: "linux" }, {
    uid: set?.metadata?.uid,
  });
  await stage.until(
    "the younger has it",
    () => conditionText(stage, "Ready", "copy") === "True Ready",
    5 * MINUTE,
  );
});

Deno.test("labels that are edited are told to GitHub, and jobs that ask for them are served", async () => {
  const story = await openStory();
  await using stage = story.stage;
  const labels = () => stage.world.github.control.state().scaleSets[0]?.labels;
  assert.deepEqual(labels(), ["linux"]);
  await edit(stage, { runnerScaleSetLabels: ["gpu", "big"] });
  await stage.until("GitHub knows", () => labels()?.length === 3, MINUTE);
  assert.deepEqual(labels(), ["linux", "gpu", "big"]);
  await stage.pass(10 * MINUTE);
  assert.equal(stage.world.github.calls.updatescaleset, 1);
  await edit(stage, { runnerScaleSetLabels: null });
  await stage.until("GitHub knows again", () => labels()?.length === 1, MINUTE);
});

Deno.test("a scale set that was there gets the labels of the set that takes it", async () => {
  await using stage = await openStage();
  stage.startController();
  await stage.addSet({});
  await stage.until(
    "it is registered",
    () => conditionText(stage, "Ready") === "True Ready",
    MINUTE,
  );
  const { annotations } = stage.runnerSet()?.metadata ?? {};
  await stage.world.admin.patch(
    AUTOSCALING_RUNNER_SETS,
    { namespace: NAMESPACE, name: "linux" },
    {
      metadata: {
        annotations: Object.fromEntries(Object.keys(annotations ?? {}).map((key) => [key, null])),
      },
      spec: { runnerScaleSetLabels: ["gpu"] },
    },
  );
  const sets = () => stage.world.github.control.state().scaleSets;
  await stage.until("GitHub knows", () => sets()[0]?.labels.includes("gpu") === true, MINUTE);
  assert.equal(sets().length, 1);
});
