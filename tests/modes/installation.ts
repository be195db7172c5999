/**
 * A whole installation at rest, on virtual time: controller, listener, one runner set, and a Deployment as the chart makes
 * it. Tests plant a fault and look at what `doctor` and `explain` say of it.
 */
import assert from "node:assert/strict";
import type { SubjectKind } from "../../modes/explain.ts";
import { look } from "../../modes/explain/look.ts";
import { storyOf } from "../../modes/explain/program.ts";
import { type Story, storyText } from "../../modes/explain/story.ts";
import { observe } from "../../modes/doctor/observe.ts";
import { examined, reportText, type Result } from "../../modes/doctor/report.ts";
import { ServerClocks } from "../../modes/doctor/server_clocks.ts";
import { createKubeClient, type KubeClient } from "../../kube/client.ts";
import { createTransport, type Transport } from "../../kube/transport.ts";
import type { Deployment, KubeObject, PolicyRule } from "../../kube/types.ts";
import type { Fetch } from "../../lib/http.ts";
import { seededRandom } from "../../lib/random.ts";
import { CONTROLLER, grant } from "../../sim/world_objects.ts";
import { hasSession } from "../journeys/invariants.ts";
import {
  openStage,
  type Process,
  type SetWords,
  type Stage,
  type StageOptions,
} from "../journeys/stage.ts";

export const NAMESPACE = "arc-runners";
export const IMAGE = "longshore:test";

/** As the chart `gha-runner-scale-set-controller` renders it, with a status as its controller would write it. */
export function aDeployment(changes: Partial<Deployment> = {}): Deployment {
  const labels = { "app.kubernetes.io/part-of": "gha-rs-controller" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      ...CONTROLLER,
      labels: { ...labels, "app.kubernetes.io/version": "0.1.0" },
      annotations: { "longshore.dev/speaks-arc-version": "0.14.2" },
    },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: CONTROLLER.name,
          containers: [{ name: "manager", image: IMAGE, args: ["--log-level=info"] }],
        },
      },
    },
    status: { availableReplicas: 1, replicas: 1 },
    ...changes,
  } as Deployment;
}

/** Something that is wrong with an installation, and the line that has to name it first. */
export interface Fault {
  readonly fault: string;
  readonly words?: SetWords & { readonly controller?: "runs" | "none" };
  readonly options?: StageOptions;
  /** Opens no session: there will be none. */
  readonly isStuck?: true;
  readonly plant?: (world: Installation) => Promise<unknown> | unknown;
  readonly firstLine: RegExp;
}

/** What a person's credentials reach. */
export interface Eyes {
  readonly kube: KubeClient;
  readonly transport: Transport;
}

export class Installation implements AsyncDisposable {
  readonly stage: Stage;
  #controller: Process | undefined;
  /** In place of the way to GitHub, for `doctor` alone. */
  doctorsWay: ((send: Fetch) => Fetch) | undefined;

  private constructor(stage: Stage) {
    this.stage = stage;
  }

  /** With `controller: "none"` nobody has ever served the set. */
  static async open(
    words: SetWords & { readonly controller?: "runs" | "none" } = {},
    options: StageOptions = {},
  ): Promise<Installation> {
    const stage = await openStage(options);
    const installation = new Installation(stage);
    await installation.plant(aDeployment());
    const { status } = aDeployment();
    await stage.world.admin.patch(
      { group: "apps", version: "v1", kind: "Deployment", plural: "deployments", namespaced: true },
      CONTROLLER,
      { status },
      { subresource: "status" },
    );
    await stage.addSet({ max: 3, ...words });
    if (words.controller === "none") return installation;
    installation.#controller = stage.startController();
    return installation;
  }

  /** One with this fault in it. */
  static async planted(
    { words, options, isStuck, plant }: Omit<Fault, "fault" | "firstLine">,
    more: StageOptions = {},
  ): Promise<Installation> {
    const installation = await Installation.open(words, { ...options, ...more });
    if (isStuck === undefined) await installation.settled();
    await plant?.(installation);
    return installation;
  }

  /** As if it had never been there again: nobody acts on anything any more. */
  async stopController(): Promise<void> {
    this.#controller?.crash();
    await this.stage.pass(1);
  }

  /** Lets the listener open its session. */
  async settled(): Promise<this> {
    await this.stage.until("a session is open", () => hasSession(this.stage), 60);
    await this.stage.pass(5);
    return this;
  }

  async plant(...objects: readonly KubeObject[]): Promise<void> {
    await this.stage.world.apply(objects);
  }

  /** Of an account with these rights in the whole cluster. */
  async tokenWith(rules: readonly PolicyRule[]): Promise<string> {
    const account = { namespace: NAMESPACE, name: "ann" };
    await this.plant(
      { apiVersion: "v1", kind: "ServiceAccount", metadata: account },
      ...grant(account, { name: "ann", rules }),
    );
    return this.stage.world.api.tokenFor({ serviceAccount: account });
  }

  eyes(token: string = this.stage.world.api.tokenFor("admin")): Eyes {
    const { clock, world } = this.stage;
    const transport = createTransport({ connection: world.connection(token), clock });
    return { transport, kube: createKubeClient(transport) };
  }

  /** What `doctor` finds, and how it says it. */
  async doctor(
    eyes: Eyes = this.eyes(),
  ): Promise<{ readonly results: readonly Result[]; readonly text: string }> {
    const { clock, world } = this.stage;
    const clocks = new ServerClocks(clock);
    const send: Fetch = (request) => world.fetch(request);
    const looking = observe({
      ...eyes,
      clocks,
      namespace: "",
      fetchFor: () => this.doctorsWay?.(send) ?? send,
      watching: (fetch) => clocks.watching(fetch, "github"),
      githubHosts: "github.com=https://github.simulated",
      forceGhes: false,
      clock,
      random: seededRandom(1),
    }, new AbortController().signal);
    const results = examined(await this.finished(looking));
    return { results, text: reportText(results) };
  }

  /** What `explain` tells. */
  async explain(
    kind: SubjectKind,
    name: string,
    eyes: Eyes = this.eyes(),
  ): Promise<{ readonly story: Story; readonly text: string }> {
    const looking = look(
      {
        kube: eyes.kube,
        clock: this.stage.clock,
        namespace: "",
        name: kind === "job" ? undefined : name,
      },
      new AbortController().signal,
    );
    const story = storyOf({ kind, name }, await this.finished(looking));
    return { story, text: storyText(story) };
  }

  /** The result of work that may wait for time to pass. */
  async finished<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = () => void (isOver = true);
    work.then(over, over);
    assert.ok(await this.stage.clock.runUntil(() => isOver, { limitMs: 120_000 }), "it ends");
    return await work;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stage[Symbol.asyncDispose]();
  }
}

/** The first line of an answer: it has to name the cause. */
export function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
