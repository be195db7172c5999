/** What a URL of the API means: group, resource, object, subresource, verb. Pure; knows no stored object. */

/** The verbs of the API, as permissions name them. */
export type Verb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "update"
  | "patch"
  | "delete"
  | "deletecollection";

/** What is asked: something of a resource, or a path beside the resources. */
export type RequestInfo =
  | {
    readonly kind: "resource";
    readonly verb: Verb;
    readonly group: string;
    readonly version: string;
    /** The plural, as the path has it. */
    readonly resource: string;
    /** "" for none. */
    readonly subresource: string;
    /** "" for the whole cluster. */
    readonly namespace: string;
    /** "" for a collection. */
    readonly name: string;
  }
  | { readonly kind: "path"; readonly verb: string; readonly path: string };

const NAMED: Readonly<Record<string, Verb>> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

function verbOf(method: string, name: string, query: URLSearchParams): Verb {
  const verb = NAMED[method] ?? "get";
  if (name !== "") return verb;
  if (verb === "delete") return "deletecollection";
  if (verb !== "get") return verb;
  return query.get("watch") === "true" || query.get("watch") === "1" ? "watch" : "list";
}

/** None where the path cannot be decoded. */
function decodedParts(path: string): readonly string[] {
  try {
    return path.split("/").filter((part) => part !== "").map(decodeURIComponent);
  } catch {
    return [];
  }
}

/** Splits method and URL into what is asked; anything that is no resource path is kind "path". */
export function requestInfo(method: string, url: URL): RequestInfo {
  const path = url.pathname;
  const other: RequestInfo = { kind: "path", verb: method.toLowerCase(), path };
  const [root, ...rest] = decodedParts(path);
  if (root !== "api" && root !== "apis") return other;
  const group = root === "api" ? "" : rest.shift() ?? "";
  const version = rest.shift();
  const first = rest[0];
  if (version === undefined || first === undefined) return other;

  const inNamespace = first === "namespaces" && rest.length >= 3 &&
    !["status", "finalize"].includes(rest[2] ?? "");
  const [resource = "", name = "", ...sub] = inNamespace ? rest.slice(2) : rest;
  const isNamespace = first === "namespaces" && !inNamespace;
  return {
    kind: "resource",
    verb: verbOf(method, name, url.searchParams),
    group,
    version,
    resource,
    subresource: sub.join("/"),
    namespace: inNamespace ? rest[1] ?? "" : isNamespace ? name : "",
    name,
  };
}
