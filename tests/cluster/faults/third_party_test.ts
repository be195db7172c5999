/** Somebody else changes what is ours, or what we live on: rights, definitions, objects, the time. */
import assert from "node:assert/strict";
import { AUTOSCALING_LISTENERS } from "../../../crds/autoscaling_listener.ts";
import { EPHEMERAL_RUNNER_SETS } from "../../../crds/ephemeral_runner_set.ts";
import { EPHEMERAL_RUNNERS } from "../../../crds/ephemeral_runner.ts";
import {
  CLUSTER_ROLE_BINDINGS,
  PODS,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
} from "../../../kube/resources.ts";
import { type AnyType, keyOf, type KubeObject, type ResourceType } from "../../../kube/types.ts";
import { parseDocuments } from "../../../lib/yaml.ts";
import { CONTROLLER, kindObjects } from "../../../sim/world_objects.ts";
import { queue } from "../../journeys/stories/story.ts";
import { applyAll } from "../apply.ts";
import { clusterTest } from "../cluster_test_case.ts";
import type { RealStage } from "../real_stage.ts";
import { openTrouble, outlives, recovers } from "./trouble.ts";

const OURS: readonly AnyType[] = [
  AUTOSCALING_LISTENERS,
  EPHEMERAL_RUNNER_SETS,
  EPHEMERAL_RUNNERS,
  PODS,
];
const SET = { namespace: "arc-runners", name: "linux" };

clusterTest(
  "[real] F34: the controller's ClusterRoleBinding is removed for four seconds: within 90 s all is well",
  async ({ facts }) => {
    await outlives(facts, {
      withinS: 90,
      strike: async (stage) => {
        const key = { namespace: "", name: CONTROLLER.name };
        const binding = await stage.kube.get(CLUSTER_ROLE_BINDINGS, key);
        await stage.kube.delete(CLUSTER_ROLE_BINDINGS, key);
        await stage.clock.sleep(4_000);
        await stage.kube.create(CLUSTER_ROLE_BINDINGS, withoutVersion(binding));
      },
    });
  },
);

clusterTest(
  "[real] the rights in a set's namespace are removed for four seconds: within 90 s all is well",
  async ({ facts }) => {
    await outlives(facts, {
      withinS: 90,
      strike: async (stage) => {
        const key = { ...SET, name: "linux-gha-rs-manager" };
        const binding = await stage.kube.get(ROLE_BINDINGS, key);
        await stage.kube.delete(ROLE_BINDINGS, key);
        await stage.clock.sleep(4_000);
        await stage.kube.create(ROLE_BINDINGS, withoutVersion(binding));
      },
    });
  },
);

function withoutVersion<T extends KubeObject>(object: T | undefined): T {
  assert.ok(object);
  const { resourceVersion: _, uid: __, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

const ARC_DEFINITIONS = new URL("../../../../shared/fixtures/arc-crds/", import.meta.url);

const definitions = await arcDefinitions();

if (definitions !== undefined) {
  clusterTest(
    "[real] the definitions are replaced by ARC's own and back: within 90 s all is well",
    async ({ facts }) => {
      try {
        await outlives(facts, {
          withinS: 90,
          strike: async (stage) => {
            await applyAll(facts, definitions);
            await stage.pass(60);
            await applyAll(facts, kindObjects());
          },
        });
      } finally {
        await applyAll(facts, kindObjects());
      }
    },
  );
}

/** `undefined` where ARC's definitions are not at hand. */
async function arcDefinitions(): Promise<readonly KubeObject[] | undefined> {
  try {
    const files = await Array.fromAsync(Deno.readDir(ARC_DEFINITIONS));
    const texts = files.filter(({ name }) => name.endsWith(".yaml"))
      .map(({ name }) => Deno.readTextFile(new URL(name, ARC_DEFINITIONS)));
    return (await Promise.all(texts)).flatMap((text) =>
      parseDocuments(text, "ARC's definitions").map(({ value }) => value as KubeObject)
    );
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}

clusterTest(
  "[real] labels, annotations, finalizers and replicas of our objects are edited: within 90 s all is well",
  async ({ facts }) => {
    await outlives(facts, { withinS: 90, strike: meddle });
  },
);

/** What a person, a policy engine or a backup tool does to objects. */
async function meddle(stage: RealStage): Promise<void> {
  const mark = { labels: { "example.com/team": "a" }, annotations: { "example.com/seen": "yes" } };
  for (const type of OURS) {
    for (const object of stage.stored(type)) {
      await stage.kube.patch(type, keyOf(object), { metadata: mark }).catch(() => {}); // it may be gone
    }
  }
  await stage.kube.patch(EPHEMERAL_RUNNER_SETS, SET, { spec: { replicas: 1 } });
  await stage.pass(10);
  await stage.kube.patch(EPHEMERAL_RUNNER_SETS, SET, { spec: { replicas: 0 } });
  await stage.pass(10);
  for (const runner of stage.runners().slice(0, 2)) {
    await stage.kube.patch(EPHEMERAL_RUNNERS, keyOf(runner), { metadata: { finalizers: null } })
      .catch(() => {}); // it may be gone
  }
}

clusterTest(
  "[real] the labels of our runners, pods and sets are taken off: within 90 s all is well",
  async ({ facts }) => {
    await outlives(facts, {
      withinS: 90,
      strike: async (stage) => {
        for (const type of OURS) {
          for (const object of stage.stored(type)) {
            const labels = Object.keys(object.metadata?.labels ?? {});
            const none = Object.fromEntries(labels.map((label) => [label, null]));
            await stage.kube.patch(type, keyOf(object), { metadata: { labels: none } })
              .catch(() => {}); // it may be gone
          }
        }
      },
    });
  },
);

clusterTest(
  "[real] the listener's pod, account and rights are deleted and its limit is edited: within 90 s all is well",
  async ({ facts }) => {
    await outlives(facts, {
      withinS: 90,
      strike: async (stage) => {
        const [listener] = stage.stored(AUTOSCALING_LISTENERS);
        assert.ok(listener);
        const spec = { maxRunners: 100 };
        await stage.kube.patch(AUTOSCALING_LISTENERS, keyOf(listener), { spec });
        for (const type of [ROLE_BINDINGS, ROLES, SERVICE_ACCOUNTS, PODS]) {
          const its = (stage.stored(type as ResourceType<KubeObject>))
            .filter(({ metadata }) => metadata?.name?.startsWith(listener.metadata?.name ?? "-"));
          assert.ok(its.length > 0, type.kind);
          for (const object of its) await stage.kube.delete(type as AnyType, keyOf(object));
        }
      },
    });
  },
);

for (const minutes of [5, -5]) {
  clusterTest(
    `[real] F37: our clock is ${Math.abs(minutes)} min ${
      minutes > 0 ? "ahead" : "behind"
    }: jobs are served as ever, within 90 s`,
    async ({ facts }) => {
      const watched = await openTrouble(facts, { skewMs: minutes * 60_000 });
      await using stage = watched.stage;
      queue(stage, 12, 30);
      await recovers(watched, { jobs: 12, withinS: 90 });
    },
  );
}
