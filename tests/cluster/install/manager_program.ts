/**
 * What the container of the controller's Deployment runs: the product, told by the pod's own command, arguments,
 * variables and files alone, in the sandbox of its mode. Knows how a container is started, not what the chart rendered.
 */
import { invocation } from "../../../modes/invocation.ts";
import { MODES } from "../../../modes/mode.ts";
import { runInSandbox } from "../../../modes/sandbox.ts";
import { messageOf } from "../../../lib/errors.ts";
import { parseFlags } from "../../../lib/flags.ts";
import type { Program } from "../../../sim/programs.ts";

/** Ends with exit code 1, and says why, when the command line is no controller-manager's, or makes no sense. */
export function managerProgram(takeLog: (line: string) => void): Program {
  const program = sandboxed(takeLog);
  return (run) =>
    program(run).catch((thrown) => {
      takeLog(`Cannot start: ${messageOf(thrown)}`);
      return 1;
    });
}

function sandboxed(takeLog: (line: string) => void): Program {
  return async ({ pod, container, env, root, signal, killed }) => {
    const { command = [], args = [] } =
      pod.spec?.containers.find(({ name }) => name === container) ??
        {};
    const [programPath = "", ...words] = command;
    const called = invocation([...words, ...args], { programPath, env });
    if (called.do !== "run" || called.mode !== "controller-manager") {
      throw new TypeError(`Not the controller-manager: ${[...command, ...args].join(" ")}`);
    }
    const mode = MODES["controller-manager"];
    const { ignored = {} } = mode;
    const { config: asInPod } = parseFlags(mode.flags, { args: called.args, env, ignored });
    mode.check?.(asInPod);
    const config = { ...asInPod, serviceAccountDir: root + asInPod.serviceAccountDir };
    const sandbox = mode.sandbox(config);
    if (sandbox === undefined) throw new TypeError("A serving mode has no sandbox");
    return await runInSandbox({
      mode: called.mode,
      config,
      sandbox,
      signal,
      killed,
      onLog: takeLog,
      onBug: takeLog,
    });
  };
}
