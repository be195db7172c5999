/**
 * How each deed of a plan is played on the stage. Knows the knobs of the simulated world; whether the product bears it is
 * judged elsewhere.
 */
import { isNotFound } from "../../kube/errors.ts";
import { seededRandom } from "../../lib/random.ts";
import { playMishap } from "../../sim/github/chaos.ts";
import { deleteOne, endWatches, harmPod, limitPods, loseNode } from "./cluster_deeds.ts";
import { type Deed, labelOf, type Timed } from "./plan.ts";
import { chosen, type Scene } from "./scene.ts";
import { edit, loseCredential, openJobs, queueJobs, recreate } from "./user_deeds.ts";

const IMAGE = "ghcr.io/actions/actions-runner:latest";

/** Plays a deed to its end. What cannot be done any more, as its object is gone, is left. */
export async function play(scene: Scene, timed: Timed): Promise<void> {
  const { atS, ...deed } = timed;
  try {
    await begin(scene, { deed: deed as Deed, atS });
  } catch (thrown) {
    if (!isNotFound(thrown)) throw thrown;
  }
}

async function begin(scene: Scene, at: { readonly deed: Deed; readonly atS: number }) {
  const { deed } = at;
  const { stage, calls, replicas } = scene;
  const { clock } = stage;
  const happened = (details = "") => scene.happened(labelOf(deed), details);
  switch (deed.do) {
    case "jobs":
      return queueJobs(scene, deed);
    case "cancel-job": {
      const job = chosen(openJobs(scene), deed.nth);
      if (job === undefined) return;
      scene.canceled.add(job.jobId);
      happened(`job ${job.jobId}`);
      return void stage.world.github.control.cancelJob(job.jobId);
    }
    case "edit":
      happened(JSON.stringify(deed));
      return await edit(scene, deed);
    case "recreate-set":
      return await recreate(scene, deed);
    case "crash":
    case "spoil":
      return calls.arm(deed);
    case "restart": {
      const process = chosen(replicas.running, deed.nth);
      if (process === undefined) return;
      happened();
      replicas.willBeDown(process, deed.downS * 1000);
      return await process.stop();
    }
    case "isolate": {
      const process = chosen(replicas.running, deed.nth);
      if (process === undefined) return;
      happened(`for ${deed.forS} s`);
      calls.isolate(process);
      calls.hold(process, deed.forS * 1000);
      await clock.sleep(deed.forS * 1000);
      return calls.join(process);
    }
    case "stale-watches":
      happened(`for ${deed.forS} s`);
      return calls.hold(deed.who, deed.forS * 1000);
    case "end-watches":
      happened();
      return endWatches(scene, deed.how);
    case "lose-node":
      return await loseNode(scene, deed);
    case "harm-pod":
      return await harmPod(scene, deed);
    case "delete":
      return await deleteOne(scene, deed);
    case "lose-credential":
      return await loseCredential(scene, deed);
    case "github":
      happened(`for ${deed.forS} s`);
      return await playMishap(deed.what, {
        control: stage.world.github.control,
        clock,
        random: seededRandom(scene.plan.seed + Math.round(at.atS * 10)),
        forMs: deed.forS * 1000,
      }, new AbortController().signal);
    case "forget-runner": {
      const { control } = stage.world.github;
      const idle = control.state().runners.filter(({ jobId }) => jobId === undefined);
      const runner = chosen(idle, deed.nth);
      if (runner === undefined) return;
      happened(runner.name);
      return void control.forgetRunner(runner.id);
    }
    case "quota":
      return await limitPods(scene, deed);
    case "bad-image":
      happened(`for ${deed.forS} s`);
      stage.world.kubelet.failImage(IMAGE);
      await clock.sleep(deed.forS * 1000);
      return stage.world.kubelet.healImage(IMAGE);
    case "bad-runners":
      return void scene.scripts.push(...Array.from({ length: deed.times }, () => deed.script));
    default:
      return deed satisfies never;
  }
}
