/**
 * Runs listeners on this machine in place of their pods: the pods stay, without a node, as the controller's word that a
 * listener is wanted, and say how it goes. Knows pods and files, not what a listener does.
 */
import { CONTAINERS, LISTENER_CONFIG } from "../../crds/group.ts";
import { listenerConfigSecretName } from "../../crds/names.ts";
import type { CacheSink } from "../../kube/cache.ts";
import type { KubeClient } from "../../kube/client.ts";
import { isForbidden } from "../../kube/errors.ts";
import { isDeleting, timeText } from "../../kube/meta.ts";
import { reflect } from "../../kube/reflector.ts";
import { PODS, SECRETS } from "../../kube/resources.ts";
import { keyOf, type Pod } from "../../kube/types.ts";
import type { Clock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Logger } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";

/** `schedulerName` of the pods that are ours to run: no scheduler of a cluster has it. */
export const SCHEDULER = "longshore-dev";

/** A listener to be run until `signal` aborts; resolves with its exit code. */
export type RunListener = (
  listener: {
    /** Where its document is. */
    readonly configPath: string;
    /** What its pod has in plain words; what refers to Secrets is left out. */
    readonly env: Readonly<Record<string, string>>;
  },
  signal: AbortSignal,
) => Promise<number>;

export interface LocalListenersOptions {
  readonly kube: KubeClient;
  readonly namespace: string;
  /** For their documents, which hold credentials; removed by whoever made it. */
  readonly folder: string;
  readonly run: RunListener;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** How often a document is read again, in ms: a kubelet takes up to a minute. */
const REFRESH_MS = 10_000;

interface Resident {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** A task: runs what is wanted until `signal` aborts, then ends all listeners and removes their pods. */
export async function runLocalListeners(
  options: LocalListenersOptions,
  signal: AbortSignal,
): Promise<void> {
  const { kube, namespace, clock, random, log } = options;
  const residents = new Map<string, Resident>();
  const uidOf = (pod: Pod) => pod.metadata?.uid ?? "";
  const gone = (uid: string) => residents.get(uid)?.stop.abort(ended());
  const seen = (pod: Pod) => {
    const uid = uidOf(pod);
    if (isDeleting(pod)) return gone(uid);
    if (residents.has(uid) || pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") {
      return;
    }
    const stop = new AbortController();
    residents.set(uid, { stop, ended: live(pod, options, stop.signal) });
  };
  const sink: CacheSink<Pod> = {
    replace: (pods) => {
      const there = new Set(pods.map(uidOf));
      for (const uid of residents.keys()) if (!there.has(uid)) gone(uid);
      pods.forEach(seen);
    },
    apply: (type, pod) => type === "DELETED" ? gone(uidOf(pod)) : seen(pod),
  };
  const fieldSelector = `spec.schedulerName=${SCHEDULER}`;
  await reflect(
    { client: kube, type: PODS, namespace, fieldSelector, sink, clock, random, log },
    signal,
  );
  for (const { stop } of residents.values()) stop.abort(ended());
  await Promise.all([...residents.values()].map((resident) => resident.ended));
  for (const pod of await kube.list(PODS, { namespace, fieldSelector })) {
    await kube.delete(PODS, keyOf(pod), { uid: uidOf(pod), gracePeriodSeconds: 0 });
  }
}

function ended(): DOMException {
  return new DOMException("The listener is not wanted any more", "AbortError");
}

/** One listener from its pod's creation to its end. Never rejects: what goes wrong is the pod's failure. */
async function live(
  pod: Pod,
  options: LocalListenersOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, run } = options;
  const { name } = keyOf(pod);
  const folder = `${options.folder}/${pod.metadata?.uid}`;
  const configPath = `${folder}/${LISTENER_CONFIG.key}`;
  const over = new AbortController();
  try {
    await Deno.mkdir(folder, { mode: 0o700 });
    const text = await documentOf(name, options);
    await writeWhole(configPath, text);
    const startedAt = timeText(clock.now());
    await report(pod, { running: { startedAt } }, options);
    const refreshing = keepFresh({ name, configPath, text }, options, over.signal);
    const code = await run({ configPath, env: plainEnv(pod) }, signal);
    over.abort(ended());
    await refreshing;
    log.info("A listener ended", { name, code });
    if (signal.aborted) return;
    const finishedAt = timeText(clock.now());
    await report(pod, { terminated: { exitCode: code, startedAt, finishedAt } }, options);
  } catch (thrown) {
    over.abort(ended());
    if (signal.aborted) return;
    log.error("A listener could not be run", { name, error: messageOf(thrown) });
    const at = timeText(clock.now());
    const state = { exitCode: 1, startedAt: at, finishedAt: at, message: messageOf(thrown) };
    await report(pod, { terminated: state }, options);
  }
}

async function documentOf(
  listener: string,
  { kube, namespace }: LocalListenersOptions,
): Promise<string> {
  const secret = await kube.get(SECRETS, { namespace, name: listenerConfigSecretName(listener) });
  const text = secret?.data?.[LISTENER_CONFIG.key];
  if (text === undefined) throw new Error(`The Secret with the document of "${listener}" is gone`);
  return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
}

/** In one step: the listener reads it while we write. */
async function writeWhole(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, text, { mode: 0o600 });
  await Deno.rename(`${path}.new`, path);
}

/** As a kubelet does with mounted Secrets. */
async function keepFresh(
  document: { readonly name: string; readonly configPath: string; readonly text: string },
  options: LocalListenersOptions,
  signal: AbortSignal,
): Promise<void> {
  let { text } = document;
  while (!signal.aborted) {
    try {
      await options.clock.sleep(REFRESH_MS, signal);
      const next = await documentOf(document.name, options);
      if (next !== text) await writeWhole(document.configPath, next);
      text = next;
    } catch (thrown) {
      if (signal.aborted) return;
      const fields = { name: document.name, error: messageOf(thrown) };
      options.log.warn("Cannot read a listener's document again", fields);
    }
  }
}

function plainEnv(pod: Pod): Readonly<Record<string, string>> {
  const container = pod.spec?.containers.find(({ name }) => name === CONTAINERS.listener);
  return Object.fromEntries(
    (container?.env ?? []).flatMap(({ name, value }) => value === undefined ? [] : [[name, value]]),
  );
}

interface ContainerState {
  readonly running?: { readonly startedAt: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly startedAt: string;
    readonly finishedAt: string;
    readonly message?: string;
  };
}

/** Says in the pod's status how its listener is; without the right to, the controller does not learn it. */
async function report(
  pod: Pod,
  state: ContainerState,
  { kube, log, clock }: LocalListenersOptions,
): Promise<void> {
  const { terminated } = state;
  const ready = terminated === undefined ? "True" : "False";
  const lastTransitionTime = timeText(clock.now());
  const image = pod.spec?.containers[0]?.image ?? "";
  const status = {
    phase: terminated === undefined
      ? "Running"
      : terminated.exitCode === 0
      ? "Succeeded"
      : "Failed",
    conditions: [{ type: "Ready", status: ready, lastTransitionTime }],
    containerStatuses: [{
      name: CONTAINERS.listener,
      image,
      imageID: "",
      ready: terminated === undefined,
      restartCount: 0,
      state,
    }],
  };
  try {
    await kube.patch(PODS, keyOf(pod), { status }, { subresource: "status" });
  } catch (thrown) {
    const why = isForbidden(thrown) ? "not allowed" : messageOf(thrown);
    log.warn("Cannot say in the pod's status how its listener is", { error: why });
  }
}
