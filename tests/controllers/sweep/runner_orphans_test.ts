import assert from "node:assert/strict";
import { runnerOrphans, sweptSet } from "../../../controllers/sweep/runner_orphans.ts";
import type { ListedRunner } from "../../../github/runner_list.ts";
import { ANNOTATIONS } from "../../../crds/group.ts";
import { aRunnerSet } from "../../builders.ts";
import { pure, TARGET } from "../situations.ts";

const SWEPT = sweptSet(aRunnerSet(), ["linux", "linux-x7k2p"]);

function orphans(listed: Partial<ListedRunner> & { readonly name: string }): readonly string[] {
  assert.ok(SWEPT);
  return runnerOrphans(
    SWEPT,
    [{ isOnline: false, isBusy: false, ...listed }],
    new Set(["linux-runner-known"]),
  );
}

pure("a registered set is swept under its name and those of its children", () => {
  assert.deepEqual(SWEPT, {
    set: "arc-runners/linux",
    target: TARGET,
    scaleSetId: 7,
    prefixes: ["linux-runner-", "linux-x7k2p-runner-"],
  });
});

pure("a set that is not registered, or goes, is not swept", () => {
  assert.equal(sweptSet(aRunnerSet({ fresh: true }), []), undefined);
  assert.equal(sweptSet(aRunnerSet({ deleting: true }), []), undefined);
  const odd = aRunnerSet({ metadata: { annotations: { [ANNOTATIONS.scaleSetId]: "x" } } });
  assert.equal(sweptSet(odd, []), undefined);
});

pure("runners of a set with a long name are swept under what is left of it", () => {
  const swept = sweptSet(aRunnerSet({ name: "x".repeat(63) }), []);
  assert.deepEqual(swept?.prefixes, ["x".repeat(58)]);
});

const ROWS:
  readonly (readonly [claim: string, runner: Parameters<typeof orphans>[0], isOrphan: boolean])[] =
    [
      ["offline, idle, unknown", { name: "linux-runner-a1b2c" }, true],
      ["of a child under an older name", { name: "linux-x7k2p-runner-a1b2c" }, true],
      ["online", { name: "linux-runner-a1b2c", isOnline: true }, false],
      ["busy", { name: "linux-runner-a1b2c", isBusy: true }, false],
      ["known to the cluster", { name: "linux-runner-known" }, false],
      ["of another set with a longer name", { name: "linux-runner-big-runner-a1b2c" }, false],
      ["of another set", { name: "windows-runner-a1b2c" }, false],
      ["of a person", { name: "linux-runner-in-my-office" }, false],
    ];

for (const [claim, runner, isOrphan] of ROWS) {
  pure(`a runner at GitHub that is ${claim} is ${isOrphan ? "" : "not "}left behind`, () => {
    assert.deepEqual(orphans(runner), isOrphan ? [runner.name] : []);
  });
}
