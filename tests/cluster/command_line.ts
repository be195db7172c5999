/** The program as a person starts it, in a process of its own, beside a real cluster. Knows processes and files, no story. */
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";
import type { Facts } from "./facts.ts";
import { freePort } from "./processes.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Nobody listens there: no runner set of these tests is ever served. */
const NO_GITHUB = "github.com=http://127.0.0.1:1024";

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  /** Status and text of `/readyz`; what went wrong while nobody answers. */
  ready(): Promise<string>;
  /** Nothing once it has ended. */
  signal(name: Deno.Signal): void;
  readonly ended: Promise<Outcome>;
}

/** `longshore controller-manager` with these flags, and those without which no test wants it. */
export function controllerManager(namespace: string, flags: readonly string[]): Running {
  const port = freePort();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "main.ts",
      "controller-manager",
      `--namespace=${namespace}`,
      "--image=longshore:test",
      "--metrics-addr=0",
      `--health-probe-bind-address=127.0.0.1:${port}`,
      `--github-hosts=${NO_GITHUB}`,
      ...flags,
    ],
    cwd: ROOT,
    env: { KUBECONFIG: "", KUBERNETES_SERVICE_HOST: "", NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let hasEnded = false;
  const ended = child.output().then(({ code, stdout, stderr }) => {
    hasEnded = true;
    return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
  });
  return {
    ready: async () => {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/readyz`);
        return `${response.status} ${(await response.text()).trim()}`;
      } catch (thrown) {
        return String(thrown);
      }
    },
    signal: (name) => {
      if (!hasEnded) child.kill(name);
    },
    ended,
  };
}

/** Waits until `/readyz` says something that matches. */
export async function readiness(
  running: Running,
  words: RegExp,
): Promise<string> {
  return await eventually(`/readyz to say ${words}`, async () => {
    const text = await running.ready();
    return words.test(text) ? text : undefined;
  });
}

/** Asks to end as Kubernetes does. */
export async function terminated(running: Running): Promise<Outcome> {
  running.signal("SIGTERM");
  return await running.ended;
}

/** Runs kubectl as the administrator; throws what it said when it fails. */
export async function kubectl(facts: Facts, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(facts.assets.kubectl, {
    args: [`--kubeconfig=${facts.kubeconfig}`, ...args],
    cwd: ROOT,
    stdin: "null",
  }).output();
  if (success) return new TextDecoder().decode(stdout).trim();
  const said = `${new TextDecoder().decode(stderr)}${new TextDecoder().decode(stdout)}`;
  throw new Error(`kubectl ${args.join(" ")}: ${said}`);
}
