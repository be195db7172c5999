/** The commands that our pages for users tell to type, typed as they are written, in the order of an installation's life. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { definitions, plainInstall } from "../../../tools/release/charts.ts";
import { programPath } from "../../chart/chart_test_case.ts";
import { hasSession } from "../../journeys/invariants.ts";
import { kubectl } from "../command_line.ts";
import { eventually } from "../eventually.ts";
import type { Facts } from "../facts.ts";
import { installTest, openInstalled, RUNNERS, SYSTEM } from "./installed_stage.ts";
import { commandsOf, openShell, type Shell } from "./typed.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

/**
 * What wants a kubelet's streams, GitHub itself, the files of a release or somebody who ends it. `tests/binary/` has the
 * modes, the sums and the level of the log.
 */
const ELSEWHERE = /port-forward|log-level|kubectl exec|^gh |^sha256sum|^longshore (version|contr)/;
const DEPLOYMENT = "deployment/arc-gha-rs-controller";
/** What finds something wrong, or knows nobody of that name, ends with 1. */
const ANSWER = [0, 1];

installTest(
  "[real] pages: what install, operate, troubleshooting, doctor, explain and upgrade tell to type does what it says",
  async (facts) => {
    await using installed = await openInstalled(facts, { max: 3, listenersAre: "isolated" });
    const { stage } = installed;
    await kubectl(facts, "delete", "namespace", RUNNERS, "--wait");
    await using shell = await openShell(facts, {
      context: "production",
      githubHosts: `github.com=${stage.githubUrl}`,
    });
    const install = commandsOf("install.md");
    const first = install.findIndex((command) => command.startsWith("helm uninstall"));
    assert.ok(first > 0);
    await typed(shell, install.slice(0, first));
    await stage.until("a session is open", () => hasSession(stage));
    const pages = ["operate.md", "troubleshooting.md", "doctor.md", "explain.md"];
    const questions = pages.flatMap(commandsOf).filter((command) => !ELSEWHERE.test(command));
    assert.ok(questions.length > 8, questions.join("\n"));
    for (const question of new Set(questions)) {
      const said = await shell.type(question, question.startsWith("longshore") ? ANSWER : [0]);
      // Other names are examples: nobody has them here.
      if (/longshore (doctor|explain set my-runners)/.test(question)) assert.match(said, /^[✓✗{]/);
    }
    await Deno.writeTextFile(`${shell.folder}/crds.yaml`, await definitions(ROOT));
    await typed(shell, commandsOf("upgrade.md").filter((one) => !one.includes("install.yaml")));
    await stage.until("a session is open", () => hasSession(stage));
    // Not for good: the other tests of this control plane need the definitions.
    await typed(
      shell,
      install.slice(first).map((one) =>
        one.startsWith("kubectl delete") ? `${one} --dry-run=server` : one
      ),
    );
    await kubectl(facts, "label", "namespace", SYSTEM, "pod-security.kubernetes.io/enforce-");
    // The person's own, made by hand.
    await kubectl(facts, "delete", "secret", "github", `--namespace=${RUNNERS}`);
    await installed.untilNothingInstalled();
  },
);

installTest(
  "[real] pages: install.yaml of a release is applied as upgrade.md says, and its controller runs",
  async (facts) => {
    await using installed = await openInstalled(facts, { max: 3 });
    await using shell = await openShell(facts, { context: "production", githubHosts: "" });
    const crds = await definitions(ROOT);
    await Deno.writeTextFile(
      `${shell.folder}/install.yaml`,
      await plainInstall(programPath("helm"), { root: ROOT, crds }),
    );
    const [command] = commandsOf("upgrade.md").filter((one) => one.includes("install.yaml"));
    await typed(shell, [command ?? "false"]);
    // A test reaches this machine only, and gives its programs no more.
    const hosts = `LONGSHORE_GITHUB_HOSTS=github.com=${installed.stage.githubUrl}`;
    await kubectl(facts, "set", "env", `--namespace=${SYSTEM}`, DEPLOYMENT, hosts);
    await eventually("a controller", () => available(facts));
  },
);

async function typed(shell: Shell, commands: readonly string[]): Promise<void> {
  for (const command of commands.filter((one) => !ELSEWHERE.test(one))) {
    await shell.type(command.replace("ghp_…", "ghp_example"));
  }
}

async function available(facts: Facts): Promise<true | undefined> {
  const count = await kubectl(
    facts,
    "get",
    DEPLOYMENT,
    `--namespace=${SYSTEM}`,
    "-o=jsonpath={.status.availableReplicas}",
  );
  return count === "1" ? true : undefined;
}
