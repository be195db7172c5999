/**
 * A shell in which the commands of our pages do what they say: `kubectl`, `helm` and `longshore` reach the control plane of
 * the tests, and our registry's charts are those of the repository. Knows how commands are found in a page and typed.
 */
import { fileURLToPath } from "node:url";
import { programPath } from "../../chart/chart_test_case.ts";
import type { Facts } from "../facts.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

/** Commands of a page's shell blocks, in their order, continued lines joined, without comments. */
export function commandsOf(page: string): readonly string[] {
  const text = Deno.readTextFileSync(`${ROOT}/docs/${page}`);
  return text.matchAll(/^( *)```sh\n(.*?)^\1```/gms).flatMap(([, , block = ""]) =>
    block.replaceAll(/\\\n\s*/g, " ").split("\n").map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"))
  ).toArray();
}

export interface Shell extends AsyncDisposable {
  /** Where commands are typed. */
  readonly folder: string;
  /** What the command printed. Throws with all that it said when its exit code is none of `codes`, by default 0. */
  type(command: string, codes?: readonly number[]): Promise<string>;
}

export interface ShellOptions {
  /** Of the kubeconfig's only context. */
  readonly context: string;
  /** Value of `--github-hosts`, which the simulated world needs besides what a page says. */
  readonly githubHosts: string;
}

export async function openShell(facts: Facts, options: ShellOptions): Promise<Shell> {
  const folder = await Deno.makeTempDir({ dir: facts.folder, prefix: "typed-" });
  const programs = `${folder}/.programs`;
  await Deno.mkdir(programs);
  const config = JSON.parse(await Deno.readTextFile(facts.kubeconfig));
  config.contexts[0].name = options.context;
  config["current-context"] = options.context;
  await Deno.writeTextFile(`${folder}/.kubeconfig`, JSON.stringify(config));
  const put = (name: string, lines: readonly string[]) =>
    Deno.writeTextFile(`${programs}/${name}`, ["#!/bin/sh", ...lines, ""].join("\n"), {
      mode: 0o755,
    });
  await put("kubectl", [`exec "${facts.assets.kubectl}" "$@"`]);
  await put("longshore", [`exec "${Deno.execPath()}" run -A "${ROOT}/main.ts" "$@"`]);
  await put("helm", [
    "for word do",
    "  shift",
    `  case "$word" in oci://ghcr.io/longshore/charts/*) word="${ROOT}/chart/\${word##*/}" ;; esac`,
    '  set -- "$@" "$word"',
    "done",
    '[ "$1" != pull ] || exec cp -r "$2" .',
    `case "$*" in "install arc "*) set -- "$@" '--set-json=extraArgs=["--github-hosts=${options.githubHosts}"]' ;; esac`,
    `exec "${programPath("helm")}" "$@"`,
  ]);
  return {
    folder,
    type: async (command, codes = [0]) => {
      const { code, stdout, stderr } = await new Deno.Command("sh", {
        args: ["-c", command],
        cwd: folder,
        env: {
          PATH: `${programs}:${Deno.env.get("PATH") ?? ""}`,
          KUBECONFIG: `${folder}/.kubeconfig`,
          LONGSHORE_GITHUB_HOSTS: options.githubHosts,
          // Nothing of the person who runs the tests: no repositories, no plugins.
          HELM_CONFIG_HOME: `${folder}/.helm`,
          HELM_CACHE_HOME: `${folder}/.helm`,
          HELM_DATA_HOME: `${folder}/.helm`,
        },
        stdin: "null",
      }).output();
      const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      if (codes.includes(code)) return out ?? "";
      throw new Error(`${command}\nended with ${code}:\n${out}${err}`);
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
