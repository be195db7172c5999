/**
 * ARC's own client of the scale-set protocol, in Go and of the release 0.6.1, against the simulated GitHub. It is older
 * than GitHub's, and speaks otherwise: another User-Agent, tokens as passwords, a doubled slash, a session without an id.
 */
import assert from "node:assert/strict";
import { againstOnlyGitHub, againstPipelines, claims, goTest } from "./go_client.ts";

const FOLDER = new URL("arc/", import.meta.url);
const CLIENT = { folder: FOLDER, package: "./client" };

goTest("ARC's Go client works against `dev --only github`", FOLDER, async () => {
  await againstOnlyGitHub(async (url) => {
    for (const scope of ["my-org", "my-org/widgets", "enterprises/acme"]) {
      assert.ok((await claims(CLIENT, `${url}/${scope}`)).length > 30, scope);
    }
  });
});

goTest(
  "ARC's Go client works against the pipelines back end, where it acquires jobs",
  FOLDER,
  async () => {
    await againstPipelines({ userAgent: "any", serviceUrl: "slash" }, async (url, github) => {
      assert.ok((await claims(CLIENT, `${url}/my-org`)).length > 30);
      assert.ok(github.calls.acquirejobs > 0);
    });
  },
);
