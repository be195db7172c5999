/** A collection as an API server keeps it, with its history: what caches and reflectors are compared with. */
import type { KubeObject } from "../../kube/types.ts";

export interface ModelEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: KubeObject;
  readonly revision: number;
}

export class ModelServer {
  readonly objects = new Map<string, KubeObject>();
  readonly history: ModelEvent[] = [];
  revision = 100;

  /** Creates the object or writes it again; as the API would, it returns what is stored now. */
  write(name: string): KubeObject {
    const before = this.objects.get(name)?.metadata;
    this.revision++;
    const object: KubeObject = {
      metadata: {
        name,
        namespace: "a",
        uid: before?.uid ?? `uid-${this.revision}`,
        resourceVersion: String(this.revision),
      },
    };
    this.objects.set(name, object);
    this.#remember(before === undefined ? "ADDED" : "MODIFIED", object);
    return object;
  }

  /** The uid of what was deleted. */
  delete(name: string): string | undefined {
    const before = this.objects.get(name);
    if (before === undefined) return undefined;
    this.revision++;
    this.objects.delete(name);
    const resourceVersion = String(this.revision);
    this.#remember("DELETED", { metadata: { ...before.metadata, resourceVersion } });
    return before.metadata?.uid;
  }

  list(): readonly KubeObject[] {
    return [...this.objects.values()];
  }

  #remember(type: ModelEvent["type"], object: KubeObject): void {
    this.history.push({ type, object, revision: this.revision });
  }
}

/** Names and versions, in one order: equal for equal collections. */
export function versionsOf(objects: Iterable<KubeObject>): readonly string[] {
  return [...objects]
    .map(({ metadata }) => `${metadata?.name}@${metadata?.resourceVersion}`).sort();
}
