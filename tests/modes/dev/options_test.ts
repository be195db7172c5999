import assert from "node:assert/strict";
import { parseFlags } from "../../../lib/flags.ts";
import { checkDevConfig, devFlags, jobsAtOnce } from "../../../modes/dev/options.ts";

function config(...args: string[]) {
  return parseFlags(devFlags, { args }).config;
}

const JOBS: readonly (readonly [args: readonly string[], jobs: number])[] = [
  [[], 10],
  [["--jobs", "50"], 50],
  [["--jobs", "0"], 0],
  [["--keep"], 0],
  [["--keep", "--jobs", "5"], 5],
  [["--rate", "2/s", "--for", "10s"], 0],
  [["--rate", "2/s", "--for", "10s", "--jobs", "5"], 5],
];

for (const [args, jobs] of JOBS) {
  Deno.test({
    name: `"dev ${args.join(" ")}" queues ${jobs} jobs at once`,
    permissions: "none",
    fn: () => assert.equal(jobsAtOnce(config(...args)), jobs),
  });
}

Deno.test({
  name: "files may be given several times",
  permissions: "none",
  fn: () => assert.deepEqual(config("-f", "a", "--filename=b").files, ["a", "b"]),
});

Deno.test({
  name: "flags that need each other are told so",
  permissions: "none",
  fn: () => {
    assert.throws(() => checkDevConfig(config("--rate", "2/s")), /--rate needs --for/);
    assert.throws(() => checkDevConfig(config("--for", "2s")), /--for needs --rate/);
    assert.throws(
      () => config("-n", ""),
      /Invalid value "" for -n: expected the name of a namespace/,
    );
    checkDevConfig(config("--rate", "2/s", "--for", "1m"));
  },
});
