/**
 * The Actions service as the rest of the house sees it: domain words, no wire names. Absence, refusal and "already
 * gone" are answers, not errors; failures are `GitHubError`s with their disposition.
 */
import type { Secret } from "../lib/secret.ts";
import type { JobMessage, Statistics } from "./messages.ts";

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface RunnerGroup {
  readonly id: number;
  readonly name: string;
}

export interface ScaleSet {
  readonly id: number;
  readonly name: string;
  readonly runnerGroupId: number;
  readonly runnerGroupName: string;
  readonly labels: readonly string[];
}

/** What a new scale set is made of. `labels`: without duplicates, the name of the set first. */
export interface ScaleSetDraft {
  readonly name: string;
  readonly runnerGroupId: number;
  readonly labels: readonly string[];
}

export interface Runner {
  readonly id: number;
  readonly name: string;
  /** 0 when the service did not say. */
  readonly scaleSetId: number;
}

/** A registration that waits for its runner. The runner's name is reserved from now on. */
export interface JitConfig {
  readonly runnerId: number;
  readonly runnerName: string;
  readonly scaleSetId: number;
  /** Contains the runner's private key. */
  readonly encoded: Secret<string>;
}

/** The Actions service for one `githubConfigUrl` and one credential. Holds the admin token. */
export interface ActionsService {
  /** `undefined`: no group of that name is visible to the credential. */
  findRunnerGroup(name: string, options?: CallOptions): Promise<RunnerGroup | undefined>;
  findScaleSet(
    name: string,
    runnerGroupId: number,
    options?: CallOptions,
  ): Promise<ScaleSet | undefined>;
  /** `undefined`: GitHub knows no scale set of that id (any more). */
  getScaleSet(scaleSetId: number, options?: CallOptions): Promise<ScaleSet | undefined>;
  createScaleSet(draft: ScaleSetDraft, options?: CallOptions): Promise<ScaleSet>;
  /** Changes only the members given. `undefined`: GitHub forgot the set. */
  updateScaleSet(
    scaleSetId: number,
    change: Partial<ScaleSetDraft>,
    options?: CallOptions,
  ): Promise<ScaleSet | undefined>;
  /** An unknown set counts as deleted. `busy`: refused because a runner of the set has a job. */
  deleteScaleSet(scaleSetId: number, options?: CallOptions): Promise<"deleted" | "busy">;
  /**
   * `name-taken`: a runner of that name is registered (perhaps by an earlier attempt of ours). `no-scale-set`: GitHub
   * forgot the set.
   */
  issueJitConfig(
    request: {
      readonly scaleSetId: number;
      readonly runnerName: string;
      readonly workFolder: string;
    },
    options?: CallOptions,
  ): Promise<JitConfig | "name-taken" | "no-scale-set">;
  findRunner(name: string, options?: CallOptions): Promise<Runner | undefined>;
  /** Removes an idle or unknown runner. `busy`: refused because a job runs there; an answer, not an error. */
  removeRunner(runnerId: number, options?: CallOptions): Promise<"removed" | "busy">;
  /**
   * Throws `SessionConflict` (retry-after) while another session is live. `no-scale-set`: GitHub forgot the set.
   */
  openSession(
    scaleSetId: number,
    owner: string,
    options?: CallOptions,
  ): Promise<MessageSession | "no-scale-set">;
}

/**
 * One long-poll session. A 401 from the queue refreshes its token once per call; a session that GitHub forgot is
 * `SessionLost`. Disposing deletes it (best effort, bounded in time).
 */
export interface MessageSession extends AsyncDisposable {
  readonly sessionId: string;
  /** As the service gave them when the session was opened: the first decision needs no message. */
  readonly statistics: Statistics;
  /** Up to about 50 s. `undefined`: the poll ended with no message. `capacity` is the maximum of the set. */
  poll(
    after: { readonly messageId: number; readonly capacity: number },
    options?: CallOptions,
  ): Promise<JobMessage | undefined>;
  /** Returns the ids that were really acquired; no call for an empty list. */
  acquire(requestIds: readonly number[], options?: CallOptions): Promise<readonly number[]>;
  /** A message already gone is a success. */
  acknowledge(messageId: number, options?: CallOptions): Promise<void>;
}
