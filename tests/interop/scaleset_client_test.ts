/**
 * GitHub's own client of the scale-set protocol, in Go, against the simulated GitHub: what it can do there it can do at
 * GitHub, and the other way round. Wants `go` and leave to run it (`deno task test:interop`); skipped without.
 */
import assert from "node:assert/strict";
import { serveJobs } from "./foreign_listener.ts";
import { againstOnlyGitHub, againstPipelines, claims, goTest } from "./go_client.ts";

const FOLDER = new URL("scaleset/", import.meta.url);
const CLIENT = { folder: FOLDER, package: "." };

goTest("GitHub's Go client works against `dev --only github`", FOLDER, async () => {
  await againstOnlyGitHub(async (url) => {
    for (const scope of ["my-org", "my-org/widgets"]) {
      assert.ok((await claims(CLIENT, `${url}/${scope}`)).length > 30, scope);
    }
  });
});

goTest(
  "GitHub's Go client works against the pipelines back end, where it acquires jobs",
  FOLDER,
  async () => {
    const settings = { serviceUrl: "no-slash", queueTokenLifetimeMs: 2_000 } as const;
    await againstPipelines(settings, async (url, github) => {
      assert.ok((await claims(CLIENT, `${url}/enterprises/acme`)).length > 30);
      assert.ok(github.calls.acquirejobs > 0);
    });
  },
);

goTest(
  "GitHub's own message loop, with the patches and the configuration of ARC since 0.9, works under our controller",
  FOLDER,
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/ghalistener`;
      const { success, stderr } = await new Deno.Command("go", {
        args: ["build", "-o", path, "./ghalistener"],
        cwd: FOLDER,
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      await serveJobs({ path, document: (text) => text });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
