/** From a release of ARC's charts to ours and back, by helm on a real control plane: runners are left alone. */
import assert from "node:assert/strict";
import { EPHEMERAL_RUNNERS } from "../../../crds/ephemeral_runner.ts";
import { isDeleting } from "../../../kube/meta.ts";
import { PODS } from "../../../kube/resources.ts";
import type { AnyType, KubeObject, ResourceType } from "../../../kube/types.ts";
import { arcIsAbsent, NEEDS_ARC } from "../../crds/arc_fixtures.ts";
import { allSucceeded, hasSession, jobsOf } from "../../journeys/invariants.ts";
import { queue, running, untilAtRest, untilOver } from "../../journeys/stories/story.ts";
import { type ArcAtWork, arcAtWork } from "../../journeys/takeover/arc_at_work.ts";
import { ARC_RELEASES } from "../../journeys/takeover/arc_release.ts";
import { kubectl } from "../command_line.ts";
import type { RealStage } from "../real_stage.ts";
import { helm } from "./helm.ts";
import { type Installed, installTest, openInstalled, RUNNERS, SYSTEM } from "./installed_stage.ts";
import { upstreamChart } from "./upstream_release.ts";

const CLAIM = "[real] helm: a release of ARC's charts is upgraded to ours and rolled back again, " +
  "and no runner is touched";
const MIN = 2;
const MAX = 10;
const BUSY = 3;
const JOB_SECONDS = 100;
const PROTECTED = "secrets,serviceaccounts,roles,rolebindings";

/** The limits, which ARC's chart renders before the template. */
const LIMITS = [
  `\n  template:`,
  `\n  maxRunners: ${MAX}\n  minRunners: ${MIN}\n\n  template:`,
] as const;

if (arcIsAbsent()) {
  Deno.test({ name: `${CLAIM} ${NEEDS_ARC}`, ignore: true, fn: () => {} });
} else {
  installTest(CLAIM, async (facts) => {
    const release = ARC_RELEASES.find(({ version }) => version === "0.14.2");
    assert.ok(release);
    await using installed = await openInstalled(facts, { max: MAX });
    const { stage } = installed;
    const folder = await Deno.makeTempDir({ dir: facts.folder });
    await installed.upgrade(installed.controller({
      chart: await upstreamChart(folder, {
        name: "gha-runner-scale-set-controller",
        manifests: "controller.yaml",
      }),
    }));
    await installed.upgrade(installed.runnerSet({
      chart: await upstreamChart(folder, {
        name: "gha-runner-scale-set",
        manifests: "runner-set.yaml",
        replaced: [
          ["arc-runner-set", "linux"],
          ["https://github.com/example-org", "https://github.com/acme"],
          LIMITS,
        ],
      }),
    }));
    const letJobsEnd = stage.holdJobs();
    const arc = await arcAtWork(stage, {
      release,
      min: MIN,
      max: MAX,
      busy: BUSY,
      idle: MIN,
      outdated: 1,
      jobSeconds: JOB_SECONDS,
      installed: { secret: "linux-gha-rs-github-secret", account: "linux-gha-rs-no-permission" },
    });
    await arc.leave();
    assert.equal((await finalizers(installed)).length, 4, "ARC's chart protects");

    await installed.upgrade(installed.controller());
    await stage.until("our listener polls", () => hasSession(stage));
    assertUntouched(stage, arc);
    const values = { minRunners: MIN, maxRunners: MAX };
    await installed.upgrade(installed.runnerSet({ values }));
    assert.deepEqual(await finalizers(installed), [], "our chart protects nothing");
    await stage.pass(120);
    await stage.until("our listener polls again", () => hasSession(stage));
    assertUntouched(stage, arc);
    await installed.check();

    await helm(facts, ["rollback", "linux", `--namespace=${RUNNERS}`]);
    await helm(facts, ["rollback", "arc", `--namespace=${SYSTEM}`]);
    await stage.pass(60);
    assertUntouched(stage, arc);
    assert.equal(running(stage), BUSY + 1);
    assert.equal((await finalizers(installed)).length, 4, "as ARC's chart has it");

    await installed.upgrade(installed.controller());
    await installed.upgrade(installed.runnerSet({ values }));
    await stage.until("our listener polls once more", () => hasSession(stage));
    letJobsEnd();
    await untilOver(stage);
    queue(stage, MAX, 20);
    await untilOver(stage);
    assert.ok(allSucceeded(stage), JSON.stringify(jobsOf(stage)));
    await untilAtRest(installed, MIN);

    await installed.uninstall(installed.runnerSet(), "--wait");
    await installed.uninstall(installed.controller(), "--wait");
    await installed.untilNothingLeft();
  });
}

/** What bears a finalizer of those that ARC's chart protects, by name. */
async function finalizers({ stage }: Installed): Promise<readonly string[]> {
  const text = await kubectl(
    stage.facts,
    "get",
    PROTECTED,
    `--namespace=${RUNNERS}`,
    "--output=json",
  );
  const { items }: { items: readonly KubeObject[] } = JSON.parse(text);
  return items.filter(({ metadata }) => (metadata?.finalizers ?? []).length > 0)
    .map(({ kind, metadata }) => `${kind} ${metadata?.name}`);
}

function assertUntouched(stage: RealStage, arc: ArcAtWork): void {
  const kept = (type: AnyType, objects: readonly KubeObject[]) => {
    const alive = stage.stored(type as ResourceType<KubeObject>)
      .filter((object) => !isDeleting(object)).map(({ metadata }) => metadata?.uid);
    const lost = objects.filter(({ metadata }) => !alive.includes(metadata?.uid));
    assert.deepEqual(lost.map(({ metadata }) => metadata?.name), [], `${type.kind} that went`);
  };
  kept(EPHEMERAL_RUNNERS, arc.runners);
  kept(PODS, arc.pods);
}
