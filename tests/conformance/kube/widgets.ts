/** Custom resources made for the claims: one field for each thing that a schema can do. */
import type { KubeObject } from "../../../kube/types.ts";

export const WIDGET_GROUP = "conformance.longshore.dev";
export const WIDGET_API = `${WIDGET_GROUP}/v1`;

const SPEC = {
  type: "object",
  properties: {
    size: { type: "integer", format: "int32", minimum: 0, maximum: 100 },
    colour: { type: "string", enum: ["red", "green"], default: "red" },
    label: { type: "string", maxLength: 8, pattern: "^[a-z]*$" },
    tags: { type: "array", items: { type: "string" }, maxItems: 3 },
    unique: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
    rows: {
      type: "array",
      items: {
        type: "object",
        required: ["key"],
        properties: { key: { type: "string" }, value: { type: "string" } },
      },
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["key"],
    },
    port: { "x-kubernetes-int-or-string": true },
    maybe: { type: "string", nullable: true },
    numbers: { type: "object", additionalProperties: { type: "integer" } },
    nested: {
      type: "object",
      default: {},
      properties: { mode: { type: "string", default: "auto" } },
    },
    anything: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    at: { type: "string", format: "date-time" },
    strict: {
      type: "object",
      required: ["must"],
      properties: { must: { type: "string" } },
    },
  },
};

const STATUS = {
  type: "object",
  properties: { phase: { type: "string" }, seen: { type: "integer" } },
};

/** The spec of gadgets: rules in CEL. They are a kind of their own because rules change the words of all refusals. */
const RULED = {
  type: "object",
  properties: {
    fixed: {
      type: "string",
      "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "fixed may not change" }],
    },
    minimum: { type: "integer" },
    maximum: { type: "integer" },
  },
  "x-kubernetes-validations": [{
    rule: "!has(self.minimum) || !has(self.maximum) || self.minimum <= self.maximum",
    message: "minimum must not be above maximum",
  }],
};

/** The definitions of Widget and Gadget: in each world installed before a claim runs. */
export function testDefinitions(): readonly KubeObject[] {
  const selectableFields = [{ jsonPath: ".spec.colour" }];
  return [definition("Widget", SPEC, { selectableFields }), definition("Gadget", RULED)];
}

function definition(kind: string, spec: unknown, more: object = {}): KubeObject {
  const singular = kind.toLowerCase();
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${singular}s.${WIDGET_GROUP}` },
    spec: {
      group: WIDGET_GROUP,
      scope: "Namespaced",
      names: { kind, listKind: `${kind}List`, plural: `${singular}s`, singular },
      versions: [{
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: { type: "object", properties: { spec, status: STATUS } },
        },
        ...more,
      }],
    },
  };
  return definition;
}
