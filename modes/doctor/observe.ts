/** Gathers the facts, reading only. What cannot be seen is a fact too, and never ends the gathering. */
import { lackingFields } from "../../controllers/needed_fields.ts";
import {
  AUTOSCALING_LISTENERS,
  type AutoscalingListener,
} from "../../crds/autoscaling_listener.ts";
import {
  AUTOSCALING_RUNNER_SETS,
  type AutoscalingRunnerSet,
} from "../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../../crds/ephemeral_runner.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../crds/ephemeral_runner_set.ts";
import { GROUP, VERSION } from "../../crds/group.ts";
import { KINDS } from "../../crds/kinds.ts";
import type { KubeClient } from "../../kube/client.ts";
import { servedKinds, servedSchemas, serverVersion } from "../../kube/discovery.ts";
import { isForbidden, isNotFound } from "../../kube/errors.ts";
import { isDeleting } from "../../kube/meta.ts";
import {
  DEPLOYMENTS,
  LEASES,
  LIMIT_RANGES,
  PODS,
  RESOURCE_QUOTAS,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
} from "../../kube/resources.ts";
import type { Transport } from "../../kube/transport.ts";
import { keyOf, keyText, type KubeObject, type ResourceType } from "../../kube/types.ts";
import { messageOf } from "../../lib/errors.ts";
import { CONTROLLER_SELECTOR, LEASE_NAME, PRODUCT_SELECTOR } from "../installed_controllers.ts";
import type { Definitions, Facts } from "./facts.ts";
import { type ProbeOptions, probeSet } from "./github_probe.ts";
import { inParallel } from "./in_parallel.ts";
import { rightsQuestions } from "./rights_questions.ts";
import { reviewRights } from "./rights_review.ts";
import { type Seen, someOf } from "./seen.ts";
import type { ServerClocks } from "./server_clocks.ts";

export interface Sources extends ProbeOptions {
  readonly kube: Pick<KubeClient, "get" | "list" | "create">;
  readonly transport: Pick<Transport, "request">;
  readonly clocks: ServerClocks;
  /** Only runner sets of this namespace; empty: of all. */
  readonly namespace: string;
}

const OURS = { group: GROUP, version: VERSION };
const SETS_AT_ONCE = 8;

/** Rejects only when `signal` aborts. */
export async function observe(sources: Sources, signal: AbortSignal): Promise<Facts> {
  const { namespace, transport } = sources;
  const version = await seen(() => serverVersion(transport, signal), signal);
  if ("unseen" in version) return nothingSeen(sources, version);
  const definitions = await seen(() => definitionsOf(sources, signal), signal);
  const missing = "seen" in definitions ? definitions.seen.missing : [];
  const list = <T extends KubeObject>(type: ResourceType<T>, within: string, selector?: string) =>
    missing.includes(type.kind)
      ? Promise.resolve({ unseen: `the cluster does not serve ${type.kind}` })
      : listed(sources, { type, namespace: within, selector, signal });
  const [sets, allListeners, runnerSets, runners, pods, deployments, leases, quotas, limitRanges] =
    await Promise.all([
      list(AUTOSCALING_RUNNER_SETS, namespace),
      list(AUTOSCALING_LISTENERS, ""),
      list(EPHEMERAL_RUNNER_SETS, namespace),
      list(EPHEMERAL_RUNNERS, namespace),
      list(PODS, "", PRODUCT_SELECTOR),
      list(DEPLOYMENTS, "", CONTROLLER_SELECTOR),
      list(LEASES, ""),
      list(RESOURCE_QUOTAS, namespace),
      list(LIMIT_RANGES, namespace),
    ]);
  const listeners = ofSets(allListeners, namespace);
  const probes = await inParallel(
    someOf(sets).filter((set) => !isDeleting(set)),
    SETS_AT_ONCE,
    async (set) => ({ set, ...await probeSet(set, sources, signal) }),
  );
  const questions = rightsQuestions({
    deployments: someOf(deployments),
    sets: someOf(sets),
    listeners: someOf(listeners),
    namespace: namespace || "default",
  });
  return {
    now: sources.clock.now(),
    version,
    definitions,
    sets,
    listeners,
    runnerSets,
    runners,
    pods,
    deployments,
    leases: filtered(leases, ({ metadata }) => metadata?.name === LEASE_NAME),
    rights: await reviewRights(sources.kube, questions, signal),
    documents: new Map(probes.map(({ set, documents }) => [keyText(keyOf(set)), documents])),
    github: probes.flatMap(({ github }) => github ?? []),
    clocks: sources.clocks.readings,
    quotas,
    limitRanges,
    deleting: [
      sets,
      listeners,
      runnerSets,
      runners,
      ...await childrenOf(someOf(sets), { list, namespace }),
    ].map((fact) => filtered<KubeObject>(fact, isDeleting)),
  };
}

function nothingSeen({ clock }: Sources, version: Facts["version"]): Facts {
  const hidden = { unseen: "the API server did not answer" };
  return {
    now: clock.now(),
    version,
    definitions: hidden,
    sets: hidden,
    listeners: hidden,
    runnerSets: hidden,
    runners: hidden,
    pods: hidden,
    deployments: hidden,
    leases: hidden,
    rights: [],
    documents: new Map(),
    github: [],
    clocks: [],
    quotas: hidden,
    limitRanges: hidden,
    deleting: [hidden],
  };
}

async function seen<T>(look: () => Promise<T>, signal: AbortSignal): Promise<Seen<T>> {
  try {
    return { seen: await look() };
  } catch (thrown) {
    signal.throwIfAborted();
    return { unseen: messageOf(thrown) };
  }
}

async function definitionsOf(
  { transport }: Sources,
  signal: AbortSignal,
): Promise<Definitions> {
  const served = await servedKinds(transport, OURS, signal);
  const missing = KINDS.map(({ type }) => type.kind).filter((kind) => !served.has(kind));
  if (missing.length > 0) return { missing, needed: [], useful: [] };
  try {
    return { missing, ...lackingFields(await servedSchemas(transport, OURS, signal)) };
  } catch (thrown) {
    if (!isForbidden(thrown) && !isNotFound(thrown)) throw thrown;
    return { missing, needed: [], useful: [] };
  }
}

interface Question<T extends KubeObject> {
  readonly type: ResourceType<T>;
  readonly namespace: string;
  readonly selector?: string | undefined;
  readonly signal: AbortSignal;
}

/** Where the whole cluster may not be seen, the namespace that was named has to do. */
async function listed<T extends KubeObject>(
  sources: Sources,
  { type, namespace, selector, signal }: Question<T>,
): Promise<Seen<readonly T[]>> {
  const look = (within: string) =>
    seen(
      () => sources.kube.list(type, { namespace: within, labelSelector: selector, signal }),
      signal,
    );
  const found = await look(namespace);
  if ("seen" in found || namespace !== "" || sources.namespace === "") return found;
  return await look(sources.namespace);
}

function filtered<T>(fact: Seen<readonly T[]>, wanted: (one: T) => boolean): Seen<readonly T[]> {
  return "seen" in fact ? { seen: fact.seen.filter(wanted) } : fact;
}

function ofSets(
  listeners: Seen<readonly AutoscalingListener[]>,
  namespace: string,
): Seen<readonly AutoscalingListener[]> {
  if (namespace === "") return listeners;
  return filtered(
    listeners,
    ({ spec }) => spec?.autoscalingRunnerSetNamespace === namespace,
  );
}

/** What ARC's charts protect with finalizers, in the namespaces of the sets. */
async function childrenOf(
  sets: readonly AutoscalingRunnerSet[],
  { list, namespace }: {
    readonly list: (
      type: ResourceType<KubeObject>,
      within: string,
    ) => Promise<Seen<readonly KubeObject[]>>;
    readonly namespace: string;
  },
): Promise<readonly Seen<readonly KubeObject[]>[]> {
  const namespaces = new Set([...sets.map((set) => keyOf(set).namespace), namespace]);
  namespaces.delete("");
  const questions = [...namespaces].flatMap((within) =>
    [ROLES, ROLE_BINDINGS, SERVICE_ACCOUNTS].map((type) => ({ type, within }))
  );
  return await inParallel(questions, SETS_AT_ONCE, ({ type, within }) => list(type, within));
}
