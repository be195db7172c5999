/** From a request to an authorised call on a resource. */
import { type Call } from "./engine.ts";
import type { RequestInfo } from "./request_info.ts";
import type { Resource } from "./resources.ts";
import { invalid, methodNotAllowed } from "./status.ts";
import type { Identity } from "./tokens.ts";

const NEEDS_NAMESPACE: ReadonlySet<string> = new Set([
  "get",
  "create",
  "update",
  "patch",
  "delete",
]);
const VALIDATIONS = ["Strict", "Warn", "Ignore"] as const;

/** The token in the header; `undefined` without one. */
export function bearerToken(request: Request): string | undefined {
  const match = /^Bearer\s+(\S+)\s*$/i.exec(request.headers.get("authorization") ?? "");
  return match?.[1];
}

/** The manager that a caller without an explicit one writes as: the program's name in its user agent. */
function managerOf(request: Request, query: URLSearchParams): string {
  return query.get("fieldManager") ??
    (request.headers.get("user-agent") ?? "unknown").split("/")[0]?.trim() ?? "unknown";
}

function isDryRun(query: URLSearchParams): boolean {
  const values = query.getAll("dryRun").filter((value) => value !== "");
  if (values.length === 0) return false;
  if (values.every((value) => value === "All")) return true;
  throw invalid({ group: "meta.k8s.io", kind: "CreateOptions" }, "", [{
    field: "dryRun",
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`,
  }]);
}

/** The call that a request makes; throws 405 for verbs that the place does not have. */
export function callOf(
  request: Request,
  info: RequestInfo & { readonly kind: "resource" },
  known: {
    readonly identity: Identity;
    readonly resource: Resource;
    readonly warnings: string[];
  },
): Call {
  const query = new URL(request.url).searchParams;
  const { resource } = known;
  const isNamed = info.name !== "";
  const subject = { group: resource.group, plural: resource.plural, name: info.name };
  const isMisplaced = resource.namespaced && info.namespace === "" &&
    NEEDS_NAMESPACE.has(info.verb);
  const isCreateOfName = info.verb === "create" && isNamed && info.subresource === "";
  const isWriteOfAll = ["update", "patch"].includes(info.verb) && !isNamed;
  if (
    isMisplaced || isCreateOfName || isWriteOfAll || (resource.review && info.verb !== "create")
  ) {
    throw methodNotAllowed(subject);
  }
  const asked = query.get("fieldValidation");
  return {
    identity: known.identity,
    verb: info.verb,
    resource,
    subresource: info.subresource,
    namespace: resource.namespaced ? info.namespace : "",
    name: info.name,
    dryRun: isDryRun(query),
    fieldManager: managerOf(request, query),
    fieldValidation: VALIDATIONS.find((one) => one === asked) ?? "Warn",
    warn: (sentence) => known.warnings.push(sentence),
  };
}
