/** The CustomResourceDefinitions, one file per kind, as `kubectl apply` and the charts take them. */
import { GROUP } from "../../crds/group.ts";
import { customResourceDefinition, type KindDefinition } from "../../crds/kind.ts";
import { KINDS } from "../../crds/kinds.ts";
import { stringify } from "../../lib/yaml.ts";
import { type GeneratedFile, type Generator, YAML_HEADER } from "./generator.ts";

/** Named as upstream names them, so that a swap replaces files instead of adding some. */
export function definitionFile(kind: KindDefinition): GeneratedFile {
  return {
    path: `crds/generated/${GROUP}_${kind.type.plural}.yaml`,
    text: YAML_HEADER + stringify(customResourceDefinition(kind)),
  };
}

export const customResourceDefinitions: Generator = {
  what: "one CustomResourceDefinition per kind",
  files: () => Promise.resolve(KINDS.map(definitionFile)),
};
