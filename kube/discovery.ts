/** What an API server says of a group and version that it serves: its kinds and their schemas. Knows two documents of the API. */
import { isNotFound } from "./errors.ts";
import type { KubeCall, Transport } from "./transport.ts";

export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** As much of OpenAPI as schemas of custom resources use. */
export interface ServedSchema {
  readonly properties?: Readonly<Record<string, ServedSchema>>;
  readonly items?: ServedSchema;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
}

/** The version of the server itself, such as `v1.36.3`. Throws `KubeError`. */
export async function serverVersion(
  transport: Pick<Transport, "request">,
  signal: AbortSignal,
): Promise<string> {
  const type = { group: "", version: "", kind: "", plural: "the server's version" };
  const { gitVersion } = await transport.request({
    verb: "get",
    method: "GET",
    type: { ...type, namespaced: false },
    place: {},
    path: "/version",
    signal,
  }) as { readonly gitVersion?: string };
  return gitVersion ?? "of an unknown version";
}

/** The kinds that are served; none when the group is not. Throws `KubeError`. */
export async function servedKinds(
  transport: Pick<Transport, "request">,
  of: GroupVersion,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  try {
    const list = await transport.request({
      ...callAbout(of),
      path: `/apis/${of.group}/${of.version}`,
      signal,
    }) as { readonly resources?: readonly { readonly kind: string }[] };
    return new Set((list.resources ?? []).map(({ kind }) => kind));
  } catch (thrown) {
    if (isNotFound(thrown)) return new Set();
    throw thrown;
  }
}

/**
 * Schemas by kind. They appear a moment after a definition was installed, and may lag behind a change by about a second:
 * a kind that is absent here may be served all the same. Throws `KubeError`.
 */
export async function servedSchemas(
  transport: Pick<Transport, "request">,
  of: GroupVersion,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ServedSchema>> {
  const document = await transport.request({
    ...callAbout(of),
    path: `/openapi/v3/apis/${of.group}/${of.version}`,
    signal,
  }) as OpenApi;
  const schemas = Object.values(document.components?.schemas ?? {});
  return new Map(schemas.flatMap((schema) =>
    (schema["x-kubernetes-group-version-kind"] ?? [])
      .filter(({ group, version }) => group === of.group && version === of.version)
      .map(({ kind }) => [kind, schema] as const)
  ));
}

interface OpenApi {
  readonly components?: {
    readonly schemas?: Readonly<
      Record<
        string,
        ServedSchema & {
          readonly "x-kubernetes-group-version-kind"?: readonly (GroupVersion & {
            readonly kind: string;
          })[];
        }
      >
    >;
  };
}

/** In messages: `Cannot discover example.com/v1`. */
function callAbout({ group, version }: GroupVersion): Omit<KubeCall, "path"> {
  const plural = `${group}/${version}`;
  return {
    verb: "discover",
    method: "GET",
    type: { group, version, kind: "", plural, namespaced: false },
    place: {},
  };
}
