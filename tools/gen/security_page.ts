/**
 * The tables of `docs/security.md`, from what the modes themselves compute for a typical configuration, and from the
 * profiles that binaries are compiled with. The words around them are the page's own.
 */
import { parseFlags } from "../../lib/flags.ts";
import { environmentNames } from "../../modes/environment.ts";
import type { ModeName } from "../../modes/invocation.ts";
import { type Mode, MODES } from "../../modes/mode.ts";
import { givenUpOnceUp, POWERS } from "../../modes/powers.ts";
import { DENIED_HOSTS, profiles } from "../compile/profiles.ts";
import type { Generator } from "./generator.ts";

const PAGE = "docs/security.md";

/** What a pod gives to every mode, as the charts render it. */
const POD = {
  KUBERNETES_SERVICE_HOST: "10.96.0.1",
  KUBERNETES_SERVICE_PORT: "443",
  CONTROLLER_MANAGER_POD_NAMESPACE: "arc-systems",
  CONTROLLER_MANAGER_CONTAINER_IMAGE: "longshore",
  LISTENER_CONFIG_PATH: "/etc/gha-listener/config.json",
};

/** A listener's document, as far as a sandbox is concerned. */
const DOCUMENT = JSON.stringify({
  configure_url: "https://github.com/my-org",
  metrics_addr: ":8080",
});

const ROWS: readonly { readonly mode: ModeName; readonly args: readonly string[] }[] = [
  { mode: "controller-manager", args: ["--health-probe-bind-address=:8081"] },
  { mode: "controller-manager", args: ["--allowed-github-hosts=ghes.example.com"] },
  { mode: "listener", args: [] },
  { mode: "doctor", args: [] },
  { mode: "explain", args: ["set", "linux"] },
];

export const securityPage: Generator = {
  what: "what each mode may do",
  async files(root) {
    const text = await Deno.readTextFile(new URL(PAGE, root));
    const parts = { sandboxes: sandboxTable(), builds: buildTable(), environment: environment() };
    const filled = Object.entries(parts).reduce(
      (page, [name, part]) => replacedPart(page, { name, part }),
      text,
    );
    return [{ path: PAGE, text: filled }];
  },
};

/** `page` with new text between the marks of that name. Throws when the marks are not there. */
export function replacedPart(
  page: string,
  { name, part }: { readonly name: string; readonly part: string },
): string {
  const start = `<!-- ${name}: written by "deno task gen" -->\n`;
  const end = `\n<!-- ${name}: end -->`;
  const [before, rest = ""] = page.split(start);
  const after = rest.split(end)[1];
  if (after === undefined) throw new Error(`${PAGE} has no marks for "${name}"`);
  return `${before}${start}\n${part}\n${end}${after}`;
}

function sandboxTable(): string {
  return aligned(
    ["mode", "connects to, listens on", "reads", "its starter keeps"],
    ROWS.map(({ mode: name, args }) => {
      const mode = MODES[name] as Mode<unknown>;
      const parsed = parseFlags(mode.flags, { args, env: POD, maxRest: 2 });
      const config = { ...parsed.config as object, ...mode.words?.read(parsed.rest) };
      const sandbox = mode.sandbox(config);
      if (sandbox === undefined) throw new Error(`${name} has no sandbox`);
      const { growth = "never" } = sandbox;
      const more = mode.document?.allows(DOCUMENT, config);
      const net = sandbox.net === "any" ? [] : [...new Set([...sandbox.net, ...more?.net ?? []])];
      const given = givenUpOnceUp({ growth, plugin: "none" });
      const kept = POWERS.filter((power) => !given.includes(power));
      const flags = args.filter((arg) => /allowed/.test(arg)).map((flag) => ` \`${flag}\``);
      return [
        `\`${name}\`${flags.join("")}`,
        sandbox.net === "any" ? "any host but those refused always" : words(net),
        words([...sandbox.read, ...more?.read ?? []]),
        kept.length === 0 ? "nothing" : words(kept),
      ];
    }),
  );
}

function buildTable(): string {
  const rows = Object.values(profiles()).map(({ name, summary, permissions }) => [
    `\`${name}\``,
    summary,
    words(permissions.map((flag) => flag.replace(/^(--allow-env)=.*/, "$1=…"))),
  ]);
  return aligned(["build", "what for", "permissions of the whole program"], rows);
}

function environment(): string {
  return [
    ...environmentNames().map((name) => `- \`${name}\``),
    "",
    "Refused always:",
    "",
    ...DENIED_HOSTS
      .map((host) => `- \`${host}\``),
  ].join("\n");
}

function words(all: readonly string[]): string {
  return all.map((word) => `\`${word}\``).join(", ");
}

/** A Markdown table as the formatter leaves it. */
function aligned(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) =>
    Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0))
  );
  const line = (cells: readonly string[], fill: string) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0, fill)).join(" | ")} |`;
  return [line(head, " "), line(head.map(() => "---"), "-"), ...rows.map((row) => line(row, " "))]
    .join("\n");
}
