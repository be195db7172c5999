/** A kind of ours as a table, and the CustomResourceDefinition that follows from it. */
import type { KubeObject, ResourceType } from "../kube/types.ts";
import { GROUP, VERSION } from "./group.ts";
import type { Field } from "./schema.ts";

export interface PrinterColumn {
  readonly name: string;
  readonly type: "integer" | "string" | "number" | "date";
  readonly jsonPath: string;
  /** Above 0: shown by `-o wide` alone. ARC's own columns have none. */
  readonly priority?: number;
}

export interface KindDefinition {
  readonly type: ResourceType<KubeObject>;
  readonly doc: string;
  readonly columns: readonly PrinterColumn[];
  readonly spec: Field<unknown>;
  readonly status: Field<unknown>;
}

/** A resource type of our group. */
export function ourType<T extends KubeObject>(kind: string): ResourceType<T> {
  return {
    group: GROUP,
    version: VERSION,
    kind,
    plural: `${kind.toLowerCase()}s`,
    namespaced: true,
  };
}

/** The CustomResourceDefinition (apiextensions.k8s.io/v1) of a kind, as it is installed. */
export function customResourceDefinition(definition: KindDefinition): KubeObject {
  const { type } = definition;
  const crd = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${type.plural}.${GROUP}` },
    spec: {
      group: GROUP,
      names: {
        kind: type.kind,
        listKind: `${type.kind}List`,
        plural: type.plural,
        singular: type.kind.toLowerCase(),
      },
      scope: "Namespaced",
      versions: [{
        name: VERSION,
        served: true,
        storage: true,
        additionalPrinterColumns: definition.columns,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            description: definition.doc,
            type: "object",
            properties: {
              apiVersion: { type: "string" },
              kind: { type: "string" },
              metadata: { type: "object" },
              spec: definition.spec.schema,
              status: definition.status.schema,
            },
          },
        },
      }],
    },
  };
  return crd;
}
