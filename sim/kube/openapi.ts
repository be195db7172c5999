/**
 * The OpenAPI documents, as much of them as kubectl needs: which kinds take which parameters, and the schemas of custom
 * resources. Pure.
 */
import { apiVersionText, type Fields } from "./document.ts";
import type { Resource } from "./resources.ts";

const PARAMETERS = ["dryRun", "fieldManager", "fieldValidation"].map((name) => ({
  name,
  in: "query",
  description: `The parameter ${name} of the API.`,
  schema: { type: "string", uniqueItems: true },
}));

function rootOf(resource: Pick<Resource, "group" | "version">): string {
  return resource.group === ""
    ? `api/${resource.version}`
    : `apis/${resource.group}/${resource.version}`;
}

function schemaName(resource: Resource): string {
  const group = resource.group === "" ? "core" : resource.group;
  return [...group.split(".").reverse(), resource.version, resource.kind].join(".");
}

function kindOf(resource: Resource): Fields {
  return { group: resource.group, kind: resource.kind, version: resource.version };
}

function operation(resource: Resource, action: string): Fields {
  return {
    operationId: `${action}${resource.version}${resource.kind}`,
    parameters: PARAMETERS,
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": kindOf(resource),
    responses: { "200": { description: "OK" } },
  };
}

function pathsOf(resource: Resource): Readonly<Record<string, Fields>> {
  const space = resource.namespaced ? "/namespaces/{namespace}" : "";
  const collection = `/${rootOf(resource)}${space}/${resource.plural}`;
  return {
    [collection]: { get: operation(resource, "list"), post: operation(resource, "post") },
    [`${collection}/{name}`]: {
      get: operation(resource, "get"),
      put: operation(resource, "put"),
      patch: operation(resource, "patch"),
      delete: operation(resource, "delete"),
    },
  };
}

function schemaOf(resource: Resource): Fields {
  return {
    ...(resource.custom?.schema ??
      { type: "object", "x-kubernetes-preserve-unknown-fields": true }),
    "x-kubernetes-group-version-kind": [kindOf(resource)],
  };
}

/** `/openapi/v3`. */
export function openApiIndex(resources: readonly Resource[]): Fields {
  const roots = new Set(resources.map(rootOf));
  return {
    paths: Object.fromEntries(
      [...roots].map((root) => [root, { serverRelativeURL: `/openapi/v3/${root}` }]),
    ),
  };
}

/** `/openapi/v3/<root>`, such as "apis/apps/v1"; `undefined` for a version that is not served. */
export function openApiDocument(resources: readonly Resource[], root: string): Fields | undefined {
  const own = resources.filter((resource) => rootOf(resource) === root);
  if (own.length === 0) return undefined;
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: apiVersionText("", "v1") },
    paths: Object.assign({}, ...own.map(pathsOf)),
    components: {
      schemas: Object.fromEntries(
        own.map((resource) => [schemaName(resource), schemaOf(resource)]),
      ),
    },
  };
}

/** `/openapi/v2`, without schemas: kubectl prefers the other one. */
export function openApiV2(resources: readonly Resource[]): Fields {
  return {
    swagger: "2.0",
    info: { title: "Kubernetes", version: "v1.34.0" },
    paths: Object.assign({}, ...resources.map(pathsOf)),
    definitions: {},
  };
}
