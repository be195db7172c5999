/** Puts objects into a real cluster as its administrator, by their own `apiVersion` and `kind`. */
import { systemClock } from "../../lib/clock.ts";
import { createKubeClient, type KubeClient } from "../../kube/client.ts";
import { isNotFound } from "../../kube/errors.ts";
import { createTransport } from "../../kube/transport.ts";
import type { KubeObject, ResourceType } from "../../kube/types.ts";
import { knownTypes } from "../../sim/world.ts";
import { eventually } from "./eventually.ts";
import { adminConnection, type Facts } from "./facts.ts";

const MANAGER = "longshore-tests";

/** Applies them in order; a CustomResourceDefinition is waited for until its resource is served. */
export async function applyAll(facts: Facts, objects: readonly KubeObject[]): Promise<void> {
  using connection = adminConnection(facts);
  const kube = createKubeClient(createTransport({ connection, clock: systemClock }));
  for (const object of objects) {
    await kube.apply(typeOf(object), object, { fieldManager: MANAGER });
  }
  for (const object of objects) {
    if (object.kind === "CustomResourceDefinition") await served(kube, object);
  }
}

async function served(kube: KubeClient, definition: KubeObject): Promise<void> {
  const { spec } = definition as unknown as Definition;
  const type: ResourceType<KubeObject> = {
    group: spec.group,
    version: spec.versions[0]?.name ?? "",
    kind: spec.names.kind,
    plural: spec.names.plural,
    namespaced: spec.scope === "Namespaced",
  };
  await eventually(`${spec.names.plural}.${spec.group} to be served`, async () => {
    try {
      return await kube.listPage(type, { limit: 1 });
    } catch (thrown) {
      if (isNotFound(thrown)) return undefined;
      throw thrown;
    }
  });
}

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly scope: "Namespaced" | "Cluster";
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly { readonly name: string }[];
  };
}

function typeOf({ apiVersion, kind }: KubeObject): ResourceType<KubeObject> {
  const type = knownTypes().find((row) =>
    row.kind === kind &&
    apiVersion === (row.group === "" ? row.version : `${row.group}/${row.version}`)
  );
  if (type === undefined) throw new TypeError(`No kind "${kind}" in "${apiVersion}"`);
  return type;
}
