/**
 * A cluster in which ARC was at work a moment ago: its scale set at GitHub, runners that are busy or idle in pods of
 * their own, an older generation that finishes a job, the objects of its listener. It plays ARC's part at GitHub by hand
 * and knows no controller of ours.
 */
import assert from "node:assert/strict";
import { AUTOSCALING_LISTENERS } from "../../../crds/autoscaling_listener.ts";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../../crds/ephemeral_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../../../crds/ephemeral_runner.ts";
import { parseConfigUrl } from "../../../github/config_url.ts";
import { overrideHosts, parseHostOverrides } from "../../../github/hosts.ts";
import type { JobMessage } from "../../../github/messages.ts";
import {
  type ActionsService,
  createActionsService,
  type MessageSession,
} from "../../../github/service.ts";
import { ownerReference } from "../../../kube/meta.ts";
import { PODS, ROLE_BINDINGS, ROLES, SECRETS, SERVICE_ACCOUNTS } from "../../../kube/resources.ts";
import type { KubeObject, OwnerReference, ResourceType } from "../../../kube/types.ts";
import { silentLogger } from "../../../lib/log.ts";
import { systemRandom } from "../../../lib/random.ts";
import { Secret } from "../../../lib/secret.ts";
import { type AnyStage, setObjects } from "../stage.ts";
import { idle, queue, running } from "../stories/story.ts";
import {
  ARC_LISTENER,
  ARC_SET,
  ARC_URL,
  arcImage,
  arcJitSecret,
  arcJobStatus,
  arcListener,
  arcListenerChildren,
  type ArcRunner,
  arcRunner,
  arcRunnerPod,
  arcRunnerSet,
  arcRunnerStatus,
  type ArcSet,
  arcSetMetadata,
  arcTemplate,
  type Stored,
} from "./arc_objects.ts";
import type { ArcRelease } from "./arc_release.ts";

export interface ArcWords {
  readonly release: ArcRelease;
  readonly min: number;
  readonly max: number;
  /** Runners of the present template that are busy. */
  readonly busy: number;
  /** Runners of the present template that wait for a job. */
  readonly idle: number;
  /** Busy runners of a template that was changed since. */
  readonly outdated: number;
  /** How long the jobs last, in s of the story. */
  readonly jobSeconds: number;
  /** The set is there already, as ARC's chart installed it: what it is called by its runners. */
  readonly installed?: Pick<ArcSet, "secret" | "account">;
}

export interface ArcAtWork {
  readonly set: ArcSet;
  /** As the API server stored them; all of them, busy or idle. */
  readonly runners: readonly KubeObject[];
  readonly pods: readonly KubeObject[];
  /** ARC's listener ends: its session is closed. */
  leave(): Promise<void>;
}

/** The image of the runners that an older template asked for. */
const OLD_IMAGE = "ghcr.io/actions/actions-runner:2.320.0";
const CURRENT = "linux-x7k2p";
const FORMER = "linux-b4m9q";

export async function arcAtWork(stage: AnyStage, words: ArcWords): Promise<ArcAtWork> {
  const service = arcsService(stage);
  const draft = { name: ARC_SET.name, runnerGroupId: 1, labels: [ARC_SET.name] };
  const { id: scaleSetId } = await service.createScaleSet(draft);
  const set: ArcSet = {
    release: words.release,
    scaleSetId,
    min: words.min,
    max: words.max,
    owner: await installSet(stage, words, scaleSetId),
    generation: CURRENT,
    ...names(words),
  };
  // ARC's own program is not at hand: its pod waits for its image until somebody takes its place.
  stage.world.kubelet.failImage(arcImage(words.release));
  await installListener(stage, set);
  const former = await stored(
    stage,
    EPHEMERAL_RUNNER_SETS,
    arcRunnerSet(set, { name: FORMER, replicas: 0, image: OLD_IMAGE }),
  );
  const replicas = words.busy + words.idle;
  const current = await stored(
    stage,
    EPHEMERAL_RUNNER_SETS,
    arcRunnerSet(set, { name: CURRENT, replicas }),
  );
  const hire = (owner: KubeObject, index: number, image?: string) =>
    hireRunner(stage, { set, service, owner, index, image });

  const old = await several(words.outdated, (index) => hire(former, index, OLD_IMAGE));
  await stage.until("the older runners are online", () => idle(stage) === words.outdated, 60);
  const session = await service.openSession(scaleSetId, ARC_LISTENER);
  assert.ok(session !== "no-scale-set");
  const work = new Work(stage, { set, session });
  await work.give(words.outdated, words.jobSeconds);
  const busy = await several(words.busy, (index) => hire(current, index));
  await stage.until("its runners are online", () => idle(stage) === words.busy, 60);
  await work.give(words.busy, words.jobSeconds);
  const waiting = await several(words.idle, (index) => hire(current, words.busy + index));
  await stage.until("its idle runners are online", () => idle(stage) === words.idle, 60);

  const hired = [...old, ...busy, ...waiting];
  return {
    set,
    runners: hired.map(({ runner }) => runner),
    pods: hired.map(({ pod }) => pod),
    leave: () => Promise.resolve(session[Symbol.asyncDispose]()),
  };
}

function arcsService(stage: AnyStage): ActionsService {
  const { github } = stage.world;
  return createActionsService({
    config: parseConfigUrl(ARC_URL),
    credential: { kind: "pat", token: new Secret("ghp_example") },
    fetch: overrideHosts(github.handle, parseHostOverrides("github.com=https://github.simulated")),
    clock: stage.clock,
    random: systemRandom,
    userAgent: {
      system: "actions-runner-controller",
      version: "test",
      commitSha: "test",
      subsystem: "ghalistener",
    },
    log: silentLogger,
  });
}

/** The set as its chart and ARC left it; returns what its children say of their owner. */
async function installSet(
  stage: AnyStage,
  words: ArcWords,
  scaleSetId: number,
): Promise<OwnerReference> {
  const { min, max } = words;
  const metadata = arcSetMetadata(words.release, scaleSetId);
  if (words.installed === undefined) {
    const objects = setObjects({
      min,
      max,
      spec: { runnerScaleSetName: ARC_SET.name, template: arcTemplate(names(words)) },
    });
    await stage.world.apply(
      objects.map((object) =>
        object.kind === AUTOSCALING_RUNNER_SETS.kind
          ? { ...object, metadata: { ...object.metadata, ...metadata } }
          : object
      ),
    );
  } else {
    const { annotations, finalizers } = metadata;
    const change = { metadata: { annotations, finalizers } };
    await stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, ARC_SET, change);
  }
  const currentRunners = words.busy + words.idle;
  const status = { phase: "Running", currentRunners, runningEphemeralRunners: currentRunners };
  const set = await stage.world.admin.patch(AUTOSCALING_RUNNER_SETS, ARC_SET, { status }, {
    subresource: "status",
  });
  return ownerReference(set, AUTOSCALING_RUNNER_SETS);
}

/** Without a chart of ARC's: as `setObjects` calls them. */
function names({ installed }: ArcWords): Pick<ArcSet, "secret" | "account"> {
  return installed ?? { secret: "linux-github", account: "default" };
}

async function installListener(stage: AnyStage, set: ArcSet): Promise<void> {
  const listener = await stored(stage, AUTOSCALING_LISTENERS, arcListener(set));
  const owner = ownerReference(listener, AUTOSCALING_LISTENERS);
  const types = [SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS, SECRETS, PODS];
  for (const child of arcListenerChildren(set, owner)) {
    const type = types.find(({ kind }) => kind === child.kind);
    assert.ok(type);
    await stored(stage, type as ResourceType<KubeObject>, child);
  }
}

interface Hiring {
  readonly set: ArcSet;
  readonly service: ActionsService;
  /** The EphemeralRunnerSet. */
  readonly owner: KubeObject;
  readonly index: number;
  readonly image?: string | undefined;
}

async function hireRunner(
  stage: AnyStage,
  { set, service, owner, index, image }: Hiring,
): Promise<{ readonly runner: KubeObject; readonly pod: KubeObject }> {
  const name = `${owner.metadata?.name}-runner-${String(index).padStart(5, "b")}`;
  const jit = await service.issueJitConfig({
    scaleSetId: set.scaleSetId,
    runnerName: name,
    workFolder: "",
  });
  assert.ok(typeof jit === "object");
  const facts: ArcRunner = { name, id: jit.runnerId, jitConfig: jit.encoded.reveal() };
  const look = image === undefined ? {} : { image };
  const runner = await stored(
    stage,
    EPHEMERAL_RUNNERS,
    arcRunner(set, facts, { owner: ownerReference(owner, EPHEMERAL_RUNNER_SETS), ...look }),
  );
  const belongs = ownerReference(runner, EPHEMERAL_RUNNERS);
  await stored(stage, SECRETS, arcJitSecret(set, facts, belongs));
  const pod = await stored(stage, PODS, arcRunnerPod(set, facts, { owner: belongs, ...look }));
  const key = { namespace: ARC_SET.namespace, name };
  await stage.world.admin.patch(EPHEMERAL_RUNNERS, key, { status: arcRunnerStatus(set, facts) }, {
    subresource: "status",
  });
  return { runner, pod };
}

/** ARC's listener: takes jobs and notes whose they are. */
class Work {
  readonly #stage: AnyStage;
  readonly #set: ArcSet;
  readonly #session: MessageSession;
  #cursor = 0;
  #taken = 0;

  constructor(
    stage: AnyStage,
    parts: {
      readonly set: ArcSet;
      readonly session: MessageSession;
    },
  ) {
    this.#stage = stage;
    this.#set = parts.set;
    this.#session = parts.session;
  }

  /** Returns once as many more jobs run and are noted. */
  async give(count: number, seconds: number): Promise<void> {
    if (count === 0) return;
    const stage = this.#stage;
    const wanted = this.#taken + count;
    queue(stage, count, seconds);
    const ended = new AbortController();
    const polling = this.#poll(wanted, ended.signal);
    try {
      await stage.until(`${wanted} jobs run`, () => this.#taken === wanted, 120);
      assert.equal(running(stage), wanted);
    } finally {
      ended.abort();
      await polling;
    }
  }

  async #poll(wanted: number, signal: AbortSignal): Promise<void> {
    while (this.#taken < wanted && !signal.aborted) {
      const message = await this.#session.poll(
        { messageId: this.#cursor, capacity: this.#set.max },
        { signal },
      );
      if (message === undefined) continue;
      this.#cursor = message.messageId;
      await this.#session.acquire(message.available.map(({ requestId }) => requestId));
      await this.#session.acknowledge(message.messageId);
      await this.#note(message);
    }
  }

  async #note({ started }: JobMessage): Promise<void> {
    for (const { runnerName, jobId, requestId } of started) {
      const key = { namespace: ARC_SET.namespace, name: runnerName };
      const status = arcJobStatus(this.#set.release, { id: jobId, request: requestId });
      await this.#stage.world.admin.patch(EPHEMERAL_RUNNERS, key, { status }, {
        subresource: "status",
      });
      this.#taken += 1;
    }
  }
}

async function several<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let index = 0; index < count; index += 1) made.push(await make(index));
  return made;
}

async function stored<T extends KubeObject>(
  stage: AnyStage,
  type: ResourceType<T>,
  object: Stored,
): Promise<T> {
  return await stage.world.admin.create(type, object as unknown as T);
}
