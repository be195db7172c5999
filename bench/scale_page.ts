/** `docs/scale.md`: what the scale scenarios of a run say. Pure. */
import type { RunFigures } from "./figures.ts";
import { noiseSentence, table, writes } from "./table.ts";

/** `undefined` for a run that did not measure scale. */
export function scalePage(run: RunFigures): string | undefined {
  const measured = run.scenarios.filter(({ scale }) => scale !== undefined);
  if (measured.length === 0) return undefined;
  const rows = measured.map((one) => {
    const { runnersEach = 0, createS = NaN, cleanS = NaN } = one.scale ?? {};
    const memory = one.processes.find(({ role }) => role === "controller")?.memory;
    const reads = one.calls.filter(({ client, verb }) =>
      client === "controller" && ["get", "list"].includes(verb)
    ).reduce((sum, { count }) => sum + count, 0);
    const wanted = one.sets * runnersEach;
    return [
      String(one.sets),
      String(runnersEach),
      createS.toFixed(1),
      cleanS.toFixed(1),
      (wanted / createS).toFixed(1),
      String(Math.round(memory?.idle ?? NaN)),
      String(Math.round(memory?.peak ?? NaN)),
      (writes(one.calls, "controller") / wanted).toFixed(2),
      (reads / wanted).toFixed(2),
    ];
  });
  return `# Scale

Measured against a real kube-apiserver and etcd, with simulated nodes, runners and GitHub beside them on the same
machine: everything shares its cores, so times say more about the machine than about Longshore.

- Command: \`${run.command}\`
- Machine: ${run.machine}
- Day: ${run.startedAt.slice(0, 10)}
- ${noiseSentence(run)}

${
    table([
      "sets",
      "runners each",
      "create (s)",
      "clean (s)",
      "runners/s",
      "controller idle (MiB)",
      "controller peak (MiB)",
      "writes/runner",
      "reads/runner",
    ], rows)
  }

Create: from \`minRunners\` being raised until every runner is online at GitHub. Clean: from its being lowered to 0 until
no EphemeralRunner is left. Calls are those of the controller alone, counted from the API server's audit log.
`;
}
