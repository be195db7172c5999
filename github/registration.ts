/**
 * From a credential to the Actions service: installation token, registration token, admin connection. The only file
 * that knows GitHub's REST side and its client library; keeps nothing between two runs.
 */
import { Octokit } from "@octokit/rest";
import { Buffer } from "node:buffer";
import type { Clock } from "../lib/clock.ts";
import { Secret } from "../lib/secret.ts";
import { givenAddress } from "./address.ts";
import type { Budget } from "./budget.ts";
import type { ConfigUrl } from "./config_url.ts";
import type { CredentialSource } from "./credential_source.ts";
import { type AppCredential, appJwt, type Credential } from "./credentials.ts";
import { BadShape, type Members, membersOf, requiredText } from "./decode.ts";
import {
  badAnswer,
  errorFromAnswer,
  GitHubError,
  type GitHubErrorCode,
  isGitHubError,
  withHint,
} from "./errors.ts";
import type { Answer, Call, Exchange } from "./exchange.ts";
import { isRefusal, refusalHint, type RegistrationCall } from "./refusals.ts";

/** Where the Actions service is and what opens it. */
export interface AdminConnection {
  /** Absolute; may carry a path and a query, may end in a slash. */
  readonly url: URL;
  readonly token: Secret<string>;
  /** By our clock: corrected when GitHub's clock was seen to differ. */
  readonly expiresAt: Date;
}

/** `userAgent` is sent as it is: the library adds nothing to it. */
export interface RegistrationOptions {
  readonly config: ConfigUrl;
  readonly credentials: CredentialSource;
  /** What GitHub grants each of them. Absent: nobody counts. */
  readonly budget?: ((credential: Credential) => Budget) | undefined;
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly userAgent: string;
}

/** Makes one registration: two or three calls, nothing cached. Throws `GitHubError`. */
export type Register = (signal: AbortSignal) => Promise<AdminConnection>;

/** Per attempt. */
const TIMEOUT_MS = 30_000;

/** As many as GitHub gives. */
export const RUNNERS_A_PAGE = 100;

/** GitHub's clock is believed over ours when they differ by more than its header's resolution, and not absurdly. */
const SKEW_MS = { noticed: 2_000, believed: 15 * 60_000 };

interface Step {
  readonly operation: RegistrationCall;
  /** Method and path. */
  readonly route: `${"GET" | "POST"} /${string}`;
  readonly parameters?: Readonly<Record<string, string | number>>;
  readonly data?: Readonly<Record<string, string>>;
  readonly authorization: string;
  readonly contentType: string;
  /** Any 2xx if absent. */
  readonly wanted?: number;
  readonly retryAlso?: readonly number[];
}

/**
 * A {@link Register} for one config URL. The newest credential is tried first; when GitHub refuses it, the next. Requests
 * as in spec github-protocol.md §4.1 to §4.3.
 */
export function createRegister(options: RegistrationOptions): Register {
  const octokit = new Octokit({ baseUrl: options.config.apiBase, log: SILENT });
  return async (signal) => {
    const { credentials } = options;
    const candidates = credentials.candidates();
    for (const [at, credential] of candidates.entries()) {
      try {
        const run = new Run({ ...options, octokit, credential, signal });
        const connection = await registered(run, credential);
        credentials.accepted(credential);
        return connection;
      } catch (thrown) {
        if (at === candidates.length - 1 || !isRefusal(thrown)) throw thrown;
        credentials.refused(credential, thrown);
      }
    }
    throw new TypeError("There is no credential to register with");
  };
}

async function registered(run: Run, credential: Credential): Promise<AdminConnection> {
  return await adminConnection(run, await registrationToken(run, await bearerOf(run, credential)));
}

async function bearerOf(run: Run, credential: Credential): Promise<Secret<string>> {
  return credential.kind === "pat" ? credential.token : await installationToken(run, credential);
}

/** A page of GitHub's list of all runners of the config URL's organization, repository or enterprise, from 1 on. */
export type RunnersPage = (page: number) => Promise<Members>;

/**
 * Opens GitHub's list of runners with the newest credential: one call for an App's token, then one a page. 100 runners a
 * page. Source: docs.github.com, "REST API endpoints for self-hosted runners".
 */
export async function openRunnerList(
  options: RegistrationOptions,
  signal: AbortSignal,
): Promise<RunnersPage> {
  const [credential] = options.credentials.candidates();
  if (credential === undefined) throw new TypeError("There is no credential to list runners with");
  const octokit = new Octokit({ baseUrl: options.config.apiBase, log: SILENT });
  const run = new Run({ ...options, octokit, credential, signal });
  const bearer = await bearerOf(run, credential);
  const [path, parameters] = placeOf(options.config);
  return (page) =>
    run.ask({
      operation: "list runners",
      route: `GET /${path}/actions/runners`,
      parameters: { ...parameters, per_page: RUNNERS_A_PAGE, page },
      authorization: `Bearer ${bearer.reveal()}`,
      contentType: "application/vnd.github+json",
      wanted: 200,
    }, (data) => data);
}

async function installationToken(run: Run, app: AppCredential): Promise<Secret<string>> {
  const ask = (now: Date) =>
    run.ask({
      operation: "get installation token",
      route: "POST /app/installations/{id}/access_tokens",
      parameters: { id: app.installationId },
      authorization: `Bearer ${appJwt(app, now).reveal()}`,
      contentType: "application/vnd.github+json",
      wanted: 201,
    }, (data) => new Secret(requiredText(data, "token")));
  const { clock } = run.options;
  try {
    return await ask(clock.now());
  } catch (thrown) {
    // An assertion "from the future" is refused; GitHub's own clock tells whether ours is to blame.
    if (!isGitHubError(thrown, "github_unauthorized") || run.skewMs === 0) throw thrown;
    return await ask(new Date(clock.now().getTime() + run.skewMs));
  }
}

async function registrationToken(run: Run, bearer: Secret<string>): Promise<Secret<string>> {
  const [route, parameters] = placeOf(run.options.config);
  return await run.ask({
    operation: "get registration token",
    route: `POST /${route}/actions/runners/registration-token`,
    parameters,
    authorization: `Bearer ${bearer.reveal()}`,
    contentType: "application/vnd.github.v3+json",
    wanted: 201,
  }, (data) => new Secret(requiredText(data, "token")));
}

/** The part of a REST route that stands for the config URL, and what is filled in. */
function placeOf({ scope, organization, repository, enterprise }: ConfigUrl) {
  return {
    organization: ["orgs/{organization}", { organization }] as const,
    repository: ["repos/{organization}/{repository}", { organization, repository }] as const,
    enterprise: ["enterprises/{enterprise}", { enterprise }] as const,
  }[scope];
}

async function adminConnection(
  run: Run,
  registration: Secret<string>,
): Promise<AdminConnection> {
  return await run.ask({
    operation: "register",
    route: "POST /actions/runner-registration",
    data: { url: run.options.config.text, runner_event: "register" },
    authorization: `RemoteAuth ${registration.reveal()}`,
    contentType: "application/json",
    // A fresh registration token may need a moment to become valid everywhere (§4.3).
    retryAlso: [401, 403],
  }, (data) => {
    const token = requiredText(data, "token");
    return {
      url: givenAddress(requiredText(data, "url"), { what: '"url"', config: run.options.config }),
      token: new Secret(token),
      expiresAt: new Date(expiryMs(token) - run.skewMs),
    };
  });
}

interface RunOptions extends Omit<RegistrationOptions, "credentials"> {
  readonly octokit: Octokit;
  readonly credential: Credential;
  readonly signal: AbortSignal;
}

/** One registration on its way: its signal, and what it learns about GitHub's clock. */
class Run {
  /** GitHub's clock minus ours, in ms; 0 when they agree, or when no sense can be made of the difference. */
  skewMs = 0;
  readonly options: RunOptions;
  readonly #budget: Budget | undefined;

  constructor(options: RunOptions) {
    this.options = options;
    this.#budget = options.budget?.(options.credential);
  }

  /** One REST call. The library makes address and body and reads the answer; headers, retries, verdict are ours. */
  async ask<T>(step: Step, read: (data: Members) => T): Promise<T> {
    const method = step.route.startsWith("GET ") ? "GET" : "POST";
    const call = { ...this.#template(step), method, url: new URL("about:blank") };
    const fetch = async (url: string, init: { readonly body?: string }): Promise<Response> => {
      Object.assign(call, { url: new URL(url), body: init.body });
      this.#budget?.check(call);
      const text = await this.options.exchange(
        call,
        (answer) => this.#accepted(call, step, answer),
      );
      return new Response(text, { headers: { "Content-Type": "application/json" } });
    };
    try {
      const { data } = await this.options.octokit.request(step.route, {
        ...step.parameters,
        ...(step.data && { data: step.data }),
        request: { fetch },
      });
      return read(membersOf(data, "the answer"));
    } catch (thrown) {
      throw this.#explained(step, failureOf(call, thrown));
    }
  }

  #explained(step: Step, thrown: unknown): unknown {
    if (!(thrown instanceof GitHubError)) return thrown;
    const hint = refusalHint(step.operation, thrown, this.options);
    return ofOurselves(hint === undefined ? thrown : withHint(thrown, hint));
  }

  #template(step: Step): Omit<Call, "method" | "url"> {
    return {
      operation: step.operation,
      headers: {
        "Content-Type": step.contentType,
        "Authorization": step.authorization,
        "User-Agent": this.options.userAgent,
      },
      timeoutMs: TIMEOUT_MS,
      signal: this.options.signal,
      ...(step.retryAlso && { retryAlso: step.retryAlso }),
    };
  }

  #accepted(call: Call, step: Step, answer: Answer): string {
    const now = this.options.clock.now();
    this.#compareClocks(answer, now);
    this.#budget?.note(answer);
    const { status } = answer;
    const wanted = step.wanted ?? (status >= 200 && status < 300 ? status : 200);
    if (status === wanted) return answer.text;
    const secrets = [step.authorization.replace(/^\w+ /, "")];
    throw errorFromAnswer(call, answer, { now, secrets });
  }

  #compareClocks(answer: Answer, now: Date): void {
    const theirs = Date.parse(answer.headers.get("date") ?? "");
    const differ = Math.abs(theirs - now.getTime());
    if (differ > SKEW_MS.noticed && differ <= SKEW_MS.believed) {
      this.skewMs = theirs - now.getTime();
    }
  }
}

/** The library wraps what its fetch throws; the failure itself is inside, already translated. */
function failureOf(call: Call, thrown: unknown): unknown {
  if (thrown instanceof BadShape) return badAnswer(call, thrown.message);
  return thrown instanceof Error && thrown.name === "HttpError" ? thrown.cause : thrown;
}

/** What may be wrong with us, our way or GitHub. Every other word is about a thing that a call is about. */
const OURSELVES: readonly GitHubErrorCode[] = [
  "github_unauthorized",
  "github_forbidden",
  "github_refused",
  "github_rate_limited",
  "github_unavailable",
  "github_unreachable",
  "github_host_denied",
  "github_bad_answer",
];

/**
 * Calls register when they must: their callers would take a 404 of the registration for the absence of what they asked for,
 * and let go of a runner with a job, or of a scale set.
 */
function ofOurselves(error: GitHubError): GitHubError {
  if (OURSELVES.includes(error.code)) return error;
  const { message, disposition, status, hint } = error;
  return new GitHubError("github_forbidden", message, { disposition, status, hint });
}

/** The claim `exp` of a JWT, in ms; its signature is not ours to verify, its other claims are not to be trusted. */
function expiryMs(token: string): number {
  const parts = token.split(".");
  const claims = parts.length === 3 ? parsed(Buffer.from(parts[1] ?? "", "base64url")) : undefined;
  const { exp } = (claims ?? {}) as { readonly exp?: unknown };
  if (typeof exp !== "number" || !Number.isFinite(exp)) {
    throw new BadShape("the token is no JWT that says when it expires");
  }
  return exp * 1000;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** The library would write to stderr. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
