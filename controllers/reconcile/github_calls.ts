/** How executors call GitHub: with the service of a target, distrusting what it refused, within a time if there is one. */
import type { ActionsService } from "../../github/service.ts";
import type { Happened } from "../../kube/events.ts";
import { DeadlineExceeded, withDeadline } from "../../lib/clock.ts";
import { type Disposition, errorCode, HouseError } from "../../lib/errors.ts";
import { type ExecutorContext, tellLeftBehind } from "./executors.ts";
import type { GitHubTarget, Wait } from "./step.ts";

/** GitHub took longer than there was time for. */
class NoAnswer extends HouseError {
  override readonly name = "NoAnswer";
  override readonly code = "github_no_answer";
  override readonly disposition: Disposition = { kind: "retry" };
}

/** A call that may be put off, or be the last one. */
export interface Asking {
  readonly target: GitHubTarget;
  readonly orElse?: Happened | undefined;
  readonly withinMs?: number;
  readonly sparesJob?: boolean;
}

type Work<T> = (service: ActionsService, signal: AbortSignal) => Promise<T>;

export interface GitHubCalls {
  /** Calls GitHub; a refused credential is read again before the next call. */
  call<T>(
    target: GitHubTarget,
    signal: AbortSignal,
    work: (service: ActionsService) => Promise<T>,
  ): Promise<T>;
  /** Waits while GitHub refuses. At the last time of asking, a refusal or a failure is told instead. */
  ask(
    step: Asking,
    options: { readonly signal: AbortSignal; readonly whenBusyMs: number },
    work: Work<string>,
  ): Promise<Wait | undefined>;
  /** Ends with a failure of GitHub's when it takes longer than `ms`. */
  within<T>(
    ms: number | undefined,
    parent: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
}

/** Stateless: several may be made. */
export function createGitHubCalls(context: ExecutorContext): GitHubCalls {
  const { services } = context;

  async function call<T>(
    target: GitHubTarget,
    signal: AbortSignal,
    work: (service: ActionsService) => Promise<T>,
  ): Promise<T> {
    const service = await services.service(target, signal);
    try {
      return await work(service);
    } catch (thrown) {
      if (errorCode(thrown) === "github_unauthorized") services.distrust(target, thrown);
      throw thrown;
    }
  }

  async function ask(
    step: Asking,
    options: { readonly signal: AbortSignal; readonly whenBusyMs: number },
    work: Work<string>,
  ): Promise<Wait | undefined> {
    const { orElse } = step;
    try {
      const answer = await within(
        step.withinMs,
        options.signal,
        (signal) => call(step.target, signal, (service) => work(service, signal)),
      );
      if (answer !== "busy") return undefined;
      if (orElse === undefined || step.sparesJob) return { waitMs: options.whenBusyMs };
    } catch (thrown) {
      if (orElse === undefined || options.signal.aborted) throw thrown;
    }
    tellLeftBehind(context, orElse);
    return undefined;
  }

  async function within<T>(
    ms: number | undefined,
    parent: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (ms === undefined) return await work(parent);
    try {
      return await withDeadline(context.clock, { ms, parent }, work);
    } catch (thrown) {
      throw thrown instanceof DeadlineExceeded ? new NoAnswer(thrown.message) : thrown;
    }
  }

  return { call, ask, within };
}
