/** What a cluster holds that somebody installed or that came of it. Knows the kinds that charts and controllers make. */
import { kubectl } from "../command_line.ts";
import type { Facts } from "../facts.ts";

const KINDS = [
  "autoscalingrunnersets.actions.github.com",
  "autoscalinglisteners.actions.github.com",
  "ephemeralrunnersets.actions.github.com",
  "ephemeralrunners.actions.github.com",
  "deployments",
  "replicasets",
  "jobs",
  "pods",
  "services",
  "secrets",
  "configmaps",
  "serviceaccounts",
  "roles",
  "rolebindings",
  "clusterroles",
  "clusterrolebindings",
  "leases",
  "poddisruptionbudgets",
  "networkpolicies",
];
/** What a kind, a namespace and a name look like in a row of {@link content}. */
const COLUMNS = "KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name";

/** "Kind namespace/name" of everything of these kinds, in no order. */
export async function content(facts: Facts): Promise<readonly string[]> {
  const table = await kubectl(
    facts,
    "get",
    KINDS.join(","),
    "--all-namespaces",
    "--no-headers",
    `--output=custom-columns=${COLUMNS}`,
  );
  return table.split("\n").map((row) => {
    const [kind = "", namespace = "", name = ""] = row.trim().split(/\s+/);
    return `${kind} ${namespace === "<none>" ? "" : namespace}/${name}`;
  });
}

/** What is there now and was not there before. */
export async function added(
  facts: Facts,
  before: readonly string[],
): Promise<readonly string[]> {
  return (await content(facts)).filter((row) => !before.includes(row)).sort();
}
