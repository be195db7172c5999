/** Objects reduced to their metadata. Pure. */
import type { Document } from "./document.ts";

const partials = new WeakMap<Document, Document>();

/** The object as a `PartialObjectMetadata`; the same one for the same object. */
export function partialObject(object: Document): Document {
  const known = partials.get(object);
  if (known) return known;
  const made: Document = {
    kind: "PartialObjectMetadata",
    apiVersion: "meta.k8s.io/v1",
    metadata: object.metadata,
  };
  partials.set(object, made);
  return made;
}
