/** The modes that help a person, in their sandboxes, against a real control plane. */
import assert from "node:assert/strict";
import { LEASES, PODS } from "../../kube/resources.ts";
import { parseFlags } from "../../lib/flags.ts";
import { SCHEDULER } from "../../modes/dev/local_listeners.ts";
import type { ModeName } from "../../modes/invocation.ts";
import { type Mode, MODES } from "../../modes/mode.ts";
import { startMode } from "../../modes/start.ts";
import { hasSession } from "../journeys/invariants.ts";
import { queue, results, untilOver } from "../journeys/stories/story.ts";
import { aDeployment, firstLine } from "../modes/installation.ts";
import { Sink } from "../modes/sink.ts";
import { clusterTest } from "./cluster_test_case.ts";
import { openRealStage, type RealStage } from "./real_stage.ts";

const HOME = "arc-runners";

/** A mode as a person starts it, with the administrator's kubeconfig. */
function started(stage: RealStage, name: ModeName, args: readonly string[]) {
  const mode = MODES[name] as Mode<unknown>;
  const [out, err, stop] = [new Sink(), new Sink(), new AbortController()];
  const { config, rest } = parseFlags(mode.flags, {
    args: [`--kubeconfig=${stage.facts.kubeconfig}`, ...args],
    maxRest: 2,
  });
  const ended = startMode({
    mode: name,
    config: { ...config as object, ...mode.words?.read(rest) as object },
    signal: stop.signal,
    killed: new AbortController().signal,
    out,
    err,
    giveUp: () => {},
  });
  return { out, err, ended, stop: () => stop.abort(new DOMException("Ctrl-C", "AbortError")) };
}

async function told(stage: RealStage, name: "doctor" | "explain", ...args: readonly string[]) {
  const hosts = name === "doctor" ? [`--github-hosts=github.com=${stage.githubUrl}`] : [];
  const { out, err, ended } = started(stage, name, [...hosts, ...args]);
  return { code: await ended, text: out.text + err.text };
}

clusterTest(
  "[real] doctor and explain find nothing in a healthy cluster, and the fault in a broken one",
  async ({ facts }) => {
    await using stage = await openRealStage(facts);
    await stage.addSet({ max: 3 });
    const before = await told(stage, "explain", "set", "linux");
    assert.match(firstLine(before.text), /held back: No controller has looked at the runner set/);
    stage.startController(["--listener-metrics-addr=0"]);
    await stage.until("a session is open", () => hasSession(stage));
    const deployment = aDeployment();
    const [manager] = deployment.spec?.template?.spec?.containers ?? [];
    stage.world.kubelet.failImage(manager?.image ?? "");
    await stage.world.apply([deployment]);
    const scaled = await told(stage, "doctor");
    assert.equal(scaled.code, 1);
    assert.match(firstLine(scaled.text), /^✗ Deployment .* has no replica available/);
    const { text } = await told(stage, "explain", "set", "linux");
    assert.match(firstLine(text), /^✓ Nothing holds "arc-runners\/linux" back/);
    await stage.world.admin.delete(
      { group: "apps", version: "v1", kind: "Deployment", plural: "deployments", namespaced: true },
      {
        namespace: deployment.metadata?.namespace ?? "",
        name: deployment.metadata?.name ?? "",
      },
    );
    const healthy = await told(stage, "doctor");
    assert.ok(!healthy.text.includes("✗"), healthy.text);
    assert.equal(healthy.code, 0);
  },
);

clusterTest(
  "[real] dev --kubeconfig serves a namespace from here and leaves nothing of its own",
  async ({ facts }) => {
    await using stage = await openRealStage(facts);
    await stage.addSet({ max: 3 });
    const dev = started(stage, "dev", [
      `--namespace=${HOME}`,
      `--github-hosts=github.com=${stage.githubUrl}`,
    ]);
    await stage.until("a session is open", () => hasSession(stage));
    const second = started(stage, "dev", [`--namespace=${HOME}`]);
    assert.equal(await second.ended, 1);
    assert.match(second.err.text, /^A controller serves namespace "arc-runners" already: .* lease/);
    queue(stage, 3, 20);
    await untilOver(stage);
    assert.deepEqual(results(stage), { succeeded: 3 }, dev.out.text);
    dev.stop();
    assert.equal(await dev.ended, 0, dev.out.text + dev.err.text);
    const fieldSelector = `spec.schedulerName=${SCHEDULER}`;
    assert.deepEqual(await stage.kube.list(PODS, { namespace: HOME, fieldSelector }), []);
    const lease = { namespace: HOME, name: "actions-runner-controller" };
    assert.equal((await stage.kube.get(LEASES, lease))?.spec?.holderIdentity ?? "", "");
    await stage.kube.delete(LEASES, lease);
  },
);
