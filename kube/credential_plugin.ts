/**
 * Asks a kubeconfig's credential plugin who we are: the door of client-node, of which we use the part that runs plugins
 * and keeps their answers until they expire. One run at a time, however many ask. Needs the right to run the program.
 */
import type { Clock } from "../lib/clock.ts";
import { type Disposition, HouseError, messageOf } from "../lib/errors.ts";
import { redacted } from "../lib/redaction.ts";
import type { ExecPlugin } from "./kubeconfig_exec.ts";

/** What a plugin answers; plain data. */
export interface PluginCredential {
  readonly token?: string;
  /** PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** `hard`: the last answer was refused, so that a new one is needed. Rejects with {@link PluginFailed}. */
export type AskPlugin = (how: "soft" | "hard") => Promise<PluginCredential>;

/** The plugin could not be run, or did not answer with a credential. */
export class PluginFailed extends HouseError {
  override readonly name = "PluginFailed";
  override readonly code = "kube_credential_plugin";
  override readonly disposition: Disposition = { kind: "retry" };
}

/** After a run nobody gets another before this, in ms, whoever refused what. */
const PAUSE_MS = 5_000;

/** The program is first run when somebody asks. It sees our environment, and nobody at its standard input. */
export function credentialPlugin(plugin: ExecPlugin, clock: Clock): AskPlugin {
  let runner: Runner | undefined;
  let runAtMs = -Infinity;
  let running: Promise<PluginCredential> | undefined;

  async function run(how: "soft" | "hard"): Promise<PluginCredential> {
    const isEarly = clock.now().getTime() - runAtMs < PAUSE_MS;
    if (runner === undefined || (how === "hard" && !isEarly)) {
      runner = await createRunner();
      runAtMs = clock.now().getTime();
    }
    return await answerOf(runner, plugin);
  }

  return (how) => running ??= run(how).finally(() => running = undefined);
}

/** The part of client-node's `ExecAuth` that we use. It remembers an answer until that expires. */
interface Runner {
  applyAuthentication(
    user: {
      readonly name: string;
      readonly exec: Pick<ExecPlugin, "command" | "args" | "env">;
    },
    into: { headers?: Record<string, string>; cert?: string; key?: string },
  ): Promise<void>;
}

async function createRunner(): Promise<Runner> {
  const { ExecAuth } = await import("@kubernetes/client-node/dist/exec_auth.js");
  return new ExecAuth();
}

async function answerOf(runner: Runner, plugin: ExecPlugin): Promise<PluginCredential> {
  const { user, command, args, env, info } = plugin;
  const answer: Parameters<Runner["applyAuthentication"]>[1] = {};
  try {
    await runner.applyAuthentication({
      name: user,
      exec: { command, args, env: [...env, { name: "KUBERNETES_EXEC_INFO", value: info }] },
    }, answer);
  } catch (thrown) {
    throw failed(plugin, thrown);
  }
  const token = answer.headers?.["Authorization"]?.replace(/^Bearer /, "");
  const { cert, key } = answer;
  if (token === undefined && (cert === undefined || key === undefined)) {
    throw failed(plugin, new TypeError("neither a token nor a certificate"));
  }
  return {
    ...(token !== undefined && { token }),
    ...(cert !== undefined && key !== undefined && { certificate: { cert, key } }),
  };
}

function failed({ user, command, installHint }: ExecPlugin, thrown: unknown): PluginFailed {
  const about = `The credential plugin "${command}" of user "${user}"`;
  const { code } = thrown as { readonly code?: unknown };
  if (code === "ENOENT") {
    const hint = installHint === "" ? "install it, or put its folder into PATH" : installHint;
    return new PluginFailed(`${about} is not installed: ${hint}`);
  }
  if (thrown instanceof Deno.errors.NotCapable) {
    return new PluginFailed(
      `${about} cannot be run: this build may not start programs; use a kubeconfig with a token or a client certificate`,
    );
  }
  if (thrown instanceof TypeError || thrown instanceof SyntaxError) {
    return new PluginFailed(`${about} did not answer with an ExecCredential`);
  }
  const words = redacted(messageOf(thrown)).trim().split("\n").at(-1) || "it said nothing";
  return new PluginFailed(`${about} failed: ${words}`);
}
