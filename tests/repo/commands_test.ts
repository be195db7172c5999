/** The commands of `longshore` in the documentation and in help texts are ones that the program understands. */
import assert from "node:assert/strict";
import { CONDITIONS } from "../../controllers/conditions.ts";
import { parseFlags } from "../../lib/flags.ts";
import { invocation } from "../../modes/invocation.ts";
import { type Mode, MODES } from "../../modes/mode.ts";
import { filesBelow, textOf } from "./tree.ts";

const ENV = {
  CONTROLLER_MANAGER_POD_NAMESPACE: "n",
  CONTROLLER_MANAGER_CONTAINER_IMAGE: "i",
  KUBERNETES_SERVICE_HOST: "10.96.0.1",
  LISTENER_CONFIG_PATH: "/etc/x/config.json",
};

const pages = filesBelow("").filter((path) => path.endsWith(".md"));

/** Lines of the pages' shell blocks that call the program, continued lines joined. */
const ofPages = pages.flatMap((page) =>
  textOf(page).matchAll(/^```sh\n(.*?)^```/gms).flatMap(([, block = ""]) =>
    block.replaceAll(/\\\n\s*/g, " ").split("\n").filter((line) => /^longshore\b/.test(line))
      .map((line) => ({ where: page, line }))
  ).toArray()
);
const ofHelp = Object.entries(MODES).flatMap(([where, mode]) =>
  (mode as Mode<unknown>).examples.map(({ command }) => ({
    where: `help of ${where}`,
    line: command,
  }))
);

for (const { where, line } of [...ofPages, ...ofHelp]) {
  Deno.test(`${where}: "${line}" is understood`, () => {
    const words = line.replace(/^.*?\blongshore (?=[a-z])/, "").replace(/\s+#.*$/, "").split(/\s+/);
    const meant = invocation(words, { programPath: "longshore", env: ENV });
    if (meant.do !== "run") return;
    const mode = MODES[meant.mode] as Mode<unknown>;
    const { config, rest } = parseFlags(mode.flags, {
      args: meant.args,
      env: ENV,
      ...(mode.words && { maxRest: Infinity }),
    });
    const whole = { ...config as object, ...mode.words?.read(rest) };
    mode.check?.(whole);
  });
}

Deno.test("every condition is explained to whoever is in trouble", () => {
  const page = textOf("docs/troubleshooting.md");
  for (const type of Object.values(CONDITIONS)) assert.ok(page.includes(`| \`${type}\``), type);
});

Deno.test("every path that is served is told to whoever operates it", () => {
  const page = textOf("docs/operate.md");
  for (const path of ["/metrics", "/healthz", "/readyz", "/log-level"]) {
    assert.ok(page.includes(`| \`${path}\``), path);
  }
});

Deno.test("every alert of the chart is explained to whoever it wakes", () => {
  const page = textOf("docs/metrics.md");
  const alerts = textOf("chart/gha-runner-scale-set-controller/files/alerts.yaml")
    .matchAll(/- alert: (\w+)/g).map(([, name]) => name).toArray();
  assert.ok(alerts.length > 0);
  for (const name of alerts) assert.ok(page.includes(`| \`${name}\``), name);
});
