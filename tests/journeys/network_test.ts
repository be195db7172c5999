/** `spec.proxy` and `spec.githubServerTLS` from the user's objects to everybody who talks to GitHub. */
import assert from "node:assert/strict";
import { integrityHash } from "../../controllers/reconcile/children.ts";
import { documentWatchRules, serverCertificateRules } from "../../controllers/rules.ts";
import { AUTOSCALING_LISTENERS } from "../../crds/autoscaling_listener.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import { ANNOTATIONS } from "../../crds/group.ts";
import { runnerProxySecretName } from "../../crds/names.ts";
import { CONFIG_MAPS, PODS, SECRETS } from "../../kube/resources.ts";
import { keyOf, type KubeObject, type ResourceType, type Secret } from "../../kube/types.ts";
import type { NetworkSettings } from "../../lib/network.ts";
import { flattenedProxy } from "../../lib/proxy.ts";
import { loopbackIdentity } from "../../sim/tls.ts";
import { CONTROLLER, grant } from "../../sim/world_objects.ts";
import { conditionText } from "../faults/stories.ts";
import { allSucceeded } from "./invariants.ts";
import { openStage, type Stage } from "./stage.ts";

const NAMESPACE = "arc-runners";
const { ca: PEM } = await loopbackIdentity(new Date("2026-01-01T00:00:00Z"));
const TLS = { certificateFrom: { configMapKeyRef: { name: "ca", key: "ca.crt" } } };
const PROXY = {
  http: { url: "http://proxy.example:3128", credentialSecretRef: "login" },
  https: { url: "http://proxy.example:3128", credentialSecretRef: "login" },
  noProxy: ["10.0.0.0/8", ".internal"],
};

const variables = (password: string) => ({
  http_proxy: `http://ann:${encodeURIComponent(password)}@proxy.example:3128`,
  https_proxy: `http://ann:${encodeURIComponent(password)}@proxy.example:3128`,
  no_proxy: "10.0.0.0/8,.internal",
});

interface Way {
  readonly who: string;
  readonly settings: NetworkSettings;
}

/** A set behind a proxy, with a certificate of its own, at work. */
async function openProxied(): Promise<{ readonly stage: Stage; readonly ways: readonly Way[] }> {
  const ways: Way[] = [];
  const stage = await openStage({ onNetwork: (who, settings) => ways.push({ who, settings }) });
  const rules = [...documentWatchRules, ...serverCertificateRules];
  const named = (kind: string, name: string, data: object): KubeObject => ({
    apiVersion: "v1",
    kind,
    metadata: { namespace: NAMESPACE, name },
    ...{ data },
  });
  await stage.world.apply([
    ...grant(CONTROLLER, { name: "sight", rules, namespace: NAMESPACE }),
    named("ConfigMap", "ca", { "ca.crt": PEM }),
    named("Secret", "login", { username: btoa("ann"), password: btoa("p@ss") }),
  ]);
  stage.startController();
  await stage.addSet({ spec: { proxy: PROXY, githubServerTLS: TLS } });
  await stage.until("a listener polls", () => stage.world.github.calls.poll > 0, 60);
  return { stage, ways };
}

function only<T extends KubeObject>(stage: Stage, type: ResourceType<T>): T | undefined {
  return stage.stored(type)[0];
}

function secretOf(stage: Stage, name: string): Secret | undefined {
  return stage.stored(SECRETS).find(({ metadata }) => metadata?.name === name);
}

function dataOf(secret: Secret | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(secret?.data ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, atob(value)]));
}

const RUNNER_SECRET = runnerProxySecretName("linux", NAMESPACE);

Deno.test("ARS-16, ARS-18: controller and listener ask GitHub through the proxy, trusting the certificate", async () => {
  const { stage: opened, ways } = await openProxied();
  await using _stage = opened;
  for (const who of ["controller", "listener"]) {
    const mine = ways.filter((way) => way.who === who);
    assert.ok(mine.length > 0);
    for (const { settings: { proxy, rootCertificates } } of mine) {
      assert.deepEqual(proxy && flattenedProxy(proxy), variables("p@ss"));
      assert.deepEqual(rootCertificates, [PEM]);
    }
  }
});

Deno.test("ARS-17, ARS-19, ARS-20: proxy and certificate are passed on as the user wrote them", async () => {
  const { stage: opened } = await openProxied();
  await using stage = opened;
  const runners = only(stage, EPHEMERAL_RUNNER_SETS)?.spec?.ephemeralRunnerSpec;
  assert.deepEqual(runners?.proxy, PROXY);
  assert.deepEqual(runners?.githubServerTLS, TLS);
  const listener = only(stage, AUTOSCALING_LISTENERS)?.spec;
  assert.deepEqual(listener?.proxy, PROXY);
  assert.deepEqual(listener?.githubServerTLS, TLS);
});

Deno.test("AL-10, AL-12, RB-02: pods get their proxies from Secrets that go with their owners", async () => {
  const { stage: opened } = await openProxied();
  await using stage = opened;
  const listener = only(stage, AUTOSCALING_LISTENERS);
  const name = listener?.metadata?.name ?? "";
  const mine = secretOf(stage, `${name}-proxy`);
  assert.deepEqual(dataOf(mine), variables("p@ss"));
  const pod = stage.pods().find(({ metadata }) => metadata?.name === name);
  assert.deepEqual(
    pod?.spec?.containers[0]?.env?.flatMap(({ name, valueFrom }) =>
      valueFrom ? [`${name} ${valueFrom.secretKeyRef?.name} ${valueFrom.secretKeyRef?.key}`] : []
    ),
    ["http_proxy", "https_proxy", "no_proxy"].map((key) => `${key} ${name}-proxy ${key}`),
  );
  const document = JSON.parse(dataOf(secretOf(stage, `${name}-config`))["config.json"] ?? "");
  assert.equal(document.server_root_ca, PEM);

  stage.world.github.control.queueJobs({ scaleSet: "linux", count: 1, durationMs: 20_000 });
  await stage.until("a runner runs", () => stage.runners()[0]?.status?.ready === true, 60);
  const theirs = secretOf(stage, RUNNER_SECRET);
  assert.deepEqual(dataOf(theirs), variables("p@ss"));
  const { annotations } = theirs?.metadata ?? {};
  assert.equal(annotations?.[ANNOTATIONS.integrityHash], integrityHash(theirs?.data));
  const runner = stage.stored(PODS).find(({ metadata }) =>
    metadata?.name === stage.runners()[0]?.metadata?.name
  );
  const env = runner?.spec?.containers[0]?.env ?? [];
  assert.equal(
    env.find(({ name }) => name === "https_proxy")?.valueFrom?.secretKeyRef?.name,
    RUNNER_SECRET,
  );
  await stage.until("the job is done", () => allSucceeded(stage), 120);
  const set = stage.runnerSet();
  await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, keyOf(set ?? {}), {
    uid: set?.metadata?.uid,
  });
  await stage.until(
    "the Secrets are gone",
    () => !secretOf(stage, RUNNER_SECRET) && !secretOf(stage, `${name}-proxy`),
    300,
  );
});

Deno.test("B3: another password of the proxy reaches pods and the running listener, which keeps its session", async () => {
  const { stage: opened, ways } = await openProxied();
  await using stage = opened;
  await stage.pass(60);
  const listeners = [...stage.listeners];
  const sessions = stage.world.github.calls.createsession;
  await stage.world.admin.patch(SECRETS, { namespace: NAMESPACE, name: "login" }, {
    data: { password: btoa("new") },
  });
  const latest = () => ways.findLast(({ who }) => who === "listener")?.settings.proxy;
  await stage.until("the listener has it", () => {
    const proxy = latest();
    return proxy !== undefined && flattenedProxy(proxy).http_proxy.includes("ann:new@");
  }, 120);
  const name = only(stage, AUTOSCALING_LISTENERS)?.metadata?.name ?? "";
  for (const secret of [RUNNER_SECRET, `${name}-proxy`]) {
    assert.deepEqual(dataOf(secretOf(stage, secret)), variables("new"));
  }
  assert.deepEqual([...stage.listeners], listeners);
  assert.equal(stage.world.github.calls.createsession, sessions);
});

Deno.test("a certificate that breaks later keeps the former way going, and the set says so", async () => {
  const { stage: opened } = await openProxied();
  await using stage = opened;
  const key = { namespace: NAMESPACE, name: "ca" };
  await stage.world.admin.patch(CONFIG_MAPS, key, { data: { "ca.crt": "nonsense" } });
  await stage.until(
    "it is told",
    () => conditionText(stage, "Ready") === "False CertificateInvalid",
    120,
  );
  stage.world.github.control.queueJobs({ scaleSet: "linux", count: 2, durationMs: 5_000 });
  await stage.until("the jobs are done", () => allSucceeded(stage), 120);
  await stage.world.admin.patch(CONFIG_MAPS, key, { data: { "ca.crt": PEM } });
  await stage.until("all is well", () => conditionText(stage, "Ready") === "True Ready", 120);
});

Deno.test("without either, everybody goes the process's own way and no proxy Secret is written", async () => {
  const ways: Way[] = [];
  await using stage = await openStage({
    onNetwork: (who, settings) => ways.push({ who, settings }),
  });
  stage.startController();
  await stage.addSet({});
  await stage.until("a listener polls", () => stage.world.github.calls.poll > 0, 60);
  for (const { settings } of ways) assert.deepEqual(settings, { rootCertificates: [] });
  assert.deepEqual(
    stage.stored(SECRETS).filter(({ metadata }) => metadata?.name?.endsWith("proxy")),
    [],
  );
});
