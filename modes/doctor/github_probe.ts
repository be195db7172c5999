/** Asks GitHub for each runner set whether it takes its credentials and knows its scale set. Changes nothing there. */
import { type Access, accessOf, type AccessProblem } from "../../controllers/github_access.ts";
import { documentsOf } from "../../controllers/github_access.ts";
import { type DocumentKey, documentText, type Reading } from "../../controllers/documents.ts";
import { gitHubTarget } from "../../controllers/github_target.ts";
import type { AutoscalingRunnerSet } from "../../crds/autoscaling_runner_set.ts";
import { ANNOTATIONS, DEFAULT_RUNNER_GROUP_ID } from "../../crds/group.ts";
import { type ConfigUrl, parseConfigUrl } from "../../github/config_url.ts";
import type { Credential } from "../../github/credentials.ts";
import { advice, GitHubError } from "../../github/errors.ts";
import { overrideHosts, parseHostOverrides } from "../../github/hosts.ts";
import { type ActionsService, createActionsService } from "../../github/service.ts";
import { thisProduct } from "../../github/user_agent.ts";
import type { KubeClient } from "../../kube/client.ts";
import { isForbidden } from "../../kube/errors.ts";
import { CONFIG_MAPS, SECRETS } from "../../kube/resources.ts";
import { keyOf, keyText } from "../../kube/types.ts";
import { type Clock, withDeadline } from "../../lib/clock.ts";
import { InvalidInput, messageOf } from "../../lib/errors.ts";
import type { Fetch } from "../../lib/http.ts";
import { silentLogger } from "../../lib/log.ts";
import type { FetchFor } from "../../lib/network.ts";
import type { Random } from "../../lib/random.ts";
import type { GitHubAnswer } from "./facts.ts";
import type { Seen } from "./seen.ts";

export interface ProbeOptions {
  readonly kube: Pick<KubeClient, "get">;
  readonly fetchFor: FetchFor;
  /** Sees what goes to GitHub. */
  readonly watching: (fetch: Fetch) => Fetch;
  /** Text of the flag `--github-hosts`. */
  readonly githubHosts: string;
  readonly forceGhes: boolean;
  readonly clock: Clock;
  readonly random: Random;
}

/** What was learnt of one set: of its documents, and of GitHub when they are well. */
export interface Probe {
  readonly documents: Seen<AccessProblem | undefined>;
  readonly github: Seen<GitHubAnswer> | undefined;
}

/** GitHub is asked for so long, in ms: retries included. */
const PATIENCE_MS = 30_000;
/** For any answer at all, in ms. */
const REACH_MS = 10_000;

/** Rejects only when `signal` aborts. */
export async function probeSet(
  set: AutoscalingRunnerSet,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<Probe> {
  if (set.spec?.vaultConfig?.type) {
    const unseen = `the credentials of "${keyText(keyOf(set))}" are in a vault`;
    return { documents: { unseen }, github: { unseen } };
  }
  let access: Access | AccessProblem;
  try {
    access = await accessTo(set, options, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    return { documents: { unseen: messageOf(thrown) }, github: undefined };
  }
  if (!("fingerprint" in access)) {
    const isHidden = access.reason === "SecretForbidden";
    return {
      documents: isHidden ? { unseen: access.message } : { seen: access },
      github: { unseen: `without credentials GitHub was not asked for "${keyText(keyOf(set))}"` },
    };
  }
  return {
    documents: { seen: undefined },
    github: await asked(set, access, { ...options, signal }),
  };
}

async function accessTo(
  set: AutoscalingRunnerSet,
  { kube }: ProbeOptions,
  signal: AbortSignal,
): Promise<Access | AccessProblem> {
  const target = gitHubTarget(keyOf(set).namespace, set.spec);
  if (target.secretName === "") {
    return { reason: "SecretMissing", message: "spec.githubConfigSecret is empty" };
  }
  const found = new Map<string, Reading>();
  for (const key of documentsOf(target)) {
    found.set(documentText(key), await reading(kube, key, signal));
  }
  return accessOf(target, (key) => found.get(documentText(key)) ?? { found: "nothing" });
}

async function reading(
  kube: Pick<KubeClient, "get">,
  key: DocumentKey,
  signal: AbortSignal,
): Promise<Reading> {
  try {
    const object = await kube.get(key.kind === "Secret" ? SECRETS : CONFIG_MAPS, key, { signal });
    return object === undefined ? { found: "nothing" } : { found: "data", data: object.data ?? {} };
  } catch (thrown) {
    if (!isForbidden(thrown)) throw thrown;
    return { found: "refusal", message: messageOf(thrown) };
  }
}

async function asked(
  set: AutoscalingRunnerSet,
  access: Access,
  options: ProbeOptions & { readonly signal: AbortSignal },
): Promise<Seen<GitHubAnswer>> {
  const { clock, signal } = options;
  const configUrl = set.spec?.githubConfigUrl ?? "";
  const about = { set: keyText(keyOf(set)), configUrl };
  try {
    const config = parseConfigUrl(configUrl, { forceGhes: options.forceGhes });
    const fetch = wayOf(access, options);
    const problem = await unreachable(config, { fetch, clock, signal });
    if (problem !== undefined) {
      return { seen: { ...about, proof: { is: "unreachable", message: problem } } };
    }
    const service = serviceFor(config, access.credential, { ...options, fetch });
    return await withDeadline(clock, { ms: PATIENCE_MS, parent: signal }, async (limited) => {
      await service.prove({ signal: limited });
      return {
        seen: { ...about, proof: { is: "taken" }, ...await registration(set, service, limited) },
      };
    });
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof InvalidInput) {
      return { seen: { ...about, proof: { is: "refused", message: messageOf(thrown) } } };
    }
    const words = thrown instanceof GitHubError
      ? advice(thrown)
      : `GitHub did not answer for "${about.set}" within ${PATIENCE_MS / 1000} s`;
    const is = thrown instanceof GitHubError && thrown.status !== undefined
      ? "refused"
      : "unreachable";
    return { seen: { ...about, proof: { is, message: words } } };
  }
}

function wayOf({ network }: Access, options: ProbeOptions): Fetch {
  const fetch = options.watching(options.fetchFor(network));
  return overrideHosts(fetch, parseHostOverrides(options.githubHosts));
}

/** Asks once, for anything: whatever answers, answers. A sentence when nobody does, with the reason. */
async function unreachable(
  config: ConfigUrl,
  { fetch, clock, signal }: {
    readonly fetch: Fetch;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): Promise<string | undefined> {
  try {
    await withDeadline(clock, { ms: REACH_MS, parent: signal }, async (limited) => {
      const response = await fetch(new Request(`${config.apiBase}/meta`, { signal: limited }));
      await response.body?.cancel();
    });
    return undefined;
  } catch (thrown) {
    signal.throwIfAborted();
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    const reason = messageOf(cause);
    const { text } = config;
    return /certificate/i.test(reason)
      ? `The server of githubConfigUrl ${text} is not trusted: ${reason}`
      : `The host of githubConfigUrl ${text} cannot be reached: ${reason}`;
  }
}

function serviceFor(
  config: ConfigUrl,
  credential: Credential,
  { fetch, clock, random }: Pick<ProbeOptions, "clock" | "random"> & { readonly fetch: Fetch },
): ActionsService {
  return createActionsService({
    config,
    credential,
    fetch,
    clock,
    random,
    userAgent: thisProduct("doctor"),
    log: silentLogger,
  });
}

async function registration(
  set: AutoscalingRunnerSet,
  service: ActionsService,
  signal: AbortSignal,
): Promise<Pick<GitHubAnswer, "group" | "scaleSet">> {
  const wantedGroup = set.spec?.runnerGroup ?? "";
  const group = wantedGroup === ""
    ? { name: "Default", id: DEFAULT_RUNNER_GROUP_ID }
    : { name: wantedGroup, id: (await service.findRunnerGroup(wantedGroup, { signal }))?.id };
  const id = Number(set.metadata?.annotations?.[ANNOTATIONS.scaleSetId] ?? 0);
  if (!(id > 0)) return { group };
  const scaleSet = await service.getScaleSet(id, { signal });
  const wanted = set.spec?.runnerScaleSetName || set.metadata?.name || "";
  return { group, scaleSet: { wanted, name: scaleSet?.name } };
}
