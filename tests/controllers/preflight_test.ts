import assert from "node:assert/strict";
import { type ControllerConfig, controllerFlags } from "../../controllers/config.ts";
import { checkCluster, ClusterUnfit } from "../../controllers/preflight.ts";
import {
  clusterRules,
  leaderElectionRules,
  ownNamespaceRules,
  singleNamespaceOwnRules,
  singleNamespaceWatchedRules,
} from "../../controllers/rules.ts";
import { createKubeClient } from "../../kube/client.ts";
import { createTransport } from "../../kube/transport.ts";
import type { KubeObject, PolicyRule } from "../../kube/types.ts";
import { parseFlags } from "../../lib/flags.ts";
import type { Fetch } from "../../lib/http.ts";
import { silentLogger } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { startKubeApi } from "../../sim/kube/server.ts";
import { CONTROLLER, grant, kindObjects, namespaceObject } from "../../sim/world_objects.ts";

type Documents = Parameters<ReturnType<typeof startKubeApi>["install"]>[0];

const ACCOUNT: KubeObject = {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { ...CONTROLLER },
};

/** An API server, and a controller that looks whether it can serve it. */
class Stage implements Disposable {
  readonly clock = new VirtualClock();
  readonly api = startKubeApi({ clock: this.clock, random: seededRandom(1) });
  readonly warned: Readonly<Record<string, unknown>>[] = [];
  readonly paths: string[] = [];
  fetch: Fetch = this.api.handle;
  readonly #token: string;

  constructor(objects: readonly KubeObject[] = []) {
    this.install([namespaceObject(CONTROLLER.namespace), ACCOUNT, ...objects]);
    this.#token = this.api.tokenFor({ serviceAccount: CONTROLLER });
  }

  install(objects: readonly KubeObject[]): void {
    this.api.install(objects as Documents);
  }

  check(...args: string[]): Promise<void> {
    const config: ControllerConfig = parseFlags(controllerFlags, {
      args: [`--namespace=${CONTROLLER.namespace}`, "--image=i", "--kube-host=h", ...args],
    }).config;
    const transport = createTransport({
      connection: {
        server: "https://kube.test",
        headers: () => Promise.resolve({ authorization: `Bearer ${this.#token}` }),
        fetch: (request) => {
          this.paths.push(new URL(request.url).pathname);
          return this.fetch(request);
        },
      },
      clock: this.clock,
    });
    const log = {
      ...silentLogger,
      warn: (_: string, fields = {}) => void this.warned.push(fields),
    };
    return checkCluster({
      kube: createKubeClient(transport),
      transport,
      config,
      server: "https://kube.test",
      whence: 'context "x" of /k',
      clock: this.clock,
      random: seededRandom(1),
      log,
    }, new AbortController().signal);
  }

  [Symbol.dispose](): void {
    this.api.stop();
  }
}

function rights(...rules: readonly PolicyRule[]): readonly KubeObject[] {
  return grant(CONTROLLER, { name: "all", rules });
}

function rightsIn(namespace: string, rules: readonly PolicyRule[]): readonly KubeObject[] {
  return grant(CONTROLLER, { name: "some", rules, namespace });
}

async function unfit(checking: Promise<void>, words: RegExp): Promise<void> {
  await assert.rejects(checking, (thrown) => {
    assert.ok(thrown instanceof ClusterUnfit, String(thrown));
    assert.match(thrown.message, words);
    return true;
  });
}

const WHOLE = [...clusterRules, ...ownNamespaceRules];

Deno.test("a cluster with our kinds and the chart's rights can be served", async () => {
  using stage = new Stage([...kindObjects(), ...rights(...WHOLE, ...leaderElectionRules)]);
  await stage.check();
  await stage.check("--enable-leader-election");
  assert.deepEqual(stage.warned, []);
});

Deno.test("kinds that are missing are named, with the command that installs them", async () => {
  using stage = new Stage([...kindObjects().slice(0, 2), ...rights(...WHOLE)]);
  await unfit(
    stage.check(),
    /does not serve EphemeralRunnerSet, EphemeralRunner of actions\.github\.com\/v1alpha1: install .* kubectl apply --server-side=false -f crds\/generated\/$/,
  );
});

/** The definitions as they were before a field came. */
function definitionsWithout(kind: string, field: string): readonly KubeObject[] {
  return structuredClone(kindObjects()).map((definition) => {
    const { spec } = definition as unknown as {
      readonly spec: {
        readonly names: { readonly kind: string };
        readonly versions: readonly {
          readonly schema: {
            readonly openAPIV3Schema: {
              readonly properties: {
                readonly spec: { properties: Record<string, unknown>; required?: string[] };
              };
            };
          };
        }[];
      };
    };
    const own = spec.versions[0]?.schema.openAPIV3Schema.properties.spec;
    if (spec.names.kind === kind && own !== undefined) {
      delete own.properties[field];
      own.required = (own.required ?? []).filter((name) => name !== field);
    }
    return definition;
  });
}

Deno.test("definitions that are too old are refused with the field that they lack", async () => {
  const old = definitionsWithout("EphemeralRunnerSet", "patchID");
  using stage = new Stage([...old, ...rights(...WHOLE)]);
  await unfit(stage.check(), /too old: they lack EphemeralRunnerSet spec\.patchID\. Replace them/);
});

Deno.test("definitions that lack what is only of use are served, with a warning", async () => {
  const old = definitionsWithout("EphemeralRunnerSet", "completedRunners");
  using stage = new Stage([...old, ...rights(...WHOLE)]);
  await stage.check();
  assert.deepEqual(stage.warned.map(({ lacking }) => lacking), [[
    "EphemeralRunnerSet spec.completedRunners",
  ]]);
});

Deno.test("what may not be listed is told in the server's words", async () => {
  const blind = WHOLE.filter(({ resources, verbs }) =>
    !(resources?.includes("pods") && verbs.includes("list"))
  );
  using stage = new Stage([...kindObjects(), ...rights(...blind)]);
  await unfit(stage.check(), /cannot list resource "pods".* Grant our account the roles/);
});

Deno.test("what may not be done is told verb by verb", async () => {
  const weak = WHOLE.map((rule) => ({
    ...rule,
    verbs: rule.verbs.filter((verb) => verb !== "delete"),
  }));
  using stage = new Stage([...kindObjects(), ...rights(...weak)]);
  await unfit(
    stage.check(),
    /may not do all that it must in the cluster: it cannot delete autoscalingrunnersets\.actions\.github\.com; .*delete secrets; .*Grant it the roles/,
  );
  using leaderless = new Stage([...kindObjects(), ...rights(...WHOLE)]);
  await unfit(
    leaderless.check("--enable-leader-election"),
    /it cannot get, create, update leases\.coordination\.k8s\.io\./,
  );
});

Deno.test("with a single namespace the Roles of ARC's chart suffice, and no call leaves the two", async () => {
  using stage = new Stage([
    namespaceObject("team"),
    ...kindObjects(),
    ...rightsIn("team", singleNamespaceWatchedRules),
    ...rightsIn(CONTROLLER.namespace, [...singleNamespaceOwnRules, ...ownNamespaceRules]),
  ]);
  await stage.check("--watch-single-namespace=team");
  const lists = stage.paths.filter((path) =>
    !/^\/(openapi\/v3\/)?apis\/[^/]+\/[^/]+(\/selfs\w+)?$/.test(path)
  );
  assert.equal(lists.length, 16);
  for (const path of lists) assert.match(path, /\/namespaces\/(team|arc-systems)\//);
  await unfit(stage.check(), /at the cluster scope/);
});

Deno.test("a server that takes its time is waited for, one that never comes is told of", async () => {
  using stage = new Stage([...kindObjects(), ...rights(...WHOLE)]);
  stage.fetch = () =>
    Promise.reject(new TypeError("fetch failed", { cause: new Error("connection refused") }));
  const late = stage.check();
  await stage.clock.advance(3_000);
  stage.fetch = stage.api.handle;
  await stage.clock.advance(5_000);
  await late;
  stage.fetch = () => Promise.reject(new TypeError("nobody there"));
  const never = unfit(
    stage.check(),
    /https:\/\/kube\.test cannot be reached: nobody there\. Check that it runs, and that context "x" of \/k names its address/,
  );
  await stage.clock.advance(15_000);
  await never;
});

Deno.test("a server that does not know us, or that we do not trust, is told of at once", async () => {
  using stage = new Stage(kindObjects());
  stage.fetch = () =>
    Promise.resolve(Response.json({ kind: "Status", message: "Unauthorized" }, { status: 401 }));
  await unfit(
    stage.check(),
    /does not take our credentials: .*Unauthorized\. Renew those of context "x" of \/k/,
  );
  stage.fetch = () => Promise.reject(new TypeError("invalid peer certificate: UnknownIssuer"));
  await unfit(
    stage.check(),
    /cannot be trusted: invalid peer certificate: UnknownIssuer\. Its authority is not/,
  );
});
