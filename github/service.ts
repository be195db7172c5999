/**
 * The Actions service as the rest of the house sees it: domain words, no wire names. Absence, refusal and "already
 * gone" are answers, not errors; failures are `GitHubError`s with their disposition.
 */
import type { Clock } from "../lib/clock.ts";
import type { Fetch } from "../lib/http.ts";
import type { Logger } from "../lib/log.ts";
import { type Metrics, silentMetrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import type { Secret } from "../lib/secret.ts";
import { Admin } from "./admin.ts";
import type { Budget } from "./budget.ts";
import type { ConfigUrl } from "./config_url.ts";
import { type CredentialSource, onlyCredential } from "./credential_source.ts";
import type { Credential } from "./credentials.ts";
import { createExchange } from "./exchange.ts";
import type { JobMessage, Statistics } from "./messages.ts";
import { Outage } from "./outage.ts";
import { createRegister, openRunnerList } from "./registration.ts";
import { type ListedRunner, listedRunners } from "./runner_list.ts";
import { findRunner, issueJitConfig, removeRunner } from "./runners.ts";
import {
  createScaleSet,
  deleteScaleSet,
  findRunnerGroup,
  findScaleSet,
  getScaleSet,
  updateScaleSet,
} from "./scale_sets.ts";
import { endSession, openSession } from "./session.ts";
import { createTransport } from "./transport.ts";
import { type Product, userAgentText } from "./user_agent.ts";

/** An abort rejects the call at once with `signal.reason`. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A runner group as the Actions service knows it; 1 is the default group. */
export interface RunnerGroup {
  readonly id: number;
  readonly name: string;
}

/** A scale set as GitHub holds it; names of labels in the order of the service. */
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

/** A registered runner, whether it is connected or not. */
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
  /** Registers anew, whatever connection there is: rejects when GitHub does not take the credential as it is now. */
  prove(options?: CallOptions): Promise<void>;
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
   * forgot the set. While GitHub fails at it, one caller asks for all; the others are told when to come back.
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
  /**
   * All runners of the config URL's place, those of others among them: a call for each hundred. `undefined`: there are too
   * many. One that is missing may only have been missed.
   */
  listRunners(options?: CallOptions): Promise<readonly ListedRunner[] | undefined>;
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
  /** Ends a session that a former life left open. One that is gone already is a success. */
  endSession(scaleSetId: number, sessionId: string, options?: CallOptions): Promise<void>;
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
  /**
   * Returns the ids that were really acquired; no call for an empty list. The newer backend assigns by itself and has no
   * such endpoint (§9.8): "github_not_found".
   */
  acquire(requestIds: readonly number[], options?: CallOptions): Promise<readonly number[]>;
  /** A message already gone is a success. */
  acknowledge(messageId: number, options?: CallOptions): Promise<void>;
}

/** Everything that a service needs of the outside world. */
export interface ActionsServiceOptions {
  readonly config: ConfigUrl;
  /** One credential, or a source that may change its mind between two registrations. */
  readonly credential: Credential | CredentialSource;
  /** What GitHub grants a credential; services of the same credential share it. Absent: nobody counts. */
  readonly budget?: (credential: Credential) => Budget;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly userAgent: Product;
  readonly log: Logger;
  /** Must have declared `GITHUB_METRICS` (`github/metrics.ts`). */
  readonly metrics?: Metrics;
}

/**
 * The service for one config URL and one credential. Makes no request until the first call; calls run in parallel and
 * share one admin token. Nothing needs closing but the sessions it opens.
 */
export function createActionsService(options: ActionsServiceOptions): ActionsService {
  const { budget, config, credential, clock, random, log } = options;
  const credentials = "kind" in credential ? onlyCredential(credential) : credential;
  const userAgent = userAgentText(options.userAgent);
  const exchange = createExchange({
    fetch: options.fetch,
    clock,
    random,
    log: log.child("exchange"),
    metrics: options.metrics ?? silentMetrics,
  });
  const rest = { config, credentials, budget, exchange, clock, userAgent };
  const register = createRegister(rest);
  const admin = new Admin(register, clock, () => credentials.candidates()[0]);
  const transport = createTransport({
    admin,
    exchange,
    clock,
    userAgent,
  });
  const session = { transport, config, clock, random, log: log.child("session") };
  const jitOutage = new Outage({ operation: "issue JIT config", clock, random });
  return {
    prove: (call) => admin.renew(call?.signal),
    findRunnerGroup: (name, call) => findRunnerGroup(transport, { ...call, name }),
    findScaleSet: (name, runnerGroupId, call) =>
      findScaleSet(transport, { ...call, name, runnerGroupId }),
    getScaleSet: (scaleSetId, call) => getScaleSet(transport, { ...call, scaleSetId }),
    createScaleSet: (draft, call) => createScaleSet(transport, { ...call, draft }),
    updateScaleSet: (scaleSetId, change, call) =>
      updateScaleSet(transport, { ...call, scaleSetId, change }),
    deleteScaleSet: (scaleSetId, call) => deleteScaleSet(transport, { ...call, scaleSetId }),
    issueJitConfig: (request, call) =>
      jitOutage.spared(() => issueJitConfig(transport, { ...call, ...request })),
    findRunner: (name, call) => findRunner(transport, { ...call, name }),
    listRunners: async (call) =>
      await listedRunners(await openRunnerList(rest, call?.signal ?? new AbortController().signal)),
    removeRunner: (runnerId, call) => removeRunner(transport, { ...call, runnerId }),
    openSession: (scaleSetId, owner, call) => openSession(session, { ...call, scaleSetId, owner }),
    endSession: (scaleSetId, sessionId, call) =>
      endSession(session, { ...call, scaleSetId, sessionId }),
  };
}
