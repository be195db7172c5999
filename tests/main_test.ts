import assert from "node:assert/strict";
import { main } from "../main.ts";
import { Sink } from "./modes/sink.ts";

async function called(args: readonly string[]) {
  const [out, err] = [new Sink(), new Sink()];
  const code = await main({ args, programPath: "longshore", env: {}, out, err });
  return { code, out: out.text, err: err.text };
}

Deno.test("version and help are printed, exit code 0", async () => {
  const version = await called(["version"]);
  assert.equal(version.code, 0);
  assert.match(version.out, /^longshore \d+\.\d+\.\d+\n$/);
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
