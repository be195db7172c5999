/** Small stand-ins for the API server and GitHub that record what they are asked. Knows no rule of either. */
import type { ExecutorContext } from "../../controllers/reconcile/executors.ts";
import { Departures } from "../../controllers/ephemeral_runner_set/departures.ts";
import { Listings } from "../../controllers/ephemeral_runner_set/listings.ts";
import { QuotaGates } from "../../controllers/reconcile/quota_gates.ts";
import type { GitHubServices } from "../../controllers/github_services.ts";
import { type Caches, createCaches } from "../../controllers/caches.ts";
import type { ActionsService } from "../../github/service.ts";
import type { KubeClient } from "../../kube/client.ts";
import { KubeError, type KubeErrorCode } from "../../kube/errors.ts";
import { type AnyType, keyOf, type KubeObject, type ObjectKey } from "../../kube/types.ts";
import { silentLogger } from "../../lib/log.ts";
import { silentMetrics } from "../../lib/metrics.ts";
import { OWN_NETWORK } from "../../lib/network.ts";
import { seededRandom } from "../../lib/random.ts";
import { Secret } from "../../lib/secret.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { uidOf } from "../builders.ts";
import { CREATED } from "../times.ts";
import { GOOD_CREDENTIALS } from "./situations.ts";

export const NEVER = new AbortController().signal;

/** What was asked, in short: `create Pod a/b`, `removeRunner 7`. */
export type Calls = string[];

export interface KubeCall {
  readonly verb: string;
  readonly type: AnyType;
  readonly key: ObjectKey;
  readonly body?: unknown;
}

export interface FakeKube {
  readonly kube: KubeClient;
  readonly calls: readonly KubeCall[];
  /** `create Pod name`, in order. */
  outline(): readonly string[];
  /** Of the first such call. */
  bodyOf(verb: string, kind: string): unknown;
}

/** Answers as a server that agrees to everything; `answer` decides otherwise by returning or throwing. */
export function fakeKube(answer: (call: KubeCall) => unknown = () => undefined): FakeKube {
  const calls: KubeCall[] = [];
  function respond(call: KubeCall, agreed: unknown): Promise<never> {
    calls.push(call);
    try {
      return Promise.resolve((answer(call) ?? agreed) as never);
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }
  const stored = (type: AnyType, key: ObjectKey, object: object = {}) => ({
    ...object,
    metadata: { ...(object as KubeObject).metadata, ...key, uid: uidOf(type, key) },
  });
  const kube = {
    get: (type: AnyType, key: ObjectKey) => respond({ verb: "get", type, key }, undefined),
    list: (type: AnyType, options: { namespace?: string; labelSelector?: string }) =>
      respond({
        verb: "list",
        type,
        key: { namespace: options.namespace ?? "", name: "" },
        body: options.labelSelector,
      }, []),
    create: (type: AnyType, object: KubeObject) => {
      const key = keyOf(object);
      return respond({ verb: "create", type, key, body: object }, stored(type, key, object));
    },
    patch: (type: AnyType, key: ObjectKey, body: unknown, options?: { subresource?: string }) =>
      respond(
        { verb: options?.subresource ? "patch-status" : "patch", type, key, body },
        stored(type, key),
      ),
    jsonPatch: (type: AnyType, key: ObjectKey, body: unknown) =>
      respond({ verb: "json-patch", type, key, body }, stored(type, key)),
    delete: (type: AnyType, key: ObjectKey, options: { uid?: string }) =>
      respond({ verb: "delete", type, key, body: options.uid }, undefined),
  } as unknown as KubeClient;
  return {
    kube,
    calls,
    outline: () => calls.map(({ verb, type, key }) => `${verb} ${type.kind} ${key.name}`),
    bodyOf: (verb: string, kind: string) =>
      calls.find((call) => call.verb === verb && call.type.kind === kind)?.body,
  };
}

export function kubeError(code: KubeErrorCode, message: string = code): KubeError {
  return new KubeError(message, {
    code,
    reason: code === "kube_not_found" ? "NotFound" : undefined,
  });
}

type Answers = { readonly [K in keyof ActionsService]?: (...args: never[]) => unknown };

const JIT = {
  runnerId: 101,
  runnerName: "linux-runner-a1b2c",
  scaleSetId: 7,
  encoded: new Secret("jit-text"),
};
const SCALE_SET = {
  id: 7,
  name: "linux",
  runnerGroupId: 1,
  runnerGroupName: "Default",
  labels: [],
};
const AGREED: Answers = {
  findRunnerGroup: () => ({ id: 5, name: "gpu" }),
  findScaleSet: () => undefined,
  getScaleSet: () => undefined,
  createScaleSet: () => SCALE_SET,
  updateScaleSet: () => SCALE_SET,
  deleteScaleSet: () => "deleted",
  issueJitConfig: () => JIT,
  findRunner: () => undefined,
  listRunners: () => [],
  removeRunner: () => "removed",
};

export interface FakeGitHub {
  readonly services: GitHubServices;
  readonly calls: readonly string[];
  /** Names of Secrets. */
  readonly distrusted: readonly string[];
}

/** A GitHub that agrees to everything unless told otherwise. */
export function fakeGitHub(answers: Answers = {}): FakeGitHub {
  const calls: Calls = [];
  const all: Answers = { ...AGREED, ...answers };
  const call = (name: keyof ActionsService) => (...args: unknown[]) => {
    const plain = args.filter((arg) => !(arg as { signal?: unknown })?.signal);
    calls.push([name, ...plain.map((arg) => JSON.stringify(arg))].join(" "));
    try {
      return Promise.resolve(all[name]?.(...args as never[]));
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  };
  const names = Object.keys(AGREED) as (keyof ActionsService)[];
  const service = Object.fromEntries(
    names.map((name) => [name, call(name)]),
  ) as unknown as ActionsService;
  const distrusted: string[] = [];
  const services: GitHubServices = {
    check: () => Promise.resolve(GOOD_CREDENTIALS),
    service: () => Promise.resolve(service),
    credential: () => Promise.resolve({ kind: "pat", token: new Secret("ghp_secret") }),
    network: () => Promise.resolve(OWN_NETWORK),
    distrust: (target) => void distrusted.push(target.secretName),
    onChange: () => {},
    retain: () => {},
    run: () => Promise.resolve(),
  };
  return { services, calls, distrusted };
}

export interface ExecutorMemory {
  readonly context: ExecutorContext;
  /** `+ name` shown, `- name` shown as gone. */
  readonly absorbed: readonly string[];
  /** Reasons of Events. */
  readonly told: readonly string[];
}

/** What executors need, with the two fakes and memory that a test may look into. */
export function executorContext(
  parts: { readonly kube: KubeClient; readonly services: GitHubServices },
): ExecutorMemory {
  const clock = new VirtualClock(CREATED);
  const absorbed: Calls = [];
  const told: string[] = [];
  const context = {
    ...parts,
    events: { record: (happened: { reason: string }) => void told.push(happened.reason) },
    cacheOf: () => ({
      absorb: (object: KubeObject) => void absorbed.push(`+ ${keyOf(object).name}`),
      absorbDeletion: (key: ObjectKey) => void absorbed.push(`- ${key.name}`),
    }),
    served: new Map(),
    departures: new Departures(),
    listings: new Listings(),
    quotas: new QuotaGates(clock),
    templates: new Map(),
    registered: new Map<string, number>(),
    started: new Map<string, number>(),
    proxySecrets: new Map<string, string>(),
    clock,
    random: seededRandom(1),
  } as unknown as ExecutorContext;
  return { context, absorbed, told };
}

/** The controllers' caches with these objects in them, as if the watches had told. */
export function cachesWith(objects: readonly KubeObject[] = []): Caches {
  const { caches } = createCaches({
    kube: fakeKube().kube,
    namespaces: [],
    clock: new VirtualClock(CREATED),
    random: seededRandom(1),
    log: silentLogger,
    metrics: silentMetrics,
  });
  for (const object of objects) put(caches, object);
  return caches;
}

const CACHE_OF: Readonly<Record<string, keyof Caches>> = {
  AutoscalingRunnerSet: "runnerSets",
  AutoscalingListener: "listeners",
  EphemeralRunnerSet: "ephemeralRunnerSets",
  EphemeralRunner: "runners",
  Pod: "pods",
  ServiceAccount: "serviceAccounts",
  Role: "roles",
  RoleBinding: "roleBindings",
};

/** One more change of the watch. */
export function put(
  caches: Caches,
  object: KubeObject,
  type: "ADDED" | "MODIFIED" | "DELETED" = "ADDED",
): void {
  const name = CACHE_OF[object.kind ?? ""];
  if (name !== undefined) caches[name].sink().apply(type, object as never);
}
