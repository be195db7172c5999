/** Steps that touch the cluster alone. */
import { FINALIZERS, LABELS } from "../../crds/group.ts";
import { isAbsence, isAlreadyExists, isForbidden, isQuotaExceeded } from "../../kube/errors.ts";
import {
  controllerOf,
  DRAWN_LENGTH,
  generatedBase,
  withFinalizer,
  withoutFinalizer,
} from "../../kube/meta.ts";
import { PODS, SECRETS } from "../../kube/resources.ts";
import { type AnyType, keyOf, type KubeObject, type ObjectKey } from "../../kube/types.ts";
import { errorCode } from "../../lib/errors.ts";
import { notTaken, taken } from "../template_verdicts.ts";
import { randomText } from "../../lib/random.ts";
import { absorb, deleteObject, type ExecutorContext, tellLeftBehind } from "./executors.ts";
import type { Executors, Step, Wait } from "./step.ts";

type KubeStep =
  | "create"
  | "patch"
  | "delete"
  | "add-finalizer"
  | "remove-finalizers"
  | "record-event"
  | "note-served"
  | "confirm-gone"
  | "look-at"
  | "delete-linked"
  | "check-pod-template"
  | "release-protected";

/** Characters of generated names, as the API server draws them. */
const NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
/** Failures after which the server may have done it all the same. */
const UNCERTAIN = new Set([
  "kube_internal",
  "kube_timeout",
  "kube_unavailable",
  "kube_unreachable",
]);
/** How soon the plan goes on with what was learned, in ms. */
const AT_ONCE_MS = 1;
/** How long until a pod that nobody sees is looked for again, in ms. */
const UNSEEN_MS = 5_000;

/** Remembers names whose creation is in doubt. */
export function kubeExecutors(context: ExecutorContext): Pick<Executors, KubeStep> {
  const { kube, quotas } = context;
  const doubts = new Doubts();
  let creates = 0;

  /** Of objects that are made in a crowd one tries while a quota on them is full, as with pods (F22). */
  async function inTurn(
    step: Extract<Step, { do: "create" }>,
    work: () => Promise<void>,
  ): Promise<Wait | void> {
    const { namespace, generateName } = step.object.metadata ?? {};
    if (generateName === undefined) return await work();
    const crowd = `${step.type.kind} ${namespace}/${generateName}`;
    const waitMs = quotas.waitMs(crowd, String(++creates));
    if (waitMs > 0) return { waitMs };
    try {
      await work();
    } catch (thrown) {
      if (isQuotaExceeded(thrown)) quotas.refused(crowd);
      throw thrown;
    }
    quotas.passed(crowd);
  }

  return {
    create: (step, signal) => inTurn(step, () => create(context, doubts, step, signal)),
    patch: async ({ type, key, patch }, signal) =>
      absorb(context, type, await kube.patch(type, key, patch, { signal })),
    delete: async (step, signal) => {
      try {
        await deleteObject(context, step, signal);
      } catch (thrown) {
        if (step.whenForbidden === undefined || !isForbidden(thrown)) throw thrown;
      }
    },
    "add-finalizer": changeFinalizers(context, withFinalizer),
    "remove-finalizers": changeFinalizers(context, withoutFinalizer),
    "record-event": ({ about, type, reason, note }) => {
      const happened = { about, type, reason, note };
      if (reason.endsWith("LeftBehind")) tellLeftBehind(context, happened);
      else context.events.record(happened);
      return Promise.resolve();
    },
    "note-served": ({ uid, served }) => {
      context.served.set(uid, served);
      context.departures.repaid(uid);
      return Promise.resolve();
    },
    "confirm-gone": async ({ type, key }, signal) => {
      const found = await kube.get(type, key, { signal });
      if (found === undefined) return;
      absorb(context, type, found);
      return { waitMs: UNSEEN_MS };
    },
    "look-at": async ({ type, key, uid }, signal) => {
      const found = await kube.get(type, key, { signal });
      if (found === undefined) return context.cacheOf(type)?.absorbDeletion(key, uid);
      absorb(context, type, found);
    },
    "delete-linked": async ({ runner }, signal) => {
      const labelSelector = `${LABELS.runnerPod}=${runner.name}`;
      for (const type of [PODS, SECRETS]) {
        try {
          const linked = await kube.list<KubeObject>(type, {
            namespace: runner.namespace,
            labelSelector,
            signal,
          });
          for (const object of linked) {
            if (object.metadata?.deletionTimestamp !== undefined) continue;
            await kube.delete(type, keyOf(object), { uid: object.metadata?.uid, signal });
          }
        } catch (thrown) {
          // The rights in this namespace may have gone first.
          if (!isForbidden(thrown)) throw thrown;
        }
      }
    },
    "check-pod-template": async ({ uid, hash, pod }, signal) => {
      let verdict = taken(hash);
      try {
        await kube.create(PODS, pod, { dryRun: true, signal });
      } catch (thrown) {
        signal.throwIfAborted();
        verdict = notTaken(thrown, hash, context.clock.now());
      }
      context.templates.set(uid, verdict);
      return { waitMs: AT_ONCE_MS };
    },
    "release-protected": async ({ type, key }, signal) => {
      try {
        const object = await kube.get(type, key, { signal });
        const patch = object && withoutFinalizer(object, FINALIZERS.cleanupProtection);
        if (patch) await kube.jsonPatch(type, key, patch, { signal });
      } catch (thrown) {
        // Its owner may have taken it, or our rights to it, away already.
        if (!isAbsence(thrown) && !isForbidden(thrown)) throw thrown;
      }
    },
  };
}

/** Names under which something may have been made without our knowing, by what was to be made. */
class Doubts {
  readonly #keys = new Map<string, ObjectKey[]>();

  add(family: string, key: ObjectKey): void {
    this.#keys.set(family, [...this.#keys.get(family) ?? [], key]);
  }

  /** It is known what became of it. */
  settle(family: string, key: ObjectKey): void {
    const rest = (this.#keys.get(family) ?? []).filter((other) => other !== key);
    if (rest.length === 0) this.#keys.delete(family);
    else this.#keys.set(family, rest);
  }

  take(family: string): ObjectKey | undefined {
    const [key, ...rest] = this.#keys.get(family) ?? [];
    if (rest.length === 0) this.#keys.delete(family);
    else this.#keys.set(family, rest);
    return key;
  }
}

/**
 * A generated name is drawn here, once. When the answer to a create was lost, the server is asked for that name, now or
 * before anything else of its family is made, so that one step never makes two objects. An object that exists already
 * is shown and left to the next plan: a proxy on the way may have sent our call twice. One that bears a name just drawn,
 * and that we knew or that has another owner, is not what was to be made, and another name has to be drawn.
 */
async function create(
  context: ExecutorContext,
  doubts: Doubts,
  step: Extract<Step, { do: "create" }>,
  signal: AbortSignal,
): Promise<void> {
  const { type } = step;
  const { namespace = "", generateName } = step.object.metadata ?? {};
  const family = `${type.kind} ${namespace}/${generateName}`;
  if (await wasMadeBefore(context, doubts, { type, family }, signal)) return;
  const object = named(context, step.object);
  const key = keyOf(object);
  const isKnown = context.cacheOf(type)?.get?.(key) !== undefined;
  try {
    absorb(context, type, await context.kube.create(type, object, { signal }));
    return;
  } catch (thrown) {
    const isTaken = isAlreadyExists(thrown);
    const isDrawn = generateName !== undefined;
    if (!isTaken && !UNCERTAIN.has(errorCode(thrown))) throw thrown;
    if (isTaken && isDrawn && isKnown) throw thrown;
    if (isDrawn) doubts.add(family, key);
    const found = await context.kube.get(type, key, { signal });
    if (isDrawn && found !== undefined && !haveOneOwner(found, object)) {
      doubts.settle(family, key);
      throw thrown;
    }
    if (found !== undefined) return absorb(context, type, found);
    throw thrown;
  }
}

/** Whether a create of the same family, of whose fate nothing was known, has made its object after all. */
async function wasMadeBefore(
  context: ExecutorContext,
  doubts: Doubts,
  what: { readonly type: AnyType; readonly family: string },
  signal: AbortSignal,
): Promise<boolean> {
  const { type, family } = what;
  for (let key = doubts.take(family); key !== undefined; key = doubts.take(family)) {
    if (context.cacheOf(type)?.get?.(key) !== undefined) continue; // the plan knows of it
    try {
      const found = await context.kube.get(type, key, { signal });
      if (found === undefined) continue;
      absorb(context, type, found);
      return true;
    } catch (thrown) {
      doubts.add(family, key);
      throw thrown;
    }
  }
  return false;
}

function haveOneOwner(a: KubeObject, b: KubeObject): boolean {
  return controllerOf(a)?.uid === controllerOf(b)?.uid;
}

function named(context: ExecutorContext, object: KubeObject): KubeObject {
  const { generateName, ...metadata } = object.metadata ?? {};
  if (generateName === undefined) return object;
  const name = generatedBase(generateName) +
    randomText(context.random, DRAWN_LENGTH, NAME_ALPHABET);
  return { ...object, metadata: { ...metadata, generateName, name } };
}

type FinalizerStep = Omit<Extract<Step, { do: "add-finalizer" }>, "do">;

/** One patch each, which fails rather than touch anybody else's. */
function changeFinalizers(
  context: ExecutorContext,
  patchFor: typeof withFinalizer,
): (step: FinalizerStep, signal: AbortSignal) => Promise<void> {
  return async ({ type, finalizers, ...step }, signal) => {
    let { object } = step;
    const key = keyOf(object);
    for (const finalizer of finalizers) {
      const patch = patchFor(object, finalizer);
      if (patch === undefined) continue;
      try {
        object = await context.kube.jsonPatch(type, key, patch, { signal });
      } catch (thrown) {
        if (isAbsence(thrown)) {
          return context.cacheOf(type)?.absorbDeletion(key, object.metadata?.uid ?? "");
        }
        throw thrown;
      }
      absorb(context, type, object);
    }
  };
}
