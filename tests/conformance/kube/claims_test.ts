/** Every claim about a Kubernetes API, in the simulated world and, in `deno task test:cluster`, in the real one. */
import { clusterTest } from "../../cluster/cluster_test_case.ts";
import { ABSENT, CLUSTER_ENV } from "../../cluster/supervisor.ts";
import type { Claim } from "./api_under_test.ts";
import { APPLIES } from "./claims/applies.ts";
import { DELETIONS } from "./claims/deletions.ts";
import { GARBAGE } from "./claims/garbage.ts";
import { IDENTITIES } from "./claims/identities.ts";
import { KINDS } from "./claims/kinds.ts";
import { LISTS } from "./claims/lists.ts";
import { NAMESPACES } from "./claims/namespaces.ts";
import { OUR_KINDS } from "./claims/our_kinds.ts";
import { PATCHES } from "./claims/patches.ts";
import { PERMISSIONS } from "./claims/permissions.ts";
import { PODS } from "./claims/pods.ts";
import { QUOTAS } from "./claims/quotas.ts";
import { SCHEMAS } from "./claims/schemas.ts";
import { STATUSES } from "./claims/statuses.ts";
import { THROTTLING } from "./claims/throttling.ts";
import { WATCHES } from "./claims/watches.ts";
import { WRITES } from "./claims/writes.ts";
import { inReality } from "./real.ts";
import { inSimulation } from "./simulated.ts";

const CLAIMS: readonly Claim[] = [
  ...APPLIES,
  ...DELETIONS,
  ...GARBAGE,
  ...IDENTITIES,
  ...KINDS,
  ...LISTS,
  ...NAMESPACES,
  ...OUR_KINDS,
  ...PATCHES,
  ...PERMISSIONS,
  ...PODS,
  ...QUOTAS,
  ...SCHEMAS,
  ...STATUSES,
  ...THROTTLING,
  ...WATCHES,
  ...WRITES,
];

for (const { says, holds } of CLAIMS) {
  if (Deno.env.get(CLUSTER_ENV) !== ABSENT) Deno.test(`[sim] ${says}`, () => inSimulation(holds));
  clusterTest(`[real] ${says}`, ({ facts }) => inReality(facts, holds));
}
