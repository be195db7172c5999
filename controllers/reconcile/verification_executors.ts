/** Steps that look idle runners up at GitHub and send away those that it does not see. */
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import type { ListedRunner } from "../../github/runner_list.ts";
import { ASK_MS, targetText } from "../github_target.ts";
import { absorb, type ExecutorContext } from "./executors.ts";
import type { GitHubCalls } from "./github_calls.ts";
import type { Executors, GitHubTarget, Step } from "./step.ts";

type VerificationStep = "list-runners" | "replace-runner";

/** How long a listing may take, in ms. */
const LISTING_MS = 60_000;
/** Sets of one place share a listing for at least so long, in ms, and longer where there are many runners. */
const SHARED_MS = 120_000;
const SHARED_A_RUNNER_MS = 60;

interface SharedListing {
  readonly atMs: number;
  readonly runners: readonly ListedRunner[];
}

/** Remembers listings, for the sets that share a place. */
export function verificationExecutors(
  context: ExecutorContext,
  { call, within }: GitHubCalls,
): Pick<Executors, VerificationStep> {
  const { clock, kube, listings } = context;
  /** By target. */
  const shared = new Map<string, SharedListing>();

  /** `undefined`: GitHub did not answer, or there are too many. */
  async function list(
    target: GitHubTarget,
    signal: AbortSignal,
  ): Promise<SharedListing | undefined> {
    const key = targetText(target);
    const nowMs = clock.now().getTime();
    for (const [other, { atMs, runners }] of shared) {
      const ageMs = nowMs - atMs;
      if (ageMs >= Math.max(SHARED_MS, SHARED_A_RUNNER_MS * runners.length)) shared.delete(other);
    }
    const recent = shared.get(key);
    if (recent !== undefined) return recent;
    try {
      const runners = await within(
        LISTING_MS,
        signal,
        (signal) => call(target, signal, (service) => service.listRunners({ signal })),
      );
      if (runners === undefined) return undefined;
      const listing = { atMs: nowMs, runners };
      shared.set(key, listing);
      return listing;
    } catch {
      // It is asked again in its time; when in doubt, runners are kept.
      signal.throwIfAborted();
      return undefined;
    }
  }

  return {
    "list-runners": async ({ target, uid, session, names }, signal) => {
      const found = await list(target, signal);
      const askedMs = clock.now().getTime();
      const asked = { askedMs, session, jitter: context.random() };
      const ours = new Set(names);
      if (found === undefined) {
        return listings.put(uid, { ...asked, atMs: askedMs, known: undefined }, ours);
      }
      const mine = found.runners.filter(({ name }) => ours.has(name));
      const [online = [], offline = []] = [isSeen, isUnseen].map((is) =>
        mine.filter(is).map(({ name }) => name)
      );
      const known = { online: new Set(online), offline: new Set(offline) };
      listings.put(uid, { ...asked, atMs: found.atMs, known }, ours);
    },

    "replace-runner": async (step, signal) => {
      const { key, reason, message, lost, target } = step;
      if (step.onlyIf === "absent" && await isKnown(step, signal)) return;
      const answer = await within(
        ASK_MS,
        signal,
        (signal) =>
          call(target, signal, (service) => service.removeRunner(step.runnerId, { signal })),
      );
      if (answer === "busy") {
        if (lost !== undefined) listings.spare(lost.set, key.name);
        return;
      }
      const failures = lost && { [lost.uid]: clock.now().toISOString() };
      const status = { phase: "Failed", ready: false, reason, message, ...lost && { failures } };
      absorb(
        context,
        EPHEMERAL_RUNNERS,
        await kube.patch(EPHEMERAL_RUNNERS, key, { status }, { subresource: "status", signal }),
      );
    },
  };

  /** A listing is not made in one moment: a runner may be missing in it that GitHub knows. */
  async function isKnown(
    { target, key, lost }: Extract<Step, { do: "replace-runner" }>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const found = await within(
      ASK_MS,
      signal,
      (signal) => call(target, signal, (service) => service.findRunner(key.name, { signal })),
    );
    if (found === undefined) return false;
    if (lost !== undefined) listings.spare(lost.set, key.name);
    return true;
  }
}

/** A busy one counts as online whatever else is said of it. */
function isSeen({ isOnline, isBusy }: ListedRunner): boolean {
  return isOnline || isBusy;
}

function isUnseen(runner: ListedRunner): boolean {
  return !isSeen(runner);
}
