import assert from "node:assert/strict";
import { main } from "../main.ts";
import { MODE_NAMES } from "../modes/invocation.ts";
import { Sink } from "./modes/sink.ts";

async function called(args: readonly string[]) {
  const [out, err] = [new Sink(), new Sink()];
  const code = await main({ args, programPath: "longshore", env: {}, out, err });
  return { code, out: out.text, err: err.text };
}

Deno.test("version and help are printed, exit code 0", async () => {
  const version = await called(["version"]);
  assert.equal(version.code, 0);
  assert.match(version.out, /^longshore \d+\.\d+\.\d+ \(commit [^ ]+, Deno [\d.]+\)\n$/);
  for (
    const args of [[], ["--help"], ["dev", "--help"], ["listener", "--help"], [
      "controller-manager",
      "--help",
    ]]
  ) {
    const help = await called(args);
    assert.equal(help.code, 0);
    assert.match(help.out, /Usage: longshore /);
    assert.equal(help.err, "");
  }
});

const WRONG: readonly (readonly [args: readonly string[], line: RegExp])[] = [
  [["deploy"], /^Unknown mode "deploy": expected one of /],
  [["doctr"], /^Unknown mode "doctr": did you mean doctor\?/],
  [["version", "--output=json"], /^Unexpected argument "--output=json"/],
  [["help", "doctr"], /^Unknown mode "doctr": did you mean doctor\?/],
  [
    ["dev", "--rate=1000000/s", "--for=1h"],
    /^--rate and --for make 3600000000 jobs, expected at most 100000/,
  ],
  [
    ["controller-manager", "--namespace=", "--image=x"],
    /^Invalid value "" for --namespace: expected the name of a namespace/,
  ],
  [["controller-manager", "--namespace=n", "--image="], /^Invalid value "" for --image: expected /],
  [
    ["doctor", "--namespace=a/b", "--context=x"],
    /^Invalid value "a\/b" for --namespace: expected the name of a namespace/,
  ],
  [[
    "controller-manager",
    "--namespace=n",
    "--image=i",
    "--kube-host=h",
    "--listener-metrics-addr=8080",
  ], /^--listener-metrics-addr is "8080", expected an address such as :8080/],
  [["listener", "--config="], /^Invalid value "" for --config: expected a path/],
  [
    ["doctor", "--kube-host=h", "--service-account-dir="],
    /^Invalid value "" for --service-account-dir: expected a path/,
  ],
  [
    ["controller-manager", "--docker-gidd=1"],
    /^Unknown flag "--docker-gidd": did you mean --docker-gid\?/,
  ],
  [["doctor"], /^No cluster is named: expected --context NAME or --kubeconfig FILE/],
  [["explain"], /^Nothing to explain is named: expected set, runner, job and its name/],
  [["explain", "st", "linux"], /^Cannot explain "st": did you mean set\?/],
  [["explain", "set"], /^The set has no name: expected /],
  [["dev", "extra"], /^Unexpected argument "extra"/],
  [["dev", "--jbos", "5"], /^Unknown flag "--jbos": did you mean --jobs\?/],
  [["dev", "--job-duration", "5x"], /^Invalid value "5x" for --job-duration: expected a duration/],
  [["dev", "--jobs", "-1"], /^Invalid value "-1" for --jobs: /],
  [["dev", "--rate", "5/s"], /^--rate needs --for/],
  [["dev", "--for", "5s"], /^--for needs --rate/],
  [
    ["dev", "-f", "/no/such/file.yaml"],
    /^Cannot read \/no\/such\/file\.yaml: there is no such file/,
  ],
  [["listener"], /^--config or LISTENER_CONFIG_PATH is required/],
  [["--log-level=info"], /^--namespace or CONTROLLER_MANAGER_POD_NAMESPACE is required/],
];

for (const [args, line] of WRONG) {
  Deno.test(`"${args.join(" ")}" is refused in one line, exit code 2`, async () => {
    const { code, out, err } = await called(args);
    assert.equal(code, 2);
    assert.match(err, line);
    assert.equal(err.trimEnd().split("\n").length, 1);
    assert.equal(out, "");
  });
}

Deno.test("§20.31: a proxy of the environment that is none is refused, in either case, without its password", async () => {
  for (const name of ["https_proxy", "HTTPS_PROXY"]) {
    const [out, err] = [new Sink(), new Sink()];
    const code = await main({
      args: ["controller-manager", "--namespace=n", "--image=i", "--kube-host=127.0.0.1"],
      programPath: "longshore",
      env: { [name]: "ftp://ann:hunter2@proxy.example" },
      out,
      err,
    });
    assert.equal(code, 2);
    assert.match(err.text, /^https_proxy is "ftp:\/\/\[redacted\]@proxy\.example", expected/);
  }
});

Deno.test("where HOME is not set, as on Windows, kubectl's kubeconfig is found by USERPROFILE", async () => {
  const [out, err] = [new Sink(), new Sink()];
  const code = await main({
    args: ["doctor", "--context=x"],
    programPath: "longshore",
    env: { USERPROFILE: "/no/such/home" },
    out,
    err,
  });
  assert.equal(code, 2);
  assert.match(
    err.text,
    /^Cannot read the kubeconfig \/no\/such\/home\/\.kube\/config: there is no/,
  );
});

Deno.test("flags of ARC that mean nothing here are accepted with one warning", async () => {
  const { code, err } = await called([
    "controller-manager",
    "--namespace=n",
    "--image=i",
    "--update-strategy=eventual",
    "--docker-image=docker:dind",
    "--docker-image=docker:dind",
  ]);
  assert.equal(code, 2);
  const [warning, refusal, ...more] = err.trimEnd().split("\n");
  assert.equal(
    warning,
    "Warning: --update-strategy, --docker-image are accepted for ARC's sake and have no meaning here",
  );
  assert.match(refusal ?? "", /^No cluster is named/);
  assert.deepEqual(more, []);
});

Deno.test("the help of every mode has examples that begin with the program", async () => {
  for (const mode of MODE_NAMES) {
    const { out } = await called([mode, "--help"]);
    const [, examples = ""] = out.split("\nExamples:\n");
    assert.match(examples, new RegExp(`longshore ${mode}`), mode);
    assert.match(examples, /^ {2}# [A-Z]/, mode);
  }
  const { out } = await called(["explain", "--help"]);
  assert.match(out, /Usage: longshore explain set\|runner\|job NAME \[flags\]/);
});

Deno.test("version and completion have a help with examples too, as MODE --help and as help MODE", async () => {
  for (
    const [word, usage] of [["version", "version"], ["completion", "completion bash|zsh|fish"]]
  ) {
    for (const args of [[word, "--help"], ["help", word], [word, "-h"]] as string[][]) {
      const { code, out, err } = await called(args);
      assert.deepEqual([code, err], [0, ""]);
      assert.ok(out.includes(`Usage: longshore ${usage}\n`), out);
      assert.match(out, new RegExp(`\nExamples:\n {2}# .*\n {2}.*longshore ${word}`));
    }
  }
});

Deno.test("completion is printed", async () => {
  const { code, out } = await called(["completion", "bash"]);
  assert.equal(code, 0);
  assert.match(out, /complete -F _longshore longshore\n$/);
});
