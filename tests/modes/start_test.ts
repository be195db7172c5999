import assert from "node:assert/strict";
import { main } from "../../main.ts";
import { stringify } from "../../lib/yaml.ts";
import { Sink } from "./sink.ts";

const WRONG: Readonly<
  Record<
    string,
    readonly [flags: (path: string) => readonly string[], cluster: object, words: RegExp]
  >
> = {
  "no cluster at all": [() => [], {}, /^No cluster is named: expected --kubeconfig FILE/],
  "a kubeconfig that is not there": [
    (path) => [`--kubeconfig=${path}.old`],
    {},
    /^Cannot read the kubeconfig .*config\.old: there is no such file$/,
  ],
  "an unknown context": [
    (path) => [`--kubeconfig=${path}`, "--context=prod"],
    {},
    /config has no context "prod": its contexts are x$/,
  ],
  "a server that would not be verified": [
    (path) => [`--kubeconfig=${path}`],
    { "insecure-skip-tls-verify": true },
    /insecure-skip-tls-verify, which cannot be used: Deno cannot/,
  ],
};

for (const [what, [flags, cluster, words]] of Object.entries(WRONG)) {
  Deno.test(`refused in one line, exit code 2, before anything is started: ${what}`, async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/config`;
    await Deno.writeTextFile(
      path,
      stringify({
        "current-context": "x",
        clusters: [{ name: "c", cluster: { server: "https://kube.test", ...cluster } }],
        contexts: [{ name: "x", context: { cluster: "c" } }],
      }),
    );
    const [out, err] = [new Sink(), new Sink()];
    const code = await main({
      args: ["controller-manager", "--namespace=n", "--image=i", ...flags(path)],
      programPath: "longshore",
      env: {},
      out,
      err,
    });
    assert.equal(code, 2);
    assert.match(err.text.trimEnd(), words);
    assert.equal(err.text.trimEnd().split("\n").length, 1);
    await Deno.remove(folder, { recursive: true });
  });
}
