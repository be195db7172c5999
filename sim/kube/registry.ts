/** Which resources exist at present: the built-in ones and those of the stored definitions. */
import { definedResources } from "./custom_resources.ts";
import type { Document } from "./document.ts";
import { BUILT_INS, type Resource } from "./resources.ts";

/** Resources by path, by kind and by where they are stored. */
export class Registry {
  readonly #byPath = new Map<string, Resource>();
  readonly #byKind = new Map<string, Resource>();
  readonly #byShelf = new Map<string, Resource>();
  readonly #defined = new Map<string, readonly Resource[]>();

  constructor() {
    for (const resource of BUILT_INS) this.#add(resource);
  }

  /** The resource at `/apis/<group>/<version>/…/<plural>`. */
  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** The resource of an object or an owner reference, by `apiVersion` ("apps/v1") and kind. */
  ofKind(apiVersion: string, kind: string): Resource | undefined {
    const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
    return this.#byKind.get(`${group}/${version}/${kind}`);
  }

  /** Any served version of a stored resource. */
  ofShelf(name: { readonly group: string; readonly plural: string }): Resource | undefined {
    return this.#byShelf.get(`${name.group}/${name.plural}`);
  }

  all(): readonly Resource[] {
    return [...this.#byPath.values()];
  }

  /** Takes the resources of a definition in, in place of those it defined before. */
  define(definition: Document): void {
    this.undefine(definition);
    const resources = definedResources(definition);
    for (const resource of resources) this.#add(resource);
    this.#defined.set(definition.metadata.name ?? "", resources);
  }

  undefine(definition: Document): void {
    const name = definition.metadata.name ?? "";
    for (const resource of this.#defined.get(name) ?? []) {
      this.#byPath.delete(pathOf(resource));
      this.#byKind.delete(kindOf(resource));
      this.#byShelf.delete(`${resource.group}/${resource.plural}`);
    }
    this.#defined.delete(name);
  }

  #add(resource: Resource): void {
    this.#byPath.set(pathOf(resource), resource);
    this.#byKind.set(kindOf(resource), resource);
    this.#byShelf.set(`${resource.group}/${resource.plural}`, resource);
  }
}

function pathOf(resource: Resource): string {
  return `${resource.group}/${resource.version}/${resource.plural}`;
}

function kindOf(resource: Resource): string {
  return `${resource.group}/${resource.version}/${resource.kind}`;
}
