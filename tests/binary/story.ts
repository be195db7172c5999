/** The example's runner set in a world of pods: applied, and given jobs until all are done. */
import { readManifests } from "../../modes/dev/manifests.ts";
import { missingRights } from "../../modes/dev/rights.ts";
import { knownTypes, type World } from "../../sim/world.ts";
import { CONTROLLER } from "../../sim/world_objects.ts";
import { eventually } from "../cluster/eventually.ts";

const EXAMPLE = "examples/runner-set.yaml";

/** Applies the example with the rights that a chart would grant; for another server than github.com when `url` names one. */
export async function applyExample(world: World, url = "https://github.com"): Promise<void> {
  const example = await Deno.readTextFile(EXAMPLE);
  const file = {
    name: EXAMPLE,
    text: example.replace(/(?<=githubConfigUrl: )https:..github.com/, url),
  };
  const objects = readManifests([file], { namespace: "default", kinds: knownTypes() })
    .map(({ object }) => object);
  const namespaces = ["arc-runners"];
  await world.apply([
    ...objects,
    ...missingRights(objects, { controller: CONTROLLER, namespaces }),
  ]);
}

/** Waits until its listener has a session. */
export async function untilListening(world: World): Promise<void> {
  await eventually("a session", () => world.github.control.state().scaleSets[0]?.session);
}

/** Queues so many short jobs and waits for the end of all. */
export async function runJobs(world: World, count: number): Promise<void> {
  let done = 0;
  world.github.onJobChange(({ result }) => done += result === "succeeded" ? 1 : 0);
  world.github.control.queueJobs({
    labels: ["example"],
    scope: "example-org",
    count,
    durationMs: { fromMs: 100, toMs: 300 },
  });
  await eventually("all jobs to be done", () => done >= count ? done : undefined);
}
