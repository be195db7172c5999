/**
 * Runners as GitHub registers them (its word: agents): a method, a path and a decode each. Source: spec
 * github-protocol.md §6.8, §7.
 */
import { Secret } from "../lib/secret.ts";
import { integerOf, member, type Members, membersOf, requiredText, textOf } from "./decode.ts";
import { GitHubError, isGitHubError } from "./errors.ts";
import { onlyOne, requiredId, scaleSetPath } from "./scale_sets.ts";
import type { CallOptions, JitConfig, Runner } from "./service.ts";
import type { Transport } from "./transport.ts";

/** The pool of a scale set's runners is always 0 here. */
const RUNNERS = "_apis/distributedtask/pools/0/agents";

/** See `ActionsService.issueJitConfig`. The answer is never quoted in an error: it holds a private key. */
export async function issueJitConfig(
  transport: Transport,
  request: CallOptions & {
    readonly scaleSetId: number;
    readonly runnerName: string;
    readonly workFolder: string;
  },
): Promise<JitConfig | "name-taken" | "no-scale-set"> {
  try {
    return await transport.service({
      operation: "issue JIT config",
      method: "POST",
      path: `${scaleSetPath(request.scaleSetId)}/generatejitconfig`,
      body: { name: request.runnerName, workFolder: request.workFolder },
      wanted: [200],
      signal: request.signal,
    }, (reply) => {
      const answer = membersOf(reply.json(), "the answer");
      const runner = runnerOf(membersOf(member(answer, "runner"), '"runner"'));
      return {
        runnerId: runner.id,
        runnerName: runner.name,
        scaleSetId: runner.scaleSetId,
        encoded: new Secret(requiredText(answer, "encodedJITConfig")),
      };
    });
  } catch (thrown) {
    if (isGitHubError(thrown, "github_runner_exists")) return "name-taken";
    if (isGitHubError(thrown, "github_scale_set_not_found", "github_not_found")) {
      return "no-scale-set";
    }
    throw thrown;
  }
}

/** See `ActionsService.findRunner`. */
export function findRunner(
  transport: Transport,
  request: CallOptions & { readonly name: string },
): Promise<Runner | undefined> {
  return transport.service({
    operation: "find runner",
    method: "GET",
    path: RUNNERS,
    query: { agentName: request.name },
    wanted: [200],
    signal: request.signal,
  }, (reply) => {
    const found = onlyOne(reply.json(), "runners");
    return found && runnerOf(found);
  });
}

/** See `ActionsService.removeRunner`. Removing an idle runner keeps jobs from it from then on (§7.1). */
export async function removeRunner(
  transport: Transport,
  request: CallOptions & { readonly runnerId: number },
): Promise<"removed" | "busy"> {
  try {
    return await transport.service({
      operation: "remove runner",
      method: "DELETE",
      path: `${RUNNERS}/${request.runnerId}`,
      wanted: [204],
      signal: request.signal,
    }, () => "removed" as const);
  } catch (thrown) {
    if (isGitHubError(thrown, "github_job_still_running")) return "busy";
    if (isGitHubError(thrown, "github_runner_not_found")) return "removed";
    if (!isGitHubError(thrown, "github_not_found")) throw thrown;
    // Not the service's own word: something on the way may have said it, while the runner can still get a job.
    if (!await isThere(transport, request)) return "removed";
    const message = `${thrown.message}, though the runner is there`;
    throw new GitHubError("github_bad_answer", message, { status: thrown.status });
  }
}

/** Whether the service shows a runner of that id. */
async function isThere(
  transport: Transport,
  request: CallOptions & { readonly runnerId: number },
): Promise<boolean> {
  try {
    return await transport.service({
      operation: "find runner",
      method: "GET",
      path: `${RUNNERS}/${request.runnerId}`,
      wanted: [200],
      signal: request.signal,
    }, (reply) => reply.json() !== null);
  } catch (thrown) {
    if (isGitHubError(thrown, "github_runner_not_found", "github_not_found")) return false;
    throw thrown;
  }
}

function runnerOf(runner: Members): Runner {
  return {
    id: requiredId(runner),
    name: textOf(runner, "name"),
    scaleSetId: integerOf(runner, "runnerScaleSetId"),
  };
}
