/** Claims about a server that has no room: what it answers, and what our client makes of it. */
import assert from "node:assert/strict";
import { createKubeClient } from "../../../../kube/client.ts";
import { KubeError } from "../../../../kube/errors.ts";
import { PODS } from "../../../../kube/resources.ts";
import { createTransport } from "../../../../kube/transport.ts";
import { systemClock } from "../../../../lib/clock.ts";
import { eventually } from "../../../cluster/eventually.ts";
import type { Claim } from "../api_under_test.ts";
import { anAccount, at } from "../wording.ts";

/** A level without seats still serves one call at a time. */
const AT_ONCE = 16;

export const THROTTLING: readonly Claim[] = [
  {
    says: "a call that finds no room is 429 in plain text, with a time to wait",
    holds: async (api) => {
      const token = await anAccount(api, "eager");
      await api.throttle("eager");
      const { code, body, headers } = await eventually("a refusal", async () => {
        const calls = Array.from(
          { length: AT_ONCE },
          () => api.call("GET", at(api, "pods"), { token }),
        );
        return (await Promise.all(calls)).find((answer) => answer.code === 429);
      });
      assert.equal(body, "Too many requests, please try again later.\n");
      assert.match(headers.get("retry-after") ?? "", /^[1-9]\d*$/);
      const client = createKubeClient(createTransport({
        clock: systemClock,
        connection: {
          server: "https://kubernetes.default.svc",
          headers: () => Promise.resolve({}),
          fetch: () => Promise.resolve(new Response(body, { status: code, headers })),
        },
      }));
      await assert.rejects(client.listPage(PODS, { namespace: api.namespace }), (thrown) => {
        assert.ok(thrown instanceof KubeError);
        assert.equal(thrown.code, "kube_too_many_requests");
        assert.equal(thrown.disposition.kind, "retry-after");
        return true;
      });
    },
  },
];
