/**
 * The sandbox of each mode, from inside of a compiled binary. Its main thread is the product's; in place of the mode's
 * worker runs a probe, with the permissions that the product computed for that worker.
 */
import assert from "node:assert/strict";
import { BINARIES, binaryTest } from "./binary_test_case.ts";
import {
  ALLOWED,
  ALLOWED_SERVING,
  type Attempt,
  FORBIDDEN,
  FORBIDDEN_HOSTS,
  FORBIDDEN_POWERS,
  GAPS,
  NO_GAPS,
  type Outcome,
} from "./attempts.ts";
import { type Layout, layOut } from "./layout.ts";

interface ModeRow {
  readonly mode: string;
  readonly args: (layout: Layout) => readonly string[];
  readonly env: (layout: Layout) => Readonly<Record<string, string>>;
  readonly forbidden: readonly Attempt[];
  readonly allowed: readonly Attempt[];
}

const IN_A_POD = ({ kube }: Layout) => ({
  KUBERNETES_SERVICE_HOST: kube.hostname,
  KUBERNETES_SERVICE_PORT: String(kube.port),
});

const MODES: readonly ModeRow[] = [
  {
    mode: "controller-manager",
    args: ({ places }) => [
      "--namespace=arc-systems",
      "--image=longshore",
      `--service-account-dir=${places.folder}`,
      `--metrics-addr=127.0.0.1:${places.listen}`,
    ],
    env: IN_A_POD,
    forbidden: [...FORBIDDEN, ...FORBIDDEN_HOSTS],
    allowed: [...ALLOWED, ...ALLOWED_SERVING],
  },
  {
    mode: "listener",
    args: ({ places }) => [`--service-account-dir=${places.folder}`],
    env: (layout) => ({
      ...IN_A_POD(layout),
      LISTENER_CONFIG_PATH: `${layout.places.folder}/config.json`,
    }),
    forbidden: [...FORBIDDEN, ...FORBIDDEN_HOSTS],
    allowed: [...ALLOWED, ...ALLOWED_SERVING],
  },
  {
    mode: "doctor",
    args: ({ places }) => [`--service-account-dir=${places.folder}`],
    env: IN_A_POD,
    forbidden: [...FORBIDDEN, ...FORBIDDEN_HOSTS],
    allowed: ALLOWED,
  },
  {
    mode: "explain",
    args: ({ places }) => ["set", "linux", `--service-account-dir=${places.folder}`],
    env: IN_A_POD,
    forbidden: [...FORBIDDEN, ...FORBIDDEN_HOSTS],
    allowed: ALLOWED,
  },
];

for (const profile of ["probeImage", "probeDesktop"] as const) {
  for (const row of MODES) {
    binaryTest(
      `${row.mode} in ${
        BINARIES[profile]
      }: everything outside of its sandbox is refused, everything inside works`,
      async (path) => {
        await using layout = await layOut();
        const found = await probed(path(profile), { row, layout });
        assert.deepEqual(wrong(found, { attempts: row.forbidden, wanted: "refused" }), []);
        assert.deepEqual(wrong(found, { attempts: row.allowed, wanted: "done" }), []);
        assert.deepEqual(found.filter((one) => isNoGap(one) && one.outcome === "done"), []);
        assert.deepEqual(await layout.traces(), []);
        if (row.forbidden.includes(FORBIDDEN_HOSTS[0] as Attempt)) {
          assert.equal(layout.otherCalls(), 0);
        }
      },
    );
  }
}

binaryTest("what docs/security.md says cannot be narrowed is still so", async (path) => {
  await using layout = await layOut();
  const found = await probed(path("probeImage"), { row: MODES[0] as ModeRow, layout });
  assert.deepEqual(wrong(found, { attempts: GAPS, wanted: "done" }), []);
  const page = await Deno.readTextFile("docs/security.md");
  for (const { name } of GAPS) {
    assert.ok(page.includes(name), `docs/security.md is silent on: ${name}`);
  }
});

for (const row of MODES.filter(({ mode }) => /controller|listener/.test(mode))) {
  binaryTest(
    `${row.mode}: the thread that started the worker can write, spawn, load and ask nothing any more`,
    async (path) => {
      await using layout = await layOut();
      const found = await probed(path("probeMain"), { row, layout });
      // A later worker may be given more hosts: until then its starter keeps what it would hand on.
      assert.deepEqual(wrong(found, { attempts: FORBIDDEN_POWERS, wanted: "refused" }), []);
    },
  );

  binaryTest(
    `${row.mode} with a fixed list of hosts: the thread that started the worker can do nothing at all any more`,
    async (path) => {
      await using layout = await layOut();
      const fixed = {
        ...row,
        args: (of: Layout) => [...row.args(of), "--allowed-github-hosts=github.com"],
      };
      const found = await probed(path("probeMain"), { row: fixed, layout });
      const all = [...FORBIDDEN, ...FORBIDDEN_HOSTS, ...ALLOWED];
      assert.deepEqual(wrong(found, { attempts: all, wanted: "refused" }), []);
    },
  );
}

binaryTest(
  "a host that a runner set names is added by starting the worker anew, and no metadata service ever",
  async (path) => {
    await using layout = await layOut({
      ask: (
        places,
      ) => [places.otherPort, "169.254.169.254:80", "*.example.com:443", "[fe80::1]:80"],
    });
    const [row] = MODES as [ModeRow];
    const found = await probed(path("probeImage"), { row, layout });
    const state = (name: string) => found.find((one) => one.name === name)?.outcome;
    assert.equal(state("connect to another port"), "done");
    assert.equal(state("connect to another host"), "refused");
    assert.equal(state("connect to the cloud's metadata"), "refused");
  },
);

binaryTest("with --allowed-github-hosts nothing is ever added", async (path) => {
  await using layout = await layOut({ ask: (places) => [places.otherPort], wait: "never" });
  const [row] = MODES as [ModeRow];
  const args = (of: Layout) => [...row.args(of), "--allowed-github-hosts=github.com"];
  const found = await probed(path("probeImage"), { row: { ...row, args }, layout });
  assert.deepEqual(wrong(found, { attempts: row.forbidden, wanted: "refused" }), []);
});

function isNoGap({ name }: Outcome): boolean {
  return NO_GAPS.some((attempt) => attempt.name === name);
}

function wrong(
  found: readonly Outcome[],
  of: { readonly attempts: readonly Attempt[]; readonly wanted: Outcome["outcome"] },
): readonly string[] {
  return of.attempts.flatMap(({ name }) => {
    const one = found.find((outcome) => outcome.name === name);
    return one?.outcome === of.wanted
      ? []
      : [`${name}: ${one?.outcome ?? "not tried"} ${one?.said}`];
  });
}

async function probed(
  program: string,
  of: { readonly row: ModeRow; readonly layout: Layout },
): Promise<readonly Outcome[]> {
  const { row, layout } = of;
  const { stdout, stderr } = await new Deno.Command(program, {
    args: [row.mode, ...row.args(layout)],
    clearEnv: true,
    env: { PROBE_SECRET: "hush", PROBE_PLAN: layout.plan, HOME: "/", ...row.env(layout) },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const line = text(stdout).split("\n").find((line) =>
    line.startsWith("{") && line.includes("outcomes")
  );
  assert.ok(line, `the probe said nothing: ${text(stdout)} ${text(stderr)}`);
  return JSON.parse(line).outcomes;
}
