/**
 * From a Secret to a service at GitHub. A credential is shown to GitHub before it takes the place of the one in use; the
 * last that was taken is kept, so that a set whose Secret broke or went can still be served and cleaned up.
 */
import { type ConfigUrl, parseConfigUrl } from "../github/config_url.ts";
import { type Credential, credentialFingerprint } from "../github/credentials.ts";
import { createServicePool } from "../github/pool.ts";
import { isRefusal } from "../github/refusals.ts";
import type { ActionsService } from "../github/service.ts";
import type { Clock } from "../lib/clock.ts";
import { type Disposition, HouseError } from "../lib/errors.ts";
import type { NetworkSettings } from "../lib/network.ts";
import { Documents, type DocumentsOptions, documentText } from "./documents.ts";
import { type Access, type AccessProblem, documentsOf, readAccess } from "./github_access.ts";
import { targetText } from "./github_target.ts";
import { networkFingerprint } from "./network_settings.ts";
import type { GitHubTarget } from "./reconcile/step.ts";
import { accepted, failed, type Verdict } from "./verdict.ts";

/** What is known of the credentials behind a target. */
export interface CredentialState {
  /** `none`: there is nothing to call GitHub with. `usable`: perhaps an older one, when there is a problem too. */
  readonly service: "usable" | "none";
  /** What is wrong with the Secret, or with the way to GitHub, as it is now. */
  readonly problem: AccessProblem | undefined;
  /** Changes when the credential in use, or its way to GitHub, does; empty without one. Tells nothing of it. */
  readonly fingerprint: string;
  /** GitHub has not taken it yet, and has not refused it either. */
  readonly isUnproven?: boolean;
}

export interface GitHubServices {
  check(target: GitHubTarget, signal: AbortSignal): Promise<CredentialState>;
  /** Throws {@link NoCredentials}. */
  service(target: GitHubTarget, signal: AbortSignal): Promise<ActionsService>;
  /** The credential in use. Throws {@link NoCredentials}. */
  credential(target: GitHubTarget, signal: AbortSignal): Promise<Credential>;
  /** The way to GitHub in use. Throws {@link NoCredentials}. */
  network(target: GitHubTarget, signal: AbortSignal): Promise<NetworkSettings>;
  /** GitHub refused the credential: the Secret is read again before the next use. */
  distrust(target: GitHubTarget, thrown?: unknown): void;
  /** Called when {@link check} may give another answer than before. */
  onChange(notify: (target: GitHubTarget) => void): void;
  /** Only these are needed from now on. */
  retain(targets: readonly GitHubTarget[]): void;
  /** A task: follows Secrets and ConfigMaps where that is allowed, until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** There is no credential that could be used. Only a change of the Secret helps. */
export class NoCredentials extends HouseError {
  override readonly name = "NoCredentials";
  override readonly code = "github_no_credentials";
  override readonly disposition: Disposition = { kind: "retry-after", ms: BROKEN_MS };
}

/** How long a Secret that may not be followed is trusted, in ms: each resync looks at it. A refusal ends the trust at once. */
const FRESH_MS = 300_000;
/** How soon a Secret that could not be used is read again, in ms. */
const BROKEN_MS = 10_000;
/** How long those who ask wait for GitHub's word on a new credential, in ms; the old one serves meanwhile. */
const PATIENCE_MS = 5_000;
/** A service for one of the ways to GitHub. `name` stands for the Secret in metrics. */
export type CreateService = (
  config: ConfigUrl,
  credential: Credential,
  way: { readonly network: NetworkSettings; readonly name: string },
) => ActionsService;

export interface GitHubServicesOptions extends DocumentsOptions {
  readonly forceGhes: boolean;
  readonly createService: CreateService;
  /** Nobody uses the Secret of that name any more. */
  readonly onForget?: (name: string) => void;
}

interface Trial {
  readonly fingerprint: string;
  readonly ended: Promise<void>;
  /** Nobody waits for it any more. */
  isSlow: boolean;
}

interface Account {
  readonly target: GitHubTarget;
  /** The last that GitHub took. */
  held: Access | undefined;
  verdict: Verdict | undefined;
  trial: Trial | undefined;
  isBroken: boolean;
}

/** What to use, and what is wrong with what should be used. */
interface Settled {
  readonly access: Access | undefined;
  readonly problem: AccessProblem | undefined;
  readonly isUnproven: boolean;
}

/** Nothing is read before {@link GitHubServices.run} and the first question. */
export function createGitHubServices(options: GitHubServicesOptions): GitHubServices {
  const { clock } = options;
  const documents = new Documents(options);
  const accounts = new Map<string, Account>();
  const pool = createServicePool();
  const listeners: ((target: GitHubTarget) => void)[] = [];
  const ending = new AbortController();
  const nowMs = () => clock.now().getTime();

  function accountOf(target: GitHubTarget): Account {
    const key = targetText(target);
    const account = accounts.get(key) ??
      { target, held: undefined, verdict: undefined, trial: undefined, isBroken: false };
    accounts.set(key, account);
    return account;
  }

  function tell(target: GitHubTarget): void {
    for (const notify of listeners) notify(target);
  }

  documents.onChange((changed) => {
    for (const { target } of accounts.values()) {
      if (documentsOf(target).some((key) => documentText(key) === documentText(changed))) {
        tell(target);
      }
    }
  });

  function serviceOf(account: Account, access: Access, user: string): ActionsService {
    const { target } = account;
    const config = parseConfigUrl(target.configUrl, { forceGhes: options.forceGhes });
    const { credential, network } = access;
    return pool.get({
      user: `${targetText(target)} ${user}`,
      configUrl: config.text,
      credential: credentialFingerprint(credential),
      connection: networkFingerprint(network),
    }, () => options.createService(config, credential, { network, name: secretNameOf(target) }));
  }

  /** Shows an access to GitHub. Never rejects. */
  async function show(account: Account, access: Access): Promise<Verdict> {
    const { fingerprint } = access;
    try {
      await serviceOf(account, access, "trial").prove({ signal: ending.signal });
      return accepted(fingerprint);
    } catch (thrown) {
      const { target, verdict: before } = account;
      return failed(thrown, { target, fingerprint, before, now: clock.now() });
    }
  }

  /** Waits for GitHub's word, but not for long: who stopped waiting is told when it has come, and nobody else waits. */
  async function judged(account: Account, access: Access, signal: AbortSignal): Promise<void> {
    const { verdict } = account;
    const isCurrent = verdict?.fingerprint === access.fingerprint && nowMs() < verdict.untilMs;
    if (isCurrent) return;
    if (account.trial?.fingerprint !== access.fingerprint) {
      const trial: Trial = {
        fingerprint: access.fingerprint,
        isSlow: false,
        ended: show(account, access).then((verdict) => {
          if (account.trial !== trial) return; // another one is wanted by now
          account.trial = undefined;
          account.verdict = verdict;
          if (verdict.outcome === "accepted") account.held = access;
        }),
      };
      account.trial = trial;
    }
    const { trial } = account;
    if (trial.isSlow || await endsWithin(trial.ended, { ms: PATIENCE_MS, clock, signal })) return;
    if (!trial.isSlow) trial.ended.then(() => tell(account.target));
    trial.isSlow = true;
  }

  async function settle(account: Account, signal: AbortSignal): Promise<Settled> {
    const found = await readAccess(account.target, {
      documents,
      maxAgeMs: account.isBroken ? BROKEN_MS : FRESH_MS,
      signal,
    });
    account.isBroken = !("fingerprint" in found);
    if (!("fingerprint" in found)) {
      return { access: account.held, problem: found, isUnproven: false };
    }
    if (!isUrl(account.target.configUrl, options.forceGhes)) {
      return { access: account.held ?? found, problem: undefined, isUnproven: true };
    }
    await judged(account, found, signal);
    const { held, verdict } = account;
    const own = verdict?.fingerprint === found.fingerprint ? verdict : undefined;
    account.isBroken = own?.outcome === "refused";
    if (own?.outcome === "accepted") {
      return { access: found, problem: undefined, isUnproven: false };
    }
    if (own?.outcome !== "refused" && held === undefined) {
      return { access: found, problem: undefined, isUnproven: true };
    }
    return { access: held, problem: own?.problem, isUnproven: false };
  }

  async function usable(target: GitHubTarget, signal: AbortSignal): Promise<[Account, Access]> {
    const account = accountOf(target);
    const { access, problem } = await settle(account, signal);
    if (access === undefined) throw new NoCredentials(problem?.message ?? "No credentials");
    return [account, access];
  }

  return {
    async check(target, signal) {
      const { access, problem, isUnproven } = await settle(accountOf(target), signal);
      return {
        service: access === undefined ? "none" : "usable",
        problem,
        fingerprint: access?.fingerprint ?? "",
        ...(isUnproven && { isUnproven }),
      };
    },
    async service(target, signal) {
      const [account, access] = await usable(target, signal);
      return serviceOf(account, access, "work");
    },
    credential: async (target, signal) => (await usable(target, signal))[1].credential,
    network: async (target, signal) => (await usable(target, signal))[1].network,
    distrust(target, thrown) {
      const account = accounts.get(targetText(target));
      if (account === undefined) return;
      for (const key of documentsOf(target)) documents.distrust(key);
      const { held } = account;
      if (held === undefined || !isRefusal(thrown)) return;
      const { fingerprint } = held;
      account.verdict = failed(thrown, {
        target,
        fingerprint,
        before: undefined,
        now: clock.now(),
      });
    },
    onChange: (notify) => void listeners.push(notify),
    retain(targets) {
      const wanted = new Set(targets.map(targetText));
      const gone = new Set<string>();
      for (const [key, { target }] of accounts) {
        if (wanted.has(key)) continue;
        accounts.delete(key);
        gone.add(secretNameOf(target));
        for (const user of ["work", "trial"]) pool.release(`${key} ${user}`);
      }
      for (const { target } of accounts.values()) gone.delete(secretNameOf(target));
      for (const name of gone) options.onForget?.(name);
      documents.retain([...accounts.values()].flatMap(({ target }) => documentsOf(target)));
    },
    async run(signal) {
      await documents.run(signal);
      ending.abort(signal.reason);
      await Promise.all([...accounts.values()].map(({ trial }) => trial?.ended));
    },
  };
}

function secretNameOf(target: GitHubTarget): string {
  return `${target.namespace}/${target.secretName}`;
}

/** Not the credential's fault: the set's plan tells. */
function isUrl(text: string, forceGhes: boolean): boolean {
  try {
    parseConfigUrl(text, { forceGhes });
    return true;
  } catch {
    return false;
  }
}

/** Whether `work` ended in time. Rejects when `signal` aborts first. */
async function endsWithin(
  work: Promise<void>,
  limit: { readonly ms: number; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<boolean> {
  const over = new AbortController();
  const time = limit.clock.sleep(limit.ms, AbortSignal.any([limit.signal, over.signal]))
    .then(() => false);
  try {
    return await Promise.race([work.then(() => true), time]);
  } finally {
    over.abort();
    time.catch(() => {}); // the work was faster
  }
}
