/**
 * As much of an API server as helm asks on its way to rendering: which kinds there are, which version, which Deployments.
 * It stores nothing, so that nothing can be installed.
 */

export type Labels = Readonly<Record<string, string>>;

export interface SmallApi {
  /** Labels of the Deployments that are there. */
  readonly deployments: readonly Labels[];
  /** As `/version` tells it: managed clusters have a plus. */
  readonly minor?: string;
}

/** Kinds of the charts' objects by group and version, as plural and kind. */
const KINDS: Readonly<Record<string, readonly (readonly [plural: string, kind: string])[]>> = {
  "v1": [["secrets", "Secret"], ["serviceaccounts", "ServiceAccount"]],
  "apps/v1": [["deployments", "Deployment"]],
  "rbac.authorization.k8s.io/v1": [["roles", "Role"], ["rolebindings", "RoleBinding"]],
  "actions.github.com/v1alpha1": [["autoscalingrunnersets", "AutoscalingRunnerSet"]],
};

function answer(path: string, { deployments, minor = "36" }: SmallApi): unknown {
  if (path === "/version") return { major: "1", minor, gitVersion: "v1.36.0" };
  if (path === "/api") return { kind: "APIVersions", versions: ["v1"] };
  if (path === "/apis") return { kind: "APIGroupList", groups: groups() };
  const groupVersion = path.replace(/^\/apis?\//, "");
  const kinds = KINDS[groupVersion];
  if (kinds !== undefined) {
    const resources = kinds.map(([name, kind]) => ({
      name,
      kind,
      namespaced: true,
      verbs: ["get", "list"],
    }));
    return { kind: "APIResourceList", groupVersion, resources };
  }
  if (path !== "/apis/apps/v1/deployments") return undefined;
  const items = deployments.map((labels, at) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `d${at}`, namespace: "anywhere", labels },
  }));
  return { apiVersion: "apps/v1", kind: "DeploymentList", metadata: {}, items };
}

function groups(): readonly unknown[] {
  return Object.keys(KINDS).filter((groupVersion) => groupVersion.includes("/")).map(
    (groupVersion) => {
      const [name = "", version = ""] = groupVersion.split("/");
      const versions = [{ groupVersion, version }];
      return { name, versions, preferredVersion: versions[0] };
    },
  );
}

function notFound(): Response {
  const status = {
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    reason: "NotFound",
    code: 404,
  };
  return Response.json(status, { status: 404 });
}

/** Serves on loopback while `work` runs; `work` gets helm's arguments to reach it. */
export async function withSmallApi(
  api: SmallApi,
  work: (args: readonly string[]) => Promise<void>,
): Promise<void> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const found = answer(new URL(request.url).pathname, api);
      return found === undefined ? notFound() : Response.json(found);
    },
  );
  try {
    await work([
      `--kube-apiserver=http://127.0.0.1:${server.addr.port}`,
      "--kubeconfig=/dev/null",
    ]);
  } finally {
    await server.shutdown();
  }
}
