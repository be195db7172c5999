/** The real control plane of this test run as a world for claims: shared, with a namespace of its own for each claim. */
import { systemClock } from "../../../lib/clock.ts";
import { randomText, systemRandom } from "../../../lib/random.ts";
import { createKubeClient } from "../../../kube/client.ts";
import { createTransport } from "../../../kube/transport.ts";
import { eventually } from "../../cluster/eventually.ts";
import { adminConnection, type Facts, tokenConnection } from "../../cluster/facts.ts";
import type { ApiUnderTest } from "./api_under_test.ts";
import { talkOver } from "./talk.ts";

type Talk = ReturnType<typeof talkOver>;

/** Runs `claim` in a namespace that is deleted afterwards. */
export async function inReality(
  facts: Facts,
  claim: (api: ApiUnderTest) => Promise<void>,
): Promise<void> {
  using admin = adminConnection(facts);
  const talk = talkOver(facts.server, async (request, token) => {
    if (token === undefined) return await admin.fetch(request);
    const connection = tokenConnection(facts, token);
    for (const [name, value] of Object.entries(await connection.headers())) {
      request.headers.set(name, value);
    }
    try {
      return await connection.fetch(request);
    } finally {
      connection[Symbol.dispose]();
    }
  });
  const namespace = `claim-${randomText(systemRandom, 8, "bcdfghjklmnpqrstvwxz")}`;
  await talk.done("POST", "/api/v1/namespaces", { body: { metadata: { name: namespace } } });
  await eventually(
    "the default account",
    () => talk.done("GET", `/api/v1/namespaces/${namespace}/serviceaccounts/default`),
  );
  try {
    await claim({
      ...talk,
      namespace,
      kube: createKubeClient(createTransport({ connection: admin, clock: systemClock })),
      forgottenVersion: () => Promise.resolve("1"), // from before the API server's start
      forgottenPage: (token) => forgottenPage(facts, token),
      expiredToken: (account) => expiredToken(facts, talk, { namespace, name: account }),
      throttle: (account) => throttle(talk, { namespace, name: account }),
    });
  } finally {
    await talk.call("DELETE", `/api/v1/namespaces/${namespace}`);
  }
}

/** The same place in the list at version 1, once etcd has forgotten that version. */
async function forgottenPage({ etcd }: Facts, token: string): Promise<string> {
  const ask = async (path: string, body: unknown) => {
    const response = await fetch(`${etcd}/v3/kv/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`etcd ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const { header } = await ask("range", { key: btoa("/registry/none") });
  await ask("compaction", { revision: header.revision, physical: true });
  return base64url(JSON.stringify({ ...JSON.parse(atob(standard(token))), rv: 1 }));
}

/** Signed as the API server signs, an hour after its end. */
async function expiredToken(
  { tokenKeys }: Facts,
  talk: Talk,
  account: { readonly namespace: string; readonly name: string },
): Promise<string> {
  const { namespace, name } = account;
  const { metadata } = await talk.done(
    "GET",
    `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`,
  );
  const nowSeconds = Math.floor(systemClock.now().getTime() / 1000);
  const claims = {
    iss: "https://kubernetes.default.svc",
    aud: ["https://kubernetes.default.svc"],
    sub: `system:serviceaccount:${namespace}:${name}`,
    iat: nowSeconds - 7200,
    nbf: nowSeconds - 7200,
    exp: nowSeconds - 3600,
    "kubernetes.io": { namespace, serviceaccount: { name, uid: metadata.uid } },
  };
  const signed = [{ alg: "ES256", typ: "JWT" }, claims]
    .map((part) => base64url(JSON.stringify(part))).join(".");
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const pkcs8 = Uint8Array.fromBase64(tokenKeys.privateKey.replace(/-----[^-]+-----|\s/g, ""));
  const extractable = false;
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, extractable, ["sign"]);
  const signature = await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(signed));
  return `${signed}.${base64url(String.fromCharCode(...new Uint8Array(signature)))}`;
}

/** A priority level without seats for the account. Whoever asks waits until it is in force. */
async function throttle(
  talk: Talk,
  account: { readonly namespace: string; readonly name: string },
): Promise<void> {
  const api = "/apis/flowcontrol.apiserver.k8s.io/v1";
  const metadata = { name: `no-room-${account.namespace}` };
  await talk.done("POST", `${api}/prioritylevelconfigurations`, {
    body: {
      metadata,
      spec: {
        type: "Limited",
        limited: {
          nominalConcurrencyShares: 0,
          lendablePercent: 0,
          borrowingLimitPercent: 0,
          limitResponse: { type: "Reject" },
        },
      },
    },
  });
  await talk.done("POST", `${api}/flowschemas`, {
    body: {
      metadata,
      spec: {
        priorityLevelConfiguration: metadata,
        matchingPrecedence: 2,
        rules: [{
          subjects: [{ kind: "ServiceAccount", serviceAccount: account }],
          resourceRules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"], namespaces: ["*"] }],
        }],
      },
    },
  });
}

function base64url(binary: string): string {
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function standard(base64url: string): string {
  return base64url.replaceAll("-", "+").replaceAll("_", "/");
}
