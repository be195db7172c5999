/** `doctor` and `explain` as they are started: in their sandbox, with a kubeconfig, over real HTTPS. */
import assert from "node:assert/strict";
import { KINDS } from "../../../crds/kinds.ts";
import type { KubeObject } from "../../../kube/types.ts";
import { systemClock } from "../../../lib/clock.ts";
import { parseFlags } from "../../../lib/flags.ts";
import { seededRandom } from "../../../lib/random.ts";
import { type Mode, MODES, type Sandbox } from "../../../modes/mode.ts";
import { runInSandbox } from "../../../modes/sandbox.ts";
import { startMode } from "../../../modes/start.ts";
import { startWorld, type World } from "../../../sim/world.ts";
import { setObjects } from "../../journeys/stage.ts";
import { aDeployment, firstLine } from "../installation.ts";
import { kubeconfigText } from "../kubeconfig.ts";
import { Sink } from "../sink.ts";

class Stage implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync();
  world!: World;

  static async open(): Promise<Stage> {
    const stage = new Stage();
    stage.world = await startWorld({
      clock: systemClock,
      random: seededRandom(1),
      at: "loopback",
      controllerRights: { cluster: [], ownNamespace: [] },
    });
    const { api, ca, kubeUrl } = stage.world;
    const user = { token: api.tokenFor("admin") };
    const text = kubeconfigText({ server: kubeUrl, ca, user });
    await Deno.writeTextFile(`${stage.folder}/config`, text);
    return stage;
  }

  async start(name: "doctor" | "explain", ...args: readonly string[]) {
    const mode = MODES[name] as Mode<unknown>;
    const [out, err] = [new Sink(), new Sink()];
    const { config, rest } = parseFlags(mode.flags, {
      args: [
        `--kubeconfig=${this.folder}/config`,
        // Tests may reach this machine only, and give no more to a worker.
        ...(name === "doctor" ? [`--github-hosts=github.com=${this.world.githubUrl}`] : []),
        ...args,
      ],
      maxRest: 2,
    });
    const code = await startMode({
      mode: name,
      config: { ...config as object, ...mode.words?.read(rest) as object },
      signal: new AbortController().signal,
      killed: new AbortController().signal,
      out,
      err,
      giveUp: () => {},
    });
    return { code, out: out.text, err: err.text };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world.stop();
    await Deno.remove(this.folder, { recursive: true });
  }
}

Deno.test("doctor in its sandbox finds what is wrong, exit code 1, and shows no secret", async () => {
  await using stage = await Stage.open();
  const { world } = stage;
  await world.apply([...setObjects({ token: "ghp_hunter2hunter2" }), aDeployment()]);
  const { code, out } = await stage.start("doctor", "--output=json");
  assert.equal(code, 1);
  const report = JSON.parse(out);
  assert.ok(!report.well);
  assert.match(report.first, /cannot .* in the cluster/);
  const ids = Object.fromEntries(
    report.checks.map(({ id, is }: { id: string; is: string }) => [id, is]),
  );
  assert.equal(ids.cluster, "ok");
  assert.equal(ids.clocks, "ok", "real servers tell their time");
  assert.equal(ids.credentials, "ok");
  assert.equal(ids.controller, "wrong");
  assert.ok(!out.includes("hunter2"));
});

Deno.test("doctor asks for the hosts that sets name, and answers once it has them", async () => {
  await using stage = await Stage.open();
  const { githubUrl, kubeUrl } = stage.world;
  await stage.world.apply(setObjects({ url: `${githubUrl}/acme` }));
  const { config } = parseFlags(MODES.doctor.flags, {
    args: [`--kubeconfig=${stage.folder}/config`, "--output=json"],
  });
  const doctor = async (growth: Partial<Sandbox>) => {
    const printed: string[] = [];
    const net = [new URL(kubeUrl).host];
    await runInSandbox({
      mode: "doctor",
      config,
      sandbox: { net, read: [`${stage.folder}/config`], ...growth },
      signal: new AbortController().signal,
      killed: new AbortController().signal,
      onPrint: (text) => printed.push(text),
      onLog: () => {},
      onBug: (message) => assert.fail(message),
    });
    assert.equal(printed.length, 1, "it answers once");
    const { checks } = JSON.parse(printed[0] ?? "");
    return checks.find(({ id }: { id: string }) => id === "github");
  };
  const grown = await doctor({ growth: "asked" });
  assert.equal(grown.is, "ok", JSON.stringify(grown));
  const fixed = await doctor({});
  assert.equal(fixed.is, "wrong");
  assert.match(JSON.stringify(fixed), /outside of the sandbox/);
});

Deno.test("explain in its sandbox tells its story, exit code 0", async () => {
  await using stage = await Stage.open();
  await stage.world.apply(setObjects());
  const { code, out } = await stage.start("explain", "set", "linux");
  assert.equal(code, 0);
  assert.match(firstLine(out), /^✗ "arc-runners\/linux" is held back: No controller has looked/);
  const { out: json } = await stage.start("explain", "job", "4711", "--output=json");
  assert.equal(JSON.parse(json).reasons[0].code, "unserved");
});

Deno.test("explain of what is not there ends with exit code 1 and a sentence", async () => {
  await using stage = await Stage.open();
  const { code, err, out } = await stage.start("explain", "runner", "nobody");
  assert.equal(code, 1);
  assert.equal(out, "");
  assert.match(err, /^There is no runner "nobody" here, and no Event remembers one/);
});

Deno.test("without the definitions both say so", async () => {
  await using stage = await Stage.open();
  const type = {
    group: "apiextensions.k8s.io",
    version: "v1",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    namespaced: false,
  };
  for (const { type: { plural, group } } of KINDS) {
    await stage.world.admin.delete<KubeObject>(type, { namespace: "", name: `${plural}.${group}` });
  }
  const doctor = await stage.start("doctor");
  assert.equal(doctor.code, 1);
  assert.match(firstLine(doctor.out), /^✗ The cluster does not serve AutoscalingListener, /);
  const explain = await stage.start("explain", "set", "linux");
  assert.equal(explain.code, 1);
  assert.match(explain.err, /^No runner set "linux" is among what could be seen\. Not seen: /);
});
