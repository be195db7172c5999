/** The image's binary as a cluster would run it: its controller hires, its listeners listen, in processes of their own. */
import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../crds/autoscaling_runner_set.ts";
import { eventually } from "../cluster/eventually.ts";
import { binaryTest } from "./binary_test_case.ts";
import { listenerProcess } from "./listener_process.ts";
import { podWorld } from "./pod_world.ts";
import { note, residentMiB, started } from "./process.ts";
import { applyExample, runJobs, untilListening } from "./story.ts";

const JOBS = 50;
/** Of the issue; doubled where the machine is shared with others. */
const LISTENER_MIB = 70;

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
    note(
      `idle: controller ${(await residentMiB(manager.pid)).toFixed(0)} MiB, ` +
        `listener ${(await residentMiB(listener.pid)).toFixed(0)} MiB resident`,
    );
    assert.ok(await residentMiB(listener.pid) < 2 * LISTENER_MIB);
    await runJobs(world, JOBS);
    note(
      `after ${JOBS} jobs: controller ${(await residentMiB(manager.pid)).toFixed(0)} MiB, ` +
        `listener ${(await residentMiB(listener.pid)).toFixed(0)} MiB resident`,
    );
    assert.deepEqual(await listener.end("SIGTERM"), { code: 0, signal: null });
    assert.deepEqual(await manager.end("SIGTERM"), { code: 0, signal: null });
    await Deno.remove(links, { recursive: true });
  },
);

binaryTest(
  "a set at a server that nobody had named: the controller starts its worker anew with that host, and jobs run",
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
