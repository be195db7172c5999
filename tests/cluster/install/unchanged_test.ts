/** What the charts render is what the API server keeps: applied twice, under GitOps or not, nothing differs. */
import assert from "node:assert/strict";
import { kubectl } from "../command_line.ts";
import { hasSession } from "../../journeys/invariants.ts";
import type { Facts } from "../facts.ts";
import { helmRelease, type Release } from "./helm.ts";
import { installTest, openInstalled, SYSTEM } from "./installed_stage.ts";

const ACCOUNT = { name: "arc-gha-rs-controller", namespace: SYSTEM };
/** Values under which a chart renders all that it can. */
const MUCH = {
  minRunners: 1,
  maxRunners: 3,
  containerMode: { type: "dind" },
  labels: { team: "a" },
  annotations: { note: "b" },
};

installTest(
  "[real] helm template, applied by the server twice, shows no difference before and after the controller worked with it",
  async (facts) => {
    await using installed = await openInstalled(facts, { max: 3 });
    const { stage } = installed;
    const controllerServiceAccount = ACCOUNT;
    const texts = [
      await rendered(facts, installed.controller({ values: { replicaCount: 2 } })),
      await rendered(facts, installed.runnerSet({ values: { ...MUCH, controllerServiceAccount } })),
    ];
    const folder = await Deno.makeTempDir({ dir: facts.folder });
    const file = `${folder}/manifests.yaml`;
    await Deno.writeTextFile(file, texts.join("\n---\n"));
    await serverSide(facts, "apply", file);
    assert.equal(await serverSide(facts, "diff", file), "", "at once");
    await stage.until("a session is open", () => hasSession(stage));
    await stage.until("a runner is there", () => stage.runners().length > 0);
    assert.equal(await serverSide(facts, "diff", file), "", "after the controller's work");
    const again = await serverSide(facts, "apply", file);
    assert.match(again, /serverside-applied/);
    assert.equal(await serverSide(facts, "diff", file), "", "after a second time");
    await kubectl(facts, "delete", "-f", file, "--wait=false");
  },
);

async function rendered(facts: Facts, release: Release): Promise<string> {
  return await helmRelease(facts, ["template", "--kube-version=1.36.0", "--no-hooks"], release);
}

/** Fails when kubectl does; `diff` does so for a difference too, and says it. */
async function serverSide(
  facts: Facts,
  verb: "apply" | "diff",
  file: string,
): Promise<string> {
  return await kubectl(
    facts,
    verb,
    "--server-side",
    "--field-manager=gitops",
    `--filename=${file}`,
  );
}
