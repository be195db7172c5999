/** The simulated API server as a world for claims: in memory, on the machine's time, a fresh one for each claim. */
import { KINDS } from "../../../crds/kinds.ts";
import { customResourceDefinition } from "../../../crds/kind.ts";
import { createKubeClient } from "../../../kube/client.ts";
import { createTransport } from "../../../kube/transport.ts";
import { type Clock, systemClock } from "../../../lib/clock.ts";
import { seededRandom } from "../../../lib/random.ts";
import type { Document } from "../../../sim/kube/document.ts";
import { startKubeApi } from "../../../sim/kube/server.ts";
import type { ApiUnderTest } from "./api_under_test.ts";
import { talkOver } from "./talk.ts";
import { testDefinitions } from "./widgets.ts";

const SERVER = "https://kubernetes.default.svc";
const NAMESPACE = "claim";
/** The shortest life that can be asked for a token. */
const TOKEN_SECONDS = 600;

/** Runs `claim` on a cluster of its own. */
export async function inSimulation(claim: (api: ApiUnderTest) => Promise<void>): Promise<void> {
  const time = { aheadMs: 0 };
  const clock: Clock = {
    now: () => new Date(systemClock.now().getTime() + time.aheadMs),
    sleep: systemClock.sleep,
  };
  const throttled = new Set<string>();
  const api = startKubeApi({
    clock,
    random: seededRandom(1),
    intercept: ({ user }) => Promise.resolve(throttled.has(user) ? tooManyRequests() : undefined),
  });
  api.install([
    ...[...KINDS.map(customResourceDefinition), ...testDefinitions()] as unknown as Document[],
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
  ]);
  const admin = api.tokenFor("admin");
  const headers = (token: string) => ({ authorization: `Bearer ${token}` });
  const connection = {
    server: SERVER,
    headers: () => Promise.resolve(headers(admin)),
    fetch: api.handle,
  };
  const talk = talkOver(SERVER, (request, token = admin) => {
    if (token !== "") request.headers.set("authorization", `Bearer ${token}`);
    return api.handle(request);
  });
  try {
    await claim({
      ...talk,
      namespace: NAMESPACE,
      kube: createKubeClient(createTransport({ connection, clock })),
      forgottenVersion() {
        api.compact();
        return Promise.resolve("1");
      },
      forgottenPage(token) {
        api.compact();
        return Promise.resolve(token);
      },
      async expiredToken(account) {
        const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${account}/token`;
        const body = { spec: { expirationSeconds: TOKEN_SECONDS } };
        const { status } = await talk.done("POST", path, { body });
        time.aheadMs += (TOKEN_SECONDS + 1) * 1000;
        return status.token;
      },
      throttle(account) {
        throttled.add(`system:serviceaccount:${NAMESPACE}:${account}`);
        return Promise.resolve();
      },
    });
  } finally {
    api.stop();
  }
}

/** What priority and fairness answers: no `Status`, only a time. */
function tooManyRequests(): Response {
  return new Response("Too many requests, please try again later.\n", {
    status: 429,
    headers: { "content-type": "text/plain; charset=utf-8", "retry-after": "1" },
  });
}
