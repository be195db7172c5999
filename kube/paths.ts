/** URL paths and queries from {@link ResourceType} rows. Knows the two roots of the API; refuses names that could leave their place. */
import { KubeError } from "./errors.ts";
import type { AnyType } from "./types.ts";

/** Which object, or which collection when `name` is absent. */
export interface Place {
  /** Empty: all namespaces, or an object of the cluster. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

const PLAIN = /^[a-zA-Z0-9][-a-zA-Z0-9._]*$/;

/**
 * The path, from the first slash. Throws {@link KubeError} "kube_invalid" (stop) for a namespace or name that is no path
 * segment: empty, ".", "..", or with "/" or "%" in it, as apimachinery's `IsValidPathSegmentName`.
 */
export function resourcePath(type: AnyType, place: Place): string {
  const root = type.group === "" ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && place.namespace
    ? `/namespaces/${segment(type, place.namespace)}`
    : "";
  const item = place.name === undefined ? "" : `/${segment(type, place.name)}`;
  const sub = place.subresource === undefined ? "" : `/${place.subresource}`;
  return `${root}${scope}/${type.plural}${item}${sub}`;
}

function segment(type: AnyType, text: string): string {
  if (PLAIN.test(text)) return text;
  if (text === "" || text === "." || text === ".." || /[/%]/.test(text)) {
    throw new KubeError(`Cannot name ${type.plural} ${JSON.stringify(text)}: not a valid name`, {
      code: "kube_invalid",
      disposition: { kind: "stop" },
    });
  }
  return encodeURIComponent(text);
}

/** "?a=1&b=2" of the members that have a value; empty text for none. */
export function queryText(
  parameters: Readonly<Record<string, string | number | undefined>>,
): string {
  let text = "";
  for (const name in parameters) {
    const value = parameters[name];
    if (value === undefined || value === "") continue;
    text += `${text === "" ? "?" : "&"}${name}=${encodeURIComponent(value)}`;
  }
  return text;
}
