/**
 * Whether a cluster can be served at all, asked once before anything is: is it there, are our kinds installed and new
 * enough, may we do what we must. Each answer that is no is one sentence with what to do about it.
 */
import { GROUP, VERSION } from "../crds/group.ts";
import { KINDS } from "../crds/kinds.ts";
import { backoffMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { disposition, HouseError, messageOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import type { KubeClient } from "../kube/client.ts";
import { servedKinds, servedSchemas } from "../kube/discovery.ts";
import { isForbidden, isUnauthorized, KubeError } from "../kube/errors.ts";
import {
  PODS,
  ROLE_BINDINGS,
  ROLES,
  SELF_SUBJECT_RULES_REVIEWS,
  SERVICE_ACCOUNTS,
} from "../kube/resources.ts";
import type { Transport } from "../kube/transport.ts";
import type { PolicyRule } from "../kube/types.ts";
import type { ControllerConfig } from "./config.ts";
import { INSTALL, lackingFields } from "./needed_fields.ts";
import { lackingRights, neededRights, servedNamespaces } from "./rights.ts";

export interface PreflightOptions {
  readonly kube: Pick<KubeClient, "listPage" | "create">;
  readonly transport: Pick<Transport, "request">;
  readonly config: ControllerConfig;
  /** Address of the API server, and how we came to it: `context "a" of FILE`. For messages. */
  readonly server: string;
  readonly whence: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** What may pass by itself is tried again for so long, in ms. Default 10 s. */
  readonly patienceMs?: number;
}

/** The cluster cannot be served as it is: a person has to change something, or a server has to come up. */
export class ClusterUnfit extends HouseError {
  override readonly name = "ClusterUnfit";
  override readonly code = "cluster_unfit";
  override readonly disposition = { kind: "stop" } as const;
}

const PATIENCE_MS = 10_000;
const BACKOFF = { baseMs: 500, capMs: 4_000 };
const OURS = { group: GROUP, version: VERSION };

/** Resolves when nothing stands in the way. Throws {@link ClusterUnfit}. */
export async function checkCluster(options: PreflightOptions, signal: AbortSignal): Promise<void> {
  const { clock, log, random, patienceMs = PATIENCE_MS } = options;
  const endMs = clock.now().getTime() + patienceMs;
  for (let attempt = 0;; attempt++) {
    try {
      await checkKinds(options, signal);
      await checkSight(options, signal);
      await checkRights(options, signal);
      return;
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof KubeError)) throw thrown;
      const ms = backoffMs(attempt, BACKOFF, random);
      if (!mayPass(thrown) || clock.now().getTime() + ms > endMs) {
        throw new ClusterUnfit(sentence(thrown, options), { cause: thrown });
      }
      log.warn("Cannot check the cluster yet", { error: messageOf(thrown), attempt, ms });
      await clock.sleep(ms, signal);
    }
  }
}

/** That our kinds are served, with the fields that we need. */
async function checkKinds(
  { transport, log }: PreflightOptions,
  signal: AbortSignal,
): Promise<void> {
  const served = await servedKinds(transport, OURS, signal);
  const missing = KINDS.map(({ type }) => type.kind).filter((kind) => !served.has(kind));
  if (missing.length > 0) {
    throw new ClusterUnfit(
      `The cluster does not serve ${missing.join(", ")} of ${GROUP}/${VERSION}: ` +
        `install their definitions with ${INSTALL}`,
    );
  }
  let schemas: Awaited<ReturnType<typeof servedSchemas>>;
  try {
    schemas = await servedSchemas(transport, OURS, signal);
  } catch (thrown) {
    if (!isForbidden(thrown)) throw thrown;
    return log.warn("Cannot see how old the definitions are", { error: messageOf(thrown) });
  }
  const { needed, useful } = lackingFields(schemas);
  if (needed.length > 0) {
    throw new ClusterUnfit(
      `The cluster's definitions are too old: they lack ${needed.join(", ")}. Replace them with ` +
        `${INSTALL}`,
    );
  }
  if (useful.length > 0) {
    log.warn("The cluster's definitions lack fields of ours, which are not kept", {
      lacking: useful,
      fix: INSTALL,
    });
  }
}

/** That we may list everything that we follow: a real list of one, because only that is the whole truth. */
async function checkSight(
  { kube, config }: PreflightOptions,
  signal: AbortSignal,
): Promise<void> {
  const types = [
    ...KINDS.map(({ type }) => type),
    PODS,
    SERVICE_ACCOUNTS,
    ROLES,
    ROLE_BINDINGS,
  ];
  const served = servedNamespaces(config);
  await Promise.all(
    (served.length === 0 ? [""] : served).flatMap((namespace) =>
      types.map((type) => kube.listPage(type, { namespace, limit: 1, signal }))
    ),
  );
}

/** That we may do the rest, as far as the server can tell. */
async function checkRights(
  { kube, config, log }: PreflightOptions,
  signal: AbortSignal,
): Promise<void> {
  for (const { namespace, where, rules } of neededRights(config)) {
    const { status } = await kube.create(SELF_SUBJECT_RULES_REVIEWS, { spec: { namespace } }, {
      signal,
    });
    if (status?.incomplete) {
      log.debug("The server does not tell all of our rights", { namespace });
      continue;
    }
    const lacking = lackingRights(rules, (status?.resourceRules ?? []) as readonly PolicyRule[]);
    if (lacking.length === 0) continue;
    throw new ClusterUnfit(
      `Our account may not do all that it must in ${where}: it cannot ${lacking.join("; ")}. ` +
        "Grant it the roles of the controller's chart",
    );
  }
}

/** Whether time alone may help. */
function mayPass(error: KubeError): boolean {
  return disposition(error).kind !== "stop" && !isUnauthorized(error) && !isDistrusted(error);
}

function isDistrusted(error: KubeError): boolean {
  return /invalid peer certificate/.test(error.message);
}

function sentence(error: KubeError, { server, whence }: PreflightOptions): string {
  switch (error.code) {
    case "kube_unreachable":
    case "kube_timeout": {
      const reason = error.message.replace(/^Cannot .*?: /, "");
      return isDistrusted(error)
        ? `The API server ${server} cannot be trusted: ${reason}. Its authority is not the one ` +
          `that ${whence} names`
        : `The API server ${server} cannot be reached: ${reason}. Check that it runs, and that ` +
          `${whence} names its address`;
    }
    case "kube_unauthorized":
      return `The API server ${server} does not take our credentials: ${error.message}. Renew ` +
        `those of ${whence}`;
    case "kube_forbidden":
      return `${error.message}. Grant our account the roles of the controller's chart`;
    default:
      return `${error.message}, asked of the API server ${server}`;
  }
}
