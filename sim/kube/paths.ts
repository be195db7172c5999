/** The paths of the server that are no resources: discovery, version, health, OpenAPI. */
import { jsonAnswer, textAnswer } from "./answers.ts";
import { CORE_VERSIONS, groupDocument, groupList, resourceList, VERSION } from "./discovery.ts";
import type { Fields } from "./document.ts";
import { openApiDocument, openApiIndex, openApiV2 } from "./openapi.ts";
import type { Registry } from "./registry.ts";

const HEALTH: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/livez"]);

function found(document: Fields | undefined): Response {
  return document ? jsonAnswer(JSON.stringify(document)) : pageNotFound();
}

/** What a path that is served by nobody answers. */
export function pageNotFound(): Response {
  return textAnswer("404 page not found\n", 404);
}

/** The answer to a GET of a path that names no resource. */
export function pathAnswer(registry: Registry, pathname: string): Response {
  const path = pathname.replace(/\/$/, "");
  if (HEALTH.has(path)) return textAnswer("ok");
  if (path === "/version") return found(VERSION);
  const resources = registry.all();
  if (path === "/api") return found(CORE_VERSIONS);
  if (path === "/apis") return found(groupList(resources));
  if (path === "/openapi/v2") return found(openApiV2(resources));
  if (path === "/openapi/v3") return found(openApiIndex(resources));
  if (path.startsWith("/openapi/v3/")) {
    return found(openApiDocument(resources, path.slice("/openapi/v3/".length)));
  }
  const [root, group = "", version = "", ...rest] = path.slice(1).split("/");
  if (rest.length > 0) return pageNotFound();
  if (root === "api" && version === "") return found(resourceList(resources, "", group));
  if (root !== "apis") return pageNotFound();
  return found(
    version === "" ? groupDocument(resources, group) : resourceList(resources, group, version),
  );
}
