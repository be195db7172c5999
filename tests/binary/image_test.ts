/**
 * The image's root file system, put together from Debian's packages, and both serving modes inside of it: as a user without
 * rights, in namespaces of their own, on a root that cannot be written.
 */
import assert from "node:assert/strict";
import {
  assemble,
  DEBIAN_PACKAGES,
  PROGRAMS,
  Unavailable,
  USER_ID,
} from "../../tools/image/root_file_system.ts";
import { eventually } from "../cluster/eventually.ts";
import { freePort } from "../cluster/processes.ts";
import { type BinaryName, binaryTest } from "./binary_test_case.ts";
import { layOut } from "./layout.ts";
import { podWorld } from "./pod_world.ts";
import { untilItEnds } from "./listener_process.ts";
import { childOf, note, outcomeOf, type Started, started } from "./process.ts";
import { applyExample, runJobs, untilListening } from "./story.ts";
import type { Program } from "../../sim/programs.ts";

const IDENTITY = "var/run/secrets/kubernetes.io/serviceaccount";
/** The budget for the image without its program, in MB. */
const BASE_MB = 20;

interface Image extends AsyncDisposable {
  readonly root: string;
  readonly bytes: number;
}

/** `undefined`, with a note, where this machine cannot do it. */
async function image(path: (name: BinaryName) => string): Promise<Image | undefined> {
  // By a shell, as there may be no such program.
  const { code, err } = await outcomeOf("sh", ["-c", "unshare --mount --pid --fork true"], PATH);
  if (code !== 0) return note(`not tried here: ${err.trim()}`) as undefined;
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "longshore-image-" }));
  await Deno.chmod(root, 0o755);
  const remove = () => Deno.remove(root, { recursive: true });
  try {
    const { bytes, packages } = await assemble(root, { binary: path("image") });
    assert.deepEqual(packages.map(({ name }) => name), DEBIAN_PACKAGES);
    return { root, bytes, [Symbol.asyncDispose]: remove };
  } catch (thrown) {
    await remove();
    if (!(thrown instanceof Unavailable)) throw thrown;
    return note(`not tried here: ${thrown.message}`) as undefined;
  }
}

const PATH = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };

/** Mounts what a pod mounts, makes all else read-only, drops every right, and becomes the program. */
function inside(
  root: string,
  how: { readonly mounts: Readonly<Record<string, string>>; readonly command: readonly string[] },
): readonly string[] {
  const steps = [
    `mount --bind "${root}" "${root}"`,
    ...Object.entries(how.mounts).map(([at, from]) =>
      `mount --bind -o ro "${from}" "${root}/${at}"`
    ),
    `mount -t proc proc "${root}/proc"`,
    `mount -o remount,ro,bind "${root}"`,
    `exec chroot --userspec=${USER_ID}:${USER_ID} "${root}" "$@"`,
  ];
  const script = `set -e; ${steps.join("; ")}`;
  return ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh", ...how.command];
}

/** Starts a program in the image. Signals are its own: it became another user, whom the end of no parent takes along. */
function startedInside(
  root: string,
  how: Parameters<typeof inside>[1] & { readonly env: Readonly<Record<string, string>> },
): Started {
  const starter = started("unshare", { args: inside(root, how), env: how.env });
  const end = async (signal: Deno.Signal) => {
    Deno.kill(await childOf(starter.pid), signal);
    return await starter.ended;
  };
  return {
    ...starter,
    end,
    [Symbol.asyncDispose]: async () => void (starter.hasEnded() || await end("SIGKILL")),
  };
}

binaryTest(
  "the image is small, has the program under its three names, and no shell",
  async (path) => {
    await using built = await image(path);
    if (built === undefined) return;
    const { size } = await Deno.stat(`${built.root}/longshore`);
    note(
      `the image: ${(built.bytes / 1e6).toFixed(0)} MB, of it ${
        (size / 1e6).toFixed(0)
      } MB the program`,
    );
    assert.ok(built.bytes - size < BASE_MB * 1e6);
    for (const name of PROGRAMS) {
      const { code, out } = await outcomeOf(
        "unshare",
        inside(built.root, { mounts: {}, command: [`/${name}`, "--help"] }),
        PATH,
      );
      assert.equal(code, 0);
      assert.match(
        out,
        name === "longshore"
          ? /Usage: longshore MODE/
          : /Usage: longshore (controller-manager|listener)/,
      );
    }
    const shell = await outcomeOf(
      "unshare",
      inside(built.root, { mounts: {}, command: ["/bin/sh"] }),
      PATH,
    );
    assert.match(shell.err, /No such file or directory/);
  },
);

binaryTest(
  "/manager serves in the image: PID 1, no rights, read-only root, SIGTERM ends it with 0",
  async (path) => {
    await using built = await image(path);
    if (built === undefined) return;
    await using pods = await podWorld();
    await Deno.chmod(pods.identity, 0o755);
    const health = `127.0.0.1:${freePort()}`;
    await using manager = startedInside(built.root, {
      mounts: { [IDENTITY]: pods.identity },
      command: ["/manager", ...pods.args, `--health-probe-bind-address=${health}`],
      env: pods.env,
    });
    await eventually("readiness", async () => {
      assert.ok(!manager.hasEnded());
      const response = await fetch(`http://${health}/readyz`).catch(() => undefined);
      await response?.body?.cancel();
      return response?.status === 200 ? true : undefined;
    });
    const pid = await childOf(manager.pid);
    const { out } = await outcomeOf("cat", [`/proc/${pid}/status`]);
    assert.match(out, new RegExp(`^Uid:\\s+${USER_ID}\\s+${USER_ID}\\b`, "m"));
    assert.match(out, /^CapEff:\s+0+$/m);
    assert.equal((await manager.end("SIGTERM")).code, 0);
  },
);

binaryTest(
  "/ghalistener starts in the image with nothing but its variable and its document",
  async (path) => {
    await using built = await image(path);
    if (built === undefined) return;
    await using layout = await layOut();
    const { folder } = layout.places;
    await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify({ configure_url: "" }));
    const mounts = { "etc/gha-listener": folder };
    const env = { ...PATH, LISTENER_CONFIG_PATH: "/etc/gha-listener/config.json" };
    const { code, out } = await outcomeOf(
      "unshare",
      inside(built.root, { mounts, command: ["/ghalistener"] }),
      env,
    );
    assert.equal(code, 2);
    assert.match(out, /GitHubConfigUrl is not provided/);
  },
);

binaryTest(
  "both programs run jobs in the image, with what their pods give them and nothing else",
  async (path) => {
    await using built = await image(path);
    if (built === undefined) return;
    const listener = (onStart: (process: Started) => void): Program => async (run) => {
      await outcomeOf("chmod", ["-R", "a+rX", run.root], PATH); // a pod has other means
      const mounts = {
        "etc/gha-listener": `${run.root}/etc/gha-listener`,
        [IDENTITY]: `${run.root}/${IDENTITY}`,
      };
      const command = ["/ghalistener"];
      const child = startedInside(built.root, { mounts, command, env: run.env });
      onStart(child);
      return await untilItEnds(child, run);
    };
    await using pods = await podWorld({ listener });
    await Deno.chmod(pods.identity, 0o755);
    await applyExample(pods.world);
    const mounts = { [IDENTITY]: pods.identity };
    await using _manager = startedInside(built.root, {
      mounts,
      command: ["/manager", ...pods.args],
      env: pods.env,
    });
    await untilListening(pods.world);
    await runJobs(pods.world, 5);
    assert.equal(pods.world.github.calls.deletesession, 0);
    assert.equal((await pods.listeners[0]?.end("SIGTERM"))?.code, 0);
    assert.equal(pods.world.github.calls.deletesession, 1);
  },
);
