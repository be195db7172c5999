import assert from "node:assert/strict";
import { main } from "../../../main.ts";
import type { Figures } from "../../../modes/dev/figures.ts";
import { Sink } from "../sink.ts";

async function dev(...args: string[]) {
  const [out, err] = [new Sink(), new Sink()];
  const call = { programPath: "longshore", env: {}, out, err };
  const code = await main({ ...call, args: ["dev", ...args] });
  return { code, out: out.text, err: err.text };
}

Deno.test("the example's jobs are done, its runners are gone, and the figures say so", async () => {
  const { code, out, err } = await dev("--jobs", "5", "--job-duration", "10ms", "-o", "json");
  assert.equal(code, 0, err);
  const figures: Figures = JSON.parse(out);
  assert.deepEqual(figures.jobs, { queued: 5, succeeded: 5, failed: 0, canceled: 0, lost: 0 });
  assert.equal(figures.runners.left, 0);
  assert.ok(figures.runners.peak >= 5);
  assert.equal(typeof figures.latencyMs.queuedToStarted.p99, "number");
  assert.equal(typeof figures.latencyMs.finishedToSlotFree.p50, "number");
  assert.ok((figures.kubernetes.callsPerRunner["create pods"] ?? 0) >= 1);
  assert.ok((figures.github.callsPerRunner["generatejitconfig"] ?? 0) >= 1);
});

Deno.test("a Secret that the manifests lack is refused before anything starts", async () => {
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(
    file,
    [
      "apiVersion: actions.github.com/v1alpha1",
      "kind: AutoscalingRunnerSet",
      "metadata: {name: set}",
      "spec: {githubConfigUrl: https://github.com/org, githubConfigSecret: none}",
    ].join("\n"),
  );
  const { code, out, err } = await dev("-f", file);
  await Deno.remove(file);
  assert.equal(code, 2);
  assert.match(err, /expected a Secret of that name in namespace "default" among the manifests\n$/);
  assert.equal(out, "");
});
