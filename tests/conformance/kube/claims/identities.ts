/** Claims about who calls: tokens, their end, callers without one. */
import assert from "node:assert/strict";
import { eventually } from "../../../cluster/eventually.ts";
import type { Claim } from "../api_under_test.ts";
import { anAccount, assertRefused, at, make, userOf } from "../wording.ts";

const SELF = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
const UNAUTHORIZED = { code: 401, reason: "Unauthorized", message: "Unauthorized" } as const;

export const IDENTITIES: readonly Claim[] = [
  {
    says: "a token of a ServiceAccount is that user, in the groups of its namespace",
    holds: async (api) => {
      const token = await anAccount(api, "a");
      const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
      const { status } = await api.done("POST", SELF, { body, token });
      assert.equal(status.userInfo.username, userOf(api, "a"));
      assert.deepEqual(status.userInfo.groups, [
        "system:serviceaccounts",
        `system:serviceaccounts:${api.namespace}`,
        "system:authenticated",
      ]);
    },
  },
  {
    says: "a token request tells the token and when it ends",
    holds: async (api) => {
      await make(api, "serviceaccounts", { metadata: { name: "a" } });
      const { code, body } = await api.call("POST", at(api, "serviceaccounts", "a/token"), {
        body: { spec: { expirationSeconds: 600 } },
      });
      assert.equal(code, 201);
      assert.equal(body.kind, "TokenRequest");
      assert.equal(body.spec.expirationSeconds, 600);
      assert.ok(body.status.token.length > 20);
      assert.match(body.status.expirationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    },
  },
  {
    says: "a token for less than ten minutes is 422",
    holds: async (api) => {
      await make(api, "serviceaccounts", { metadata: { name: "a" } });
      const body = { spec: { expirationSeconds: 60 } };
      assertRefused(await api.call("POST", at(api, "serviceaccounts", "a/token"), { body }), {
        code: 422,
        reason: "Invalid",
        message:
          'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: ' +
          "60: may not specify a duration less than 10 minutes",
      });
    },
  },
  {
    says: "a token request for an account that is not there is 404",
    holds: async (api) => {
      const answer = await api.call("POST", at(api, "serviceaccounts", "nobody/token"), {
        body: { spec: {} },
      });
      assertRefused(answer, { code: 404, message: 'serviceaccounts "nobody" not found' });
    },
  },
  {
    says: "a token that nobody gave out is 401",
    holds: async (api) => {
      const answer = await api.call("GET", at(api, "pods"), { token: "nonsense" });
      assertRefused(answer, UNAUTHORIZED);
    },
  },
  {
    says: "a token whose time is over is 401",
    holds: async (api) => {
      await anAccount(api, "a");
      const token = await api.expiredToken("a");
      assertRefused(await api.call("GET", at(api, "pods"), { token }), UNAUTHORIZED);
    },
  },
  {
    says: "the token of an account that is gone is 401, soon after",
    holds: async (api) => {
      const token = await anAccount(api, "a");
      assert.equal((await api.call("GET", at(api, "pods"), { token })).code, 403);
      await api.done("DELETE", at(api, "serviceaccounts", "a"));
      const answer = await eventually("the refusal", async () => {
        const answer = await api.call("GET", at(api, "pods"), { token });
        return answer.code === 403 ? undefined : answer;
      });
      assertRefused(answer, UNAUTHORIZED);
    },
  },
  {
    says: "a caller without a token is anonymous, and may read the version",
    holds: async (api) => {
      assertRefused(await api.call("GET", at(api, "pods"), { token: "" }), {
        code: 403,
        reason: "Forbidden",
        message: 'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API ' +
          `group "" in the namespace "${api.namespace}"`,
      });
      const { code, body } = await api.call("GET", "/version", { token: "" });
      assert.equal(code, 200);
      assert.equal(body.major, "1");
      assert.match(body.gitVersion, /^v1\.\d+\.\d+/);
    },
  },
];
