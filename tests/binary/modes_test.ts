/** The compiled product at work: it simulates, serves a simulated cluster, answers to ARC's names, starts and ends well. */
import assert from "node:assert/strict";
import { MODE_NAMES } from "../../modes/invocation.ts";
import { eventually } from "../cluster/eventually.ts";
import { freePort } from "../cluster/processes.ts";
import { binaryTest } from "./binary_test_case.ts";
import { podWorld } from "./pod_world.ts";
import { childOf, memoryMiB, note, outcomeOf, started } from "./process.ts";

/** What it takes by `docs/memory.md`, and a fifth. */
const CONTROLLER_MIB = 112;

binaryTest("version names the release, the commit and the runtime", async (path) => {
  for (const name of ["desktop", "image"] as const) {
    const { code, out } = await outcomeOf(path(name), ["version"]);
    assert.equal(code, 0);
    assert.match(out, /^longshore \d+\.\d+\.\d+ \(commit ([0-9a-f]{40}|unknown), Deno [\d.]+\)\n$/);
  }
});

binaryTest("every word has its help", async (path) => {
  for (const word of [...MODE_NAMES, "completion", "version"]) {
    const { code, out, err } = await outcomeOf(path("image"), [word, "--help"]);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, new RegExp(`\\nUsage: longshore ${word}\\b[^]*\\nExamples:\\n`));
  }
});

binaryTest("completion is printed for each shell", async (path) => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, out } = await outcomeOf(path("image"), ["completion", shell]);
    assert.equal(code, 0);
    assert.ok(out.includes("controller-manager"), shell);
  }
});

binaryTest("dev --jobs 20 --until-idle runs every job and leaves nothing", async (path) => {
  const { code, out, err } = await outcomeOf(path("desktop"), [
    "dev",
    "--jobs=20",
    "--job-duration=200ms",
    "--until-idle",
    "--output=json",
  ]);
  assert.equal(code, 0, err);
  const figures = JSON.parse(out.slice(out.indexOf("{")));
  assert.deepEqual([figures.jobs.queued, figures.jobs.succeeded], [20, 20]);
  assert.equal(figures.runners.left, 0);
});

binaryTest("the image's binary says in a sentence that it does not simulate", async (path) => {
  const { code, err } = await outcomeOf(path("image"), ["dev"]);
  assert.equal(code, 2);
  assert.match(
    err,
    /^dev keeps files on disk, and this build may write none: use the program of a release/,
  );
});

binaryTest(
  "a link named manager takes ARC's arguments, one named ghalistener ARC's environment",
  async (path) => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.symlink(path("image"), `${folder}/manager`);
      await Deno.symlink(path("image"), `${folder}/ghalistener`);
      const manager = await outcomeOf(`${folder}/manager`, ARC_ARGUMENTS, ARC_ENVIRONMENT);
      assert.equal(manager.code, 1, manager.err); // there is no service account
      assert.match(manager.out, /this is no pod with a service account/);
      assert.match(manager.err, /^Warning: .*--update-strategy.* accepted for ARC's sake/);
      const listener = await outcomeOf(`${folder}/ghalistener`, [], {
        LISTENER_CONFIG_PATH: `${folder}/config.json`,
      });
      assert.equal(listener.code, 2);
      assert.match(listener.err, /Cannot read the listener's configuration/);
      const bare = await outcomeOf(path("image"), ARC_ARGUMENTS, ARC_ENVIRONMENT);
      assert.match(bare.out, /this is no pod with a service account/);
      const nothing = await outcomeOf(path("image"), [], { LISTENER_CONFIG_PATH: `${folder}/x` });
      assert.match(nothing.err, /Cannot read the listener's configuration/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

binaryTest("a wrong flag is refused in one line, exit code 2", async (path) => {
  const { code, err } = await outcomeOf(path("image"), ["listener", "--confg=x"]);
  assert.equal(code, 2);
  assert.match(err, /^Unknown flag "--confg": did you mean --config\?\n$/);
});

binaryTest(
  "the controller becomes ready, is small, and ends with 0 on SIGTERM",
  async (path) => {
    await using world = await podWorld();
    const health = `127.0.0.1:${freePort()}`;
    const startedMs = performance.now();
    await using process = started(path("image"), {
      args: [
        "controller-manager",
        ...world.args,
        `--service-account-dir=${world.identity}`,
        `--health-probe-bind-address=${health}`,
      ],
      env: world.env,
    });
    await eventually("readiness", async () => {
      const response = await fetch(`http://${health}/readyz`).catch(() => undefined);
      const text = await response?.text();
      return response?.status === 200 ? text : undefined;
    });
    const ms = performance.now() - startedMs;
    const { all: rss } = await memoryMiB(process.pid);
    note(`controller-manager: ready in ${ms.toFixed(0)} ms, ${rss.toFixed(0)} MiB resident`);
    assert.ok(rss < CONTROLLER_MIB, `${rss} MiB resident`);
    assert.deepEqual(await process.end("SIGTERM"), { code: 0, signal: null });
  },
);

binaryTest(
  "while it runs the level of its log and the token of its metrics change, and metrics are of this process",
  async (path) => {
    await using world = await podWorld();
    const [health, metrics] = [`127.0.0.1:${freePort()}`, `127.0.0.1:${freePort()}`];
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/token`, "first\n");
    await using process = started(path("image"), {
      args: [
        "controller-manager",
        ...world.args,
        `--service-account-dir=${world.identity}`,
        `--health-probe-bind-address=${health}`,
        `--metrics-addr=${metrics}`,
        `--metrics-token-file=${folder}/token`,
      ],
      env: world.env,
    });
    const asked = async (url: string, init: RequestInit = {}) => {
      const response = await fetch(`http://${url}`, init).catch(() => undefined);
      return { status: response?.status, text: await response?.text() ?? "" };
    };
    await eventually(
      "readiness",
      async () => (await asked(`${health}/readyz`)).status === 200 || undefined,
    );
    const level = `${health}/log-level`;
    assert.equal((await asked(level)).text, "info\n");
    assert.equal((await asked(level, { method: "PUT", body: "debug" })).status, 200);
    assert.equal((await asked(level)).text, "debug\n");
    assert.equal((await asked(level, { method: "PUT", body: "loud" })).status, 400);
    const scraped = (token: string) =>
      asked(`${metrics}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal((await asked(`${metrics}/metrics`)).status, 401);
    const { text } = await scraped("first");
    const [, rss] = /^process_resident_memory_bytes (\d+)$/m.exec(text) ?? [];
    const { all } = await memoryMiB(process.pid);
    assert.ok(Math.abs(Number(rss) / 2 ** 20 - all) < 40, `${rss} bytes, ${all} MiB`);
    await Deno.writeTextFile(`${folder}/token`, "second\n");
    assert.deepEqual([(await scraped("first")).status, (await scraped("second")).status], [
      401,
      200,
    ]);
    assert.deepEqual(await process.end("SIGTERM"), { code: 0, signal: null });
    await Deno.remove(folder, { recursive: true });
  },
);

binaryTest("as PID 1 it ends with 0 on SIGTERM", async (path) => {
  await using world = await podWorld();
  const health = `127.0.0.1:${freePort()}`;
  const inside = ["--pid", "--fork", "--kill-child", path("image")];
  await using process = started("unshare", {
    args: [
      ...inside,
      "controller-manager",
      ...world.args,
      `--service-account-dir=${world.identity}`,
      `--health-probe-bind-address=${health}`,
    ],
    env: world.env,
  });
  const state = await eventually("readiness, or a refusal to be PID 1", async () => {
    if (process.hasEnded()) return "not permitted";
    const response = await fetch(`http://${health}/readyz`).catch(() => undefined);
    await response?.body?.cancel();
    return response?.status === 200 ? "ready" : undefined;
  });
  if (state !== "ready") return note("unshare --pid is not permitted here: not tried");
  const child = await childOf(process.pid);
  Deno.kill(child, "SIGTERM");
  assert.equal((await process.ended).code, 0);
});

/** As ARC's chart 0.14.2 starts its manager, and a flag of its older mode. */
const ARC_ARGUMENTS = [
  "--auto-scaling-runner-set-only",
  "--log-level=debug",
  "--log-format=text",
  "--runner-max-concurrent-reconciles=2",
  "--update-strategy=immediate",
  "--listener-metrics-addr=0",
  "--listener-metrics-endpoint=",
  "--metrics-addr=0",
];

const ARC_ENVIRONMENT = {
  CONTROLLER_MANAGER_CONTAINER_IMAGE: "image",
  CONTROLLER_MANAGER_POD_NAMESPACE: "arc-systems",
  KUBERNETES_SERVICE_HOST: "127.0.0.1",
};
