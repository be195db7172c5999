/** The image's binary as a cluster would run it: its controller hires, its listeners listen, in processes of their own. */
import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { EVENTS } from "../../kube/resources.ts";
import { eventually } from "../cluster/eventually.ts";
import { binaryTest } from "./binary_test_case.ts";
import { listenerProcess } from "./listener_process.ts";
import { podWorld } from "./pod_world.ts";
import { memoryMiB, note, type Started, started } from "./process.ts";
import { applyExample, runJobs, untilListening } from "./story.ts";

const JOBS = 50;
/** What it takes by `docs/memory.md`, and a fifth. */
const LISTENER_MIB = 104;

binaryTest(
  `the binary as /manager and as /ghalistener runs ${JOBS} jobs and ends cleanly`,
  async (path) => {
    const links = await Deno.makeTempDir();
    for (const name of ["manager", "ghalistener"]) {
      await Deno.symlink(path("image"), `${links}/${name}`);
    }
    await using pods = await podWorld({
      listener: (onStart) => listenerProcess({ program: `${links}/ghalistener`, onStart }),
    });
    const { world } = pods;
    await applyExample(world);
    await using manager = started(`${links}/manager`, {
      args: [...pods.args, `--service-account-dir=${pods.identity}`],
      env: pods.env,
    });
    await untilListening(world);
    const [listener] = pods.listeners;
    assert.ok(listener);
    note(`at rest: ${await memoryOf(manager, listener)}`);
    assert.ok((await memoryMiB(listener.pid)).all < LISTENER_MIB);
    await runJobs(world, JOBS);
    note(`after ${JOBS} jobs: ${await memoryOf(manager, listener)}`);
    assert.deepEqual(await listener.end("SIGTERM"), { code: 0, signal: null });
    assert.deepEqual(await manager.end("SIGTERM"), { code: 0, signal: null });
    await Deno.remove(links, { recursive: true });
  },
);

binaryTest(
  "a set at a server that nobody had named: the controller starts its worker anew with that host, an Event tells of it, and jobs run",
  async (path) => {
    const links = await Deno.makeTempDir();
    await Deno.symlink(path("image"), `${links}/ghalistener`);
    await using pods = await podWorld({
      listener: (onStart) => listenerProcess({ program: `${links}/ghalistener`, onStart }),
    });
    const { world } = pods;
    await applyExample(world, world.githubUrl);
    const args = pods.args.filter((arg) => !arg.startsWith("--github-hosts"));
    await using _manager = started(path("image"), {
      args: ["controller-manager", ...args, `--service-account-dir=${pods.identity}`],
      env: pods.env,
    });
    await untilListening(world);
    const told = await eventually("an Event that tells of it", async () => {
      const events = await world.admin.list(EVENTS, { namespace: "arc-runners" });
      return events.find(({ reason }) => reason === "HostsAdded");
    });
    assert.match(told.message ?? "", /^127\.0\.0\.1:\d+: added to what the controller may contact/);
    assert.equal(told.involvedObject.name, "example");
    await runJobs(world, 3);
    await Deno.remove(links, { recursive: true });
  },
);

binaryTest(
  "the same with a list that does not have it: the set is told in a condition, and nobody asks that server",
  async (path) => {
    await using pods = await podWorld();
    const { world } = pods;
    await applyExample(world, world.githubUrl);
    const args = pods.args.filter((arg) => !arg.startsWith("--github-hosts"));
    await using _manager = started(path("image"), {
      args: [
        "controller-manager",
        ...args,
        `--service-account-dir=${pods.identity}`,
        "--allowed-github-hosts=github.com",
      ],
      env: pods.env,
    });
    const key = { namespace: "arc-runners", name: "example" };
    const told = await eventually("a condition", async () => {
      const set = await world.admin.get(AUTOSCALING_RUNNER_SETS, key);
      return set?.status?.conditions?.find(({ message }) =>
        message.includes("outside of the sandbox")
      );
    });
    assert.match(
      told.message,
      /127\.0\.0\.1:\d+: outside of the sandbox \(--allowed-github-hosts\)/,
    );
    assert.deepEqual(world.github.control.state().scaleSets, []);
  },
);

async function memoryOf(manager: Started, listener: Started): Promise<string> {
  const [ofManager, ofListener] = [await memoryMiB(manager.pid), await memoryMiB(listener.pid)];
  return `controller ${ofManager.all.toFixed(0)} MiB, listener ${
    ofListener.all.toFixed(0)
  } MiB resident`;
}
