import assert from "node:assert/strict";
import { integrityHash } from "../../../controllers/reconcile/children.ts";
import { secretExecutors } from "../../../controllers/reconcile/secret_executors.ts";
import type { Step } from "../../../controllers/reconcile/step.ts";
import { ANNOTATIONS } from "../../../crds/group.ts";
import type { Secret } from "../../../kube/types.ts";
import type { NetworkSettings } from "../../../lib/network.ts";
import { OWN_NETWORK } from "../../../lib/network.ts";
import { proxySettings } from "../../../lib/proxy.ts";
import { STORY } from "../../builders.ts";
import { executorContext, fakeGitHub, fakeKube, type KubeCall, NEVER } from "../fakes.ts";
import { TARGET } from "../situations.ts";

const PROXIES = {
  http_proxy: "http://proxy.example:3128",
  https_proxy: "http://ann:p%40ss@proxy.example:3128",
  no_proxy: "a.example,10.0.0.0/8",
};

function hands(network: NetworkSettings, answer?: (call: KubeCall) => unknown) {
  const kube = fakeKube(answer);
  const github = fakeGitHub();
  const services = { ...github.services, network: () => Promise.resolve(network) };
  const { context } = executorContext({ kube: kube.kube, services });
  return { kube, context, does: secretExecutors(context) };
}

const KEY = { namespace: STORY.controllerNamespace, name: "c" };
const CONFIG: Extract<Step, { do: "write-listener-config" }> = {
  do: "write-listener-config",
  listener: { namespace: STORY.controllerNamespace, name: STORY.listener },
  secret: { metadata: KEY },
  target: TARGET,
  document: { configure_url: STORY.configUrl, server_root_ca: "" },
  hash: "ls1-h",
};
const NO_APP = {
  github_app_id: "",
  github_app_installation_id: 0,
  github_app_private_key: "",
};

function documentIn(secret: unknown): unknown {
  return JSON.parse(atob((secret as Secret).data?.["config.json"] ?? ""));
}

Deno.test("the listener's document gets its credentials, then the listener the fingerprint", async () => {
  const { does, kube } = hands(OWN_NETWORK);
  await does["write-listener-config"](CONFIG, NEVER);
  assert.deepEqual(kube.outline(), [
    "create Secret c",
    `patch AutoscalingListener ${STORY.listener}`,
  ]);
  assert.deepEqual(documentIn(kube.bodyOf("create", "Secret")), {
    configure_url: STORY.configUrl,
    server_root_ca: "",
    github_token: "ghp_secret",
    ...NO_APP,
  });
  assert.deepEqual(kube.bodyOf("patch", "AutoscalingListener"), {
    metadata: { annotations: { [ANNOTATIONS.configHash]: "ls1-h" } },
  });
});

Deno.test("the document's Secret bears a fingerprint beside what the user wants on it, as ARC's does", async () => {
  const { does, kube } = hands(OWN_NETWORK);
  const secret = { metadata: { ...KEY, annotations: { team: "blue" } } };
  await does["write-listener-config"]({ ...CONFIG, secret }, NEVER);
  const { metadata } = kube.bodyOf("create", "Secret") as Secret;
  assert.deepEqual(metadata?.annotations, { team: "blue", [ANNOTATIONS.integrityHash]: "ls1-h" });
});

Deno.test("AL-12: the document holds the text of the certificate, and the proxies that are in use", async () => {
  const { does, kube } = hands({ rootCertificates: ["PEM\n"], proxy: proxySettings(PROXIES) });
  await does["write-listener-config"](CONFIG, NEVER);
  assert.deepEqual(documentIn(kube.bodyOf("create", "Secret")), {
    configure_url: STORY.configUrl,
    server_root_ca: "PEM\n",
    github_token: "ghp_secret",
    ...NO_APP,
    proxy: PROXIES,
  });
});

const PROXY_STEP: Extract<Step, { do: "write-proxy-secret" }> = {
  do: "write-proxy-secret",
  target: TARGET,
  secret: { metadata: { ...KEY, labels: { l: "1" } } },
  fingerprint: "f1",
};

function proxySecretFor(variables: typeof PROXIES): Secret {
  const data = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, btoa(value)]),
  );
  return {
    metadata: {
      ...KEY,
      labels: { l: "1" },
      annotations: { [ANNOTATIONS.integrityHash]: integrityHash(data) },
    },
    data,
  };
}

Deno.test("AL-10: proxies are flattened into a Secret, all three keys", async () => {
  const { does, kube, context } = hands({ ...OWN_NETWORK, proxy: proxySettings(PROXIES) });
  await does["write-proxy-secret"](PROXY_STEP, NEVER);
  assert.deepEqual(kube.bodyOf("create", "Secret"), proxySecretFor(PROXIES));
  assert.equal(context.proxySecrets.get(`${KEY.namespace}/${KEY.name}`), "f1");
  const none = hands({ ...OWN_NETWORK, proxy: { noProxy: [] } });
  await none.does["write-proxy-secret"](PROXY_STEP, NEVER);
  assert.deepEqual(
    none.kube.bodyOf("create", "Secret"),
    proxySecretFor({ http_proxy: "", https_proxy: "", no_proxy: "" }),
  );
});

Deno.test("RB-02: the Secret's fingerprint follows from its data, and changes with them", async () => {
  const other = { ...PROXIES, no_proxy: "" };
  const hashes: (string | undefined)[] = [];
  for (const variables of [PROXIES, PROXIES, other]) {
    const { does, kube } = hands({ ...OWN_NETWORK, proxy: proxySettings(variables) });
    await does["write-proxy-secret"](PROXY_STEP, NEVER);
    const { metadata, data } = kube.bodyOf("create", "Secret") as Secret;
    assert.equal(metadata?.annotations?.[ANNOTATIONS.integrityHash], integrityHash(data));
    hashes.push(integrityHash(data));
  }
  assert.equal(hashes[0], hashes[1]);
  assert.notEqual(hashes[0], hashes[2]);
});

Deno.test("a proxy Secret that is as it should be is read and left alone; another one is patched", async () => {
  const network = { ...OWN_NETWORK, proxy: proxySettings(PROXIES) };
  const same = hands(network, ({ verb }) => verb === "get" ? proxySecretFor(PROXIES) : undefined);
  await same.does["write-proxy-secret"](PROXY_STEP, NEVER);
  assert.deepEqual(same.kube.outline(), ["get Secret c"]);
  const former = { ...PROXIES, https_proxy: "http://ann:old@proxy.example:3128" };
  const old = hands(network, ({ verb }) => verb === "get" ? proxySecretFor(former) : undefined);
  await old.does["write-proxy-secret"](PROXY_STEP, NEVER);
  assert.deepEqual(old.kube.outline(), ["get Secret c", "patch Secret c"]);
  const patch = old.kube.bodyOf("patch", "Secret") as Secret;
  assert.deepEqual(patch.data, { https_proxy: btoa(PROXIES.https_proxy) });
});
