import assert from "node:assert/strict";
import type { LimitRange, PodSpec, ResourceQuota } from "../../../kube/types.ts";
import { amountsOf, beyondLimits, tightest } from "../../../modes/doctor/room.ts";

type Resources = NonNullable<PodSpec["containers"][number]["resources"]>;

function aSpec(...containers: readonly Resources[]): PodSpec {
  return { containers: containers.map((resources, at) => ({ name: `c${at}`, resources })) };
}

function aQuota(
  hard: Readonly<Record<string, string>>,
  used: Readonly<Record<string, string>>,
): ResourceQuota {
  return { metadata: { name: "team" }, spec: { hard }, status: { hard, used } };
}

const pure = { permissions: "none" } as const;

Deno.test({
  ...pure,
  name: "containers run together, init containers before them, sidecars beside them",
  fn: () => {
    const spec: PodSpec = {
      ...aSpec({ requests: { cpu: "500m" } }, { requests: { cpu: "1" } }),
      initContainers: [
        { name: "big", resources: { requests: { cpu: "3" } } },
        { name: "sidecar", restartPolicy: "Always", resources: { requests: { cpu: "250m" } } },
      ],
    };
    assert.equal(amountsOf(spec, [])["requests.cpu"], 3);
    assert.equal(amountsOf({ ...spec, initContainers: [] }, [])["requests.cpu"], 1.5);
    const [, sidecar] = spec.initContainers ?? [];
    const beside = { ...spec, initContainers: sidecar === undefined ? [] : [sidecar] };
    assert.equal(amountsOf(beside, [])["cpu"], 1.75);
  },
});

Deno.test({
  ...pure,
  name: "a LimitRange fills in what containers leave out, and limits stand for requests",
  fn: () => {
    const range: LimitRange = {
      spec: {
        limits: [{ type: "Container", defaultRequest: { memory: "1Gi" }, default: { cpu: "2" } }],
      },
    };
    const amounts = amountsOf(aSpec({ limits: { cpu: "1" } }), [range]);
    assert.equal(amounts["requests.memory"], 2 ** 30);
    assert.equal(amounts["requests.cpu"], 1);
    assert.equal(amounts["limits.cpu"], 1);
  },
});

Deno.test({
  ...pure,
  name: "the tightest quota tells how many more fit, and what runs out",
  fn: () => {
    const amounts = amountsOf(aSpec({ requests: { cpu: "100m", memory: "1Gi" } }), []);
    const quotas = [
      aQuota({ "requests.cpu": "1", pods: "50" }, { "requests.cpu": "700m", pods: "7" }),
      aQuota({ "requests.memory": "8Gi" }, { "requests.memory": "1Gi" }),
    ];
    assert.deepEqual(tightest(quotas, amounts), {
      quota: "team",
      resource: "requests.cpu",
      used: "700m",
      hard: "1",
      fits: 3,
    });
    assert.equal(tightest([aQuota({ services: "1" }, {})], amounts), undefined);
    const scoped = aQuota({ pods: "0" }, {});
    assert.equal(
      tightest([{ ...scoped, spec: { ...scoped.spec, scopes: ["BestEffort"] } }], amounts),
      undefined,
      "a quota for some pods only may not be meant",
    );
  },
});

Deno.test({
  ...pure,
  name: "a limit of the pod is for all containers, one of a container for each",
  fn: () => {
    const spec = aSpec({ requests: { cpu: "2" } }, { requests: { cpu: "2" } });
    const range = (type: string): LimitRange => ({
      metadata: { name: "small" },
      spec: { limits: [{ type, max: { cpu: "3" } }] },
    });
    assert.equal(beyondLimits(spec, [range("Container")]), undefined);
    assert.match(beyondLimits(spec, [range("Pod")]) ?? "", /^the pod wants 4 cpu, more than 3/);
  },
});
