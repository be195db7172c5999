/** The health check for Argo CD that docs/install.md shows, run by the interpreter that Argo CD has. */
import assert from "node:assert/strict";
import { parseDocuments } from "../../lib/yaml.ts";
import { asked, luaTest } from "./chart_test_case.ts";

const PAGE = Deno.readTextFileSync(new URL("../../docs/install.md", import.meta.url));
const KEY = "resource.customizations.health.actions.github.com_AutoscalingRunnerSet";

function script(): string {
  const blocks = PAGE.matchAll(/```yaml\n([\s\S]*?)```/g).map(([, block = ""]) => block);
  const [block] = blocks.filter((text) => text.includes(KEY));
  const [document] = parseDocuments(block ?? "", "install.md");
  return (document?.value as { data: Record<string, string> }).data[KEY] ?? "";
}

function ready(status: string) {
  return [{ type: "Registered", status: "True" }, { type: "Ready", status, message: "why" }];
}

const ROWS: readonly {
  readonly when: string;
  readonly status?: unknown;
  readonly health: "Healthy" | "Degraded" | "Progressing";
}[] = [
  { when: "nothing is known", health: "Progressing" },
  {
    when: "the last change was not seen",
    status: { observedGeneration: 1, conditions: ready("True") },
    health: "Progressing",
  },
  {
    when: "it is ready",
    status: { observedGeneration: 2, conditions: ready("True") },
    health: "Healthy",
  },
  {
    when: "it is not ready",
    status: { observedGeneration: 2, conditions: ready("False") },
    health: "Degraded",
  },
  { when: "ARC's controller says that it runs", status: { phase: "Running" }, health: "Healthy" },
];

for (const { when, status, health } of ROWS) {
  luaTest(`Argo CD shows a runner set as ${health} when ${when}`, async () => {
    const object = { metadata: { generation: 2 }, ...(status !== undefined && { status }) };
    const answer = await asked("lua", { script: script(), object }) as Record<string, string>;
    assert.equal(answer["status"], health);
    assert.ok(answer["message"]);
  });
}
