import assert from "node:assert/strict";
import { clusterAccess } from "../../kube/kubeconfig.ts";
import {
  filesOf,
  kubeconfigPaths,
  PATH_SEPARATOR,
  readKubeconfigs,
  textOf,
} from "../../kube/kubeconfig_files.ts";
import { InvalidInput } from "../../lib/errors.ts";
import { Secret } from "../../lib/secret.ts";
import { stringify } from "../../lib/yaml.ts";

Deno.test("paths come from what was named, else from the home folder", () => {
  const two = ["/a", "/b"].join(PATH_SEPARATOR);
  assert.deepEqual(kubeconfigPaths(two, "/users/me"), ["/a", "/b"]);
  assert.deepEqual(kubeconfigPaths("", "/users/me"), ["/users/me/.kube/config"]);
  assert.deepEqual(kubeconfigPaths("here", undefined), [`${Deno.cwd()}/here`]);
  assert.throws(() => kubeconfigPaths(undefined, undefined), InvalidInput);
});

Deno.test("of several files some may be absent, one alone may not", async () => {
  const folder = await Deno.makeTempDir();
  const [there, absent] = [`${folder}/there`, `${folder}/absent`];
  await Deno.writeTextFile(there, "a");
  assert.deepEqual(await readKubeconfigs([absent, there]), [{ path: there, text: "a" }]);
  await assert.rejects(
    readKubeconfigs([absent]),
    /Cannot read the kubeconfig .*: there is no such/,
  );
  await assert.rejects(readKubeconfigs([absent, absent]), /None of the kubeconfigs is there/);
  await assert.rejects(readKubeconfigs([folder]), /it is no text file/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("what a source holds is read, and named when it cannot be", async () => {
  assert.equal(await textOf({ text: new Secret("x") }, "client key"), "x");
  await assert.rejects(
    textOf({ path: "/no/key" }, "client key"),
    /Cannot read the client key \/no\/key/,
  );
});

Deno.test("the files of a context are those that it names, and no others", () => {
  const text = stringify({
    "current-context": "x",
    clusters: [{ name: "c", cluster: { server: "https://k", "certificate-authority": "/ca" } }],
    users: [
      {
        name: "u",
        user: { "client-certificate": "/c", "client-key-data": btoa("k"), tokenFile: "/t" },
      },
      { name: "v", user: { tokenFile: "/other" } },
    ],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  });
  assert.deepEqual(filesOf(clusterAccess([{ path: "/k", text }])), ["/ca", "/c", "/t"]);
});
