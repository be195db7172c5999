/**
 * A listener and a controller boiled down to their calls: speaks the wire as the protocol page says, decides nothing and
 * retries nothing, so that a test sees every answer of the simulated GitHub.
 */
import type { Fetch } from "../../../lib/http.ts";
import { seededRandom } from "../../../lib/random.ts";
import { VirtualClock } from "../../../sim/clock.ts";
import { type RunnerScript, runRunner } from "../../../sim/runner.ts";
import { type GitHubSim, startGitHubSim } from "../../../sim/github/server.ts";
import type { GitHubSimSettings } from "../../../sim/github/settings.ts";

export const USER_AGENT = JSON.stringify({
  system: "longshore-test",
  version: "0",
  commit_sha: "0",
  scale_set_id: 0,
  subsystem: "test",
  build_version: "0",
  build_commit_sha: "0",
  kind: "scaleset",
});

/** The answer to one call, its body read. */
export interface Answer {
  readonly status: number;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
  readonly headers: Headers;
}

export interface Message {
  readonly messageType: string;
  readonly jobId: string;
  readonly runnerRequestId: number;
  readonly runnerId?: number;
  readonly runnerName?: string;
  readonly result?: string;
  readonly acquireJobUrl?: string;
}

export class RawClient {
  readonly #fetch: Fetch;
  readonly #rest: string;
  readonly #configUrl: string;
  service = "";
  admin = "";

  constructor(fetch: Fetch, options: { readonly rest: string; readonly configUrl: string }) {
    this.#fetch = fetch;
    this.#rest = options.rest;
    this.#configUrl = options.configUrl;
  }

  async send(
    method: string,
    url: string,
    options: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<Answer> {
    const response = await this.#fetch(
      new Request(url, {
        method,
        headers: { "user-agent": USER_AGENT, ...options.headers },
        body: options.body === undefined ? null : JSON.stringify(options.body),
        signal: options.signal ?? null,
      }),
    );
    const text = await response.text();
    const body = text === "" ? undefined : JSON.parse(text);
    return { status: response.status, body, headers: response.headers };
  }

  async registrationToken(credential = "ghp_test"): Promise<Answer> {
    const parts = new URL(this.#configUrl).pathname.slice(1).split("/");
    const scope = parts.length === 1
      ? `orgs/${parts[0]}`
      : parts[0] === "enterprises"
      ? parts.join("/")
      : `repos/${parts.join("/")}`;
    return await this.send("POST", `${this.#rest}/${scope}/actions/runners/registration-token`, {
      headers: { authorization: `Bearer ${credential}` },
    });
  }

  async register(registrationToken: string): Promise<Answer> {
    return await this.send("POST", `${this.#rest}/actions/runner-registration`, {
      headers: {
        authorization: `RemoteAuth ${registrationToken}`,
        "content-type": "application/json",
      },
      body: { url: this.#configUrl, runner_event: "register" },
    });
  }

  async bootstrap(): Promise<void> {
    const { body: { token } } = await this.registrationToken();
    const { body } = await this.register(token);
    this.service = body.url;
    this.admin = body.token;
  }

  async service_(method: string, path: string, options: {
    readonly body?: unknown;
    readonly query?: Readonly<Record<string, string>>;
    readonly token?: string;
  } = {}): Promise<Answer> {
    const url = new URL(`${this.service.replace(/\/$/, "")}/_apis/${path}`);
    for (const [name, value] of Object.entries(options.query ?? {})) {
      url.searchParams.set(name, value);
    }
    url.searchParams.set("api-version", "6.0-preview");
    return await this.send(method, url.href, {
      headers: {
        authorization: `Bearer ${options.token ?? this.admin}`,
        "content-type": "application/json",
      },
      body: options.body,
    });
  }

  async createSet(name: string, labels: readonly string[] = [name]): Promise<Answer> {
    return await this.service_("POST", "runtime/runnerscalesets", {
      body: {
        name,
        runnerGroupId: 1,
        labels: labels.map((label) => ({ type: "System", name: label })),
        RunnerSetting: { disableUpdate: true },
        createdOn: "0001-01-01T00:00:00Z",
      },
    });
  }

  async jit(setId: number, name: string): Promise<Answer> {
    return await this.service_("POST", `runtime/runnerscalesets/${setId}/generatejitconfig`, {
      body: { name, workFolder: "" },
    });
  }

  async removeRunner(id: number): Promise<Answer> {
    return await this.service_("DELETE", `distributedtask/pools/0/agents/${id}`);
  }

  async openSession(setId: number, ownerName = "test-listener"): Promise<RawSession> {
    const answer = await this.service_("POST", `runtime/runnerscalesets/${setId}/sessions`, {
      body: { sessionId: "00000000-0000-0000-0000-000000000000", ownerName },
    });
    return new RawSession(this, setId, answer);
  }
}

export class RawSession {
  readonly #client: RawClient;
  readonly #setId: number;
  opened: Answer;
  lastMessageId = 0;

  constructor(client: RawClient, setId: number, opened: Answer) {
    this.#client = client;
    this.#setId = setId;
    this.opened = opened;
  }

  async poll(
    options: { readonly capacity?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Answer> {
    const url = new URL(this.opened.body.messageQueueUrl);
    if (this.lastMessageId > 0) url.searchParams.set("lastMessageId", `${this.lastMessageId}`);
    return await this.#client.send("GET", url.href, {
      headers: {
        accept: "application/json; api-version=6.0-preview",
        authorization: `Bearer ${this.opened.body.messageQueueAccessToken}`,
        "X-Scalesetmaxcapacity": `${options.capacity ?? 10}`,
      },
      ...(options.signal ? { signal: options.signal } : {}),
    });
  }

  async acknowledge(messageId: number): Promise<Answer> {
    const url = new URL(this.opened.body.messageQueueUrl);
    url.pathname += `/${messageId}`;
    return await this.#client.send("DELETE", url.href, {
      headers: {
        authorization: `Bearer ${this.opened.body.messageQueueAccessToken}`,
        "content-type": "application/json",
      },
    });
  }

  /** Polls, keeps the cursor, deletes the message; returns what was in it. */
  async take(capacity = 10): Promise<readonly Message[]> {
    const { status, body } = await this.poll({ capacity });
    if (status !== 200) return [];
    this.lastMessageId = body.messageId;
    await this.acknowledge(body.messageId);
    return messagesIn(body);
  }

  async acquire(ids: readonly number[]): Promise<Answer> {
    return await this.#client.service_(
      "POST",
      `runtime/runnerscalesets/${this.#setId}/acquirejobs`,
      { body: ids, token: this.opened.body.messageQueueAccessToken },
    );
  }

  async refresh(): Promise<Answer> {
    const answer = await this.#client.service_("PATCH", this.#path());
    if (answer.status === 200) this.opened = answer;
    return answer;
  }

  async close(): Promise<Answer> {
    return await this.#client.service_("DELETE", this.#path());
  }

  #path(): string {
    return `runtime/runnerscalesets/${this.#setId}/sessions/${this.opened.body.sessionId}`;
  }
}

/** The inner messages of an envelope. */
export function messagesIn(envelope: { readonly body: string }): readonly Message[] {
  return envelope.body === "" ? [] : JSON.parse(envelope.body);
}

export const BASE_URL = "http://github.test";

/** A simulated GitHub in memory on virtual time, and what is needed to talk to it. */
export interface Bench {
  readonly clock: VirtualClock;
  readonly sim: GitHubSim;
  client(scope?: string): Promise<RawClient>;
  /** Starts a runner; its exit code comes when it ends. */
  runner(
    jitConfig: string,
    options?: {
      readonly script?: RunnerScript;
      readonly signal?: AbortSignal;
      readonly killed?: AbortSignal;
    },
  ): Promise<number>;
}

export function bench(
  settings: Partial<GitHubSimSettings> = {},
  more: Partial<Parameters<typeof startGitHubSim>[0]> = {},
): Bench {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const sim = startGitHubSim({ clock, random, baseUrl: BASE_URL, settings, ...more });
  return {
    clock,
    sim,
    client: async (scope = "octo") => {
      const client = new RawClient(sim.handle, {
        rest: "https://api.github.com",
        configUrl: `https://github.com/${scope}`,
      });
      await client.bootstrap();
      return client;
    },
    runner: (jitConfig, options = {}) =>
      runRunner({
        env: { ACTIONS_RUNNER_INPUT_JITCONFIG: jitConfig },
        fetch: sim.handle,
        clock,
        random,
        signal: new AbortController().signal,
        ...options,
      }),
  };
}

/** A bench with one scale set and its session. */
export interface Scene extends Bench {
  readonly github: RawClient;
  readonly session: RawSession;
  /** A JIT configuration for a runner of that name. */
  jit(name: string): Promise<string>;
  /** Queues a job and lets the session have it assigned. */
  job(options?: { durationMs?: number; result?: "succeeded" | "failed" }): Promise<string>;
}

export async function scene(settings: Parameters<typeof bench>[0] = {}): Promise<Scene> {
  const base = bench(settings);
  const github = await base.client();
  const { body: set } = await github.createSet("linux");
  const session = await github.openSession(set.id);
  return {
    ...base,
    github,
    session,
    jit: async (name) => (await github.jit(set.id, name)).body.encodedJITConfig,
    job: async (options = {}) => {
      const [id = ""] = base.sim.control.queueJobs({ scaleSet: set.id, count: 1, ...options });
      await session.take();
      return id;
    },
  };
}
