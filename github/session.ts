/**
 * One long-poll session of a scale set: opening it, its queue, its token, its end. Decides nothing about messages.
 * Source: spec github-protocol.md §8 to §10.
 */
import { type Clock, withDeadline } from "../lib/clock.ts";
import { messageOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import { addressBelow } from "./address.ts";
import { orAborted } from "./body.ts";
import type { ConfigUrl } from "./config_url.ts";
import { member, membersOf } from "./decode.ts";
import { type GitHubError, isGitHubError, SessionConflict, SessionLost } from "./errors.ts";
import { idsOf, type Lease, leaseOf, sessionIdIn, sessionIdOf } from "./lease.ts";
import { decodeMessage, decodeStatistics, type JobMessage, type Statistics } from "./messages.ts";
import { scaleSetPath } from "./scale_sets.ts";
import type { CallOptions, MessageSession } from "./service.ts";
import type { Transport } from "./transport.ts";

/** What a session needs besides its scale set; `random` spreads those who wait for the same set. */
export interface SessionOptions {
  readonly transport: Transport;
  readonly config: ConfigUrl;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** How long the end of a session may take, in ms: a process that stops cannot wait for GitHub. */
const CLOSE_MS = 5_000;

/** Between two tries to take over a scale set, in ms: taken within 30 s of being free (F03). */
const CONFLICT_WAIT_MS = { least: 10_000, most: 25_000 };

/** Opens a session. See `ActionsService.openSession`. */
export async function openSession(
  options: SessionOptions,
  request: CallOptions & { readonly scaleSetId: number; readonly owner: string },
): Promise<MessageSession | "no-scale-set"> {
  const { transport, random } = options;
  const sessionsPath = `${scaleSetPath(request.scaleSetId)}/sessions`;
  let opened = "";
  try {
    return await transport.service({
      operation: "create session",
      method: "POST",
      path: sessionsPath,
      body: { ownerName: request.owner },
      wanted: [200],
      signal: request.signal,
    }, (reply) => {
      opened = sessionIdIn(reply.text) ?? "";
      const answer = membersOf(reply.json(), "the session");
      opened = sessionIdOf(answer);
      return new Session(options, {
        sessionId: opened,
        setPath: scaleSetPath(request.scaleSetId),
        lease: leaseOf(answer, options.config),
        statistics: decodeStatistics(member(answer, "statistics")),
      });
    });
  } catch (thrown) {
    // The service holds a session that we cannot use; left open it would shut us out for minutes.
    if (opened !== "") await closeSession(options, `${sessionsPath}/${opened}`);
    if (isGitHubError(thrown, "github_scale_set_not_found", "github_not_found")) {
      return "no-scale-set";
    }
    if (isGitHubError(thrown, "github_session_conflict", "github_conflict")) {
      const { least, most } = CONFLICT_WAIT_MS;
      throw new SessionConflict(thrown.message, Math.round(least + random() * (most - least)));
    }
    throw thrown;
  }
}

/** Ends a session of a former life. See `ActionsService.endSession`. */
export async function endSession(
  { transport }: SessionOptions,
  request: CallOptions & { readonly scaleSetId: number; readonly sessionId: string },
): Promise<void> {
  try {
    await transport.service({
      operation: "delete session",
      method: "DELETE",
      path: `${scaleSetPath(request.scaleSetId)}/sessions/${encodeURIComponent(request.sessionId)}`,
      wanted: [204],
      signal: request.signal,
    }, () => {});
  } catch (thrown) {
    const isGone = isGitHubError(
      thrown,
      "github_session_lost",
      "github_scale_set_not_found",
      "github_not_found",
    );
    if (!isGone) throw thrown;
  }
}

class Session implements MessageSession {
  readonly statistics: Statistics;
  readonly #options: SessionOptions;
  readonly #setPath: string;
  #sessionId: string;
  #lease: Lease;
  #refreshing: Promise<Lease> | undefined;
  #polling = false;
  #over = false;
  readonly #end = new AbortController();

  constructor(
    options: SessionOptions,
    opened: {
      readonly sessionId: string;
      readonly setPath: string;
      readonly lease: Lease;
      readonly statistics: Statistics;
    },
  ) {
    this.#options = options;
    this.#setPath = opened.setPath;
    this.#sessionId = opened.sessionId;
    this.#lease = opened.lease;
    this.statistics = opened.statistics;
  }

  get sessionId(): string {
    return this.#sessionId;
  }

  async poll(
    after: { readonly messageId: number; readonly capacity: number },
    options: CallOptions = {},
  ): Promise<JobMessage | undefined> {
    if (this.#polling) throw new Error("A session is polled by one caller at a time");
    this.#polling = true;
    try {
      return await this.#withFreshToken(
        options.signal,
        (lease) => this.#ask(lease, after, options),
      );
    } catch (thrown) {
      // A queue that is gone stays gone; another session gets another one.
      if (isGitHubError(thrown, "github_not_found", "github_scale_set_not_found")) {
        throw this.#lost(thrown);
      }
      throw thrown;
    } finally {
      this.#polling = false;
    }
  }

  async acquire(
    requestIds: readonly number[],
    options: CallOptions = {},
  ): Promise<readonly number[]> {
    if (requestIds.length === 0) return [];
    return await this.#withFreshToken(options.signal, (lease) =>
      this.#options.transport.service({
        operation: "acquire jobs",
        method: "POST",
        path: `${this.#setPath}/acquirejobs`,
        body: requestIds,
        token: lease.token,
        wanted: [200],
        signal: options.signal,
      }, (reply) => idsOf(membersOf(reply.json(), "the answer"))));
  }

  async acknowledge(messageId: number, options: CallOptions = {}): Promise<void> {
    try {
      await this.#withFreshToken(options.signal, (lease) =>
        this.#options.transport.queue({
          operation: "acknowledge message",
          method: "DELETE",
          url: addressBelow(lease.queueUrl, { path: String(messageId) }),
          token: lease.token,
          headers: { "Content-Type": "application/json" },
          wanted: [204],
          signal: options.signal,
        }, () => {}));
    } catch (thrown) {
      if (!isGitHubError(thrown, "github_not_found")) throw thrown;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#end.abort(new DOMException("The session is closed", "AbortError"));
    await closeSession(this.#options, this.#path());
  }

  #ask(
    lease: Lease,
    after: { readonly messageId: number; readonly capacity: number },
    options: CallOptions,
  ): Promise<JobMessage | undefined> {
    const query = after.messageId > 0 ? { lastMessageId: String(after.messageId) } : {};
    return this.#options.transport.queue({
      operation: "poll messages",
      method: "GET",
      url: addressBelow(lease.queueUrl, { query }),
      token: lease.token,
      headers: {
        "Accept": "application/json; api-version=6.0-preview",
        "X-ScaleSetMaxCapacity": String(after.capacity),
      },
      wanted: [200, 202],
      signal: options.signal,
    }, (reply) => (reply.status === 202 ? undefined : decodeMessage(reply.json())));
  }

  /** Runs `work`; when the queue token has expired, once more with a new one. */
  async #withFreshToken<T>(
    signal: AbortSignal | undefined,
    work: (lease: Lease) => Promise<T>,
  ): Promise<T> {
    const lease = this.#lease;
    try {
      return await work(lease);
    } catch (thrown) {
      if (isGitHubError(thrown, "github_session_lost")) throw this.#lost(thrown);
      if (!isGitHubError(thrown, "github_unauthorized")) throw thrown;
    }
    // Whoever was refused with the same token waits for the same refresh.
    if (this.#lease === lease) {
      this.#refreshing ??= this.#refresh().finally(() => this.#refreshing = undefined);
    }
    return await work(await orAborted(this.#refreshing ?? Promise.resolve(this.#lease), signal));
  }

  async #refresh(): Promise<Lease> {
    try {
      this.#lease = await this.#options.transport.service({
        operation: "refresh session",
        method: "PATCH",
        path: this.#path(),
        wanted: [200],
        signal: this.#end.signal,
      }, (reply) => {
        const answer = membersOf(reply.json(), "the session");
        const lease = leaseOf(answer, this.#options.config);
        this.#sessionId = sessionIdOf(answer);
        return lease;
      });
      return this.#lease;
    } catch (thrown) {
      const gone = isGitHubError(
        thrown,
        "github_session_lost",
        "github_scale_set_not_found",
        "github_not_found",
      );
      throw gone ? this.#lost(thrown) : thrown;
    }
  }

  /** There is nothing left to delete. */
  #lost(thrown: GitHubError): SessionLost {
    this.#over = true;
    return new SessionLost(thrown.message, thrown.status);
  }

  #path(): string {
    return `${this.#setPath}/sessions/${this.#sessionId}`;
  }
}

/** Best effort, bounded; what fails is gone by itself after some minutes. */
async function closeSession(options: SessionOptions, path: string): Promise<void> {
  try {
    await withDeadline(options.clock, { ms: CLOSE_MS }, (signal) =>
      options.transport.service({
        operation: "delete session",
        method: "DELETE",
        path,
        wanted: [204],
        signal,
      }, () => {}));
  } catch (thrown) {
    options.log.warn("A message session could not be deleted", { error: messageOf(thrown) });
  }
}
