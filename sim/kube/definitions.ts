/** Definitions at work: what is stored about custom resources decides what the server serves, at once. */
import { Background } from "./background.ts";
import { CLEANUP, deleteObject, isReleased } from "./deletion.ts";
import { type Document, fields, text, withMetadata } from "./document.ts";
import { type Call, commit, type Engine, expunge, internalCall, subjectOf } from "./engine.ts";
import { methodNotAllowed } from "./status.ts";
import type { ShelfName } from "./store.ts";
import { CONTROL_PLANE } from "./tokens.ts";

const DEFINITIONS: ShelfName = {
  group: "apiextensions.k8s.io",
  plural: "customresourcedefinitions",
};

function shelfOf(definition: Document): ShelfName {
  const spec = fields(definition.spec);
  return { group: text(spec.group), plural: text(fields(spec.names).plural) };
}

/** Throws 405 when the definition of a new object's kind is going away. */
export function checkDefinition(engine: Engine, call: Call): void {
  if (!call.resource.custom) return;
  const name = `${call.resource.plural}.${call.resource.group}`;
  const definition = engine.store.shelf(DEFINITIONS).get({ namespace: "", name });
  if (!definition?.metadata.deletionTimestamp) return;
  throw methodNotAllowed(
    subjectOf(call),
    "create not allowed while custom resource definition is terminating",
  );
}

/**
 * Follows the stored definitions until `signal` aborts: defines, redefines, and empties those that go before they go.
 * `gone` hears of resources that are no longer served.
 */
export function startDefinitions(
  engine: Engine,
  options: {
    readonly delayMs: number;
    readonly signal: AbortSignal;
    readonly gone: (name: ShelfName) => void;
  },
): void {
  const emptying = new Background({
    ...options,
    clock: engine.clock,
    handle: (name) => empty(engine, name),
  });
  const stop = engine.store.onChange(({ shelf, object }, change) => {
    if (shelf.group === DEFINITIONS.group && shelf.plural === DEFINITIONS.plural) {
      if (change.type === "DELETED") {
        engine.registry.undefine(object);
        options.gone(shelfOf(object));
        return;
      }
      engine.registry.define(object);
      if (object.metadata.deletionTimestamp) emptying.add(object.metadata.name ?? "");
      return;
    }
    if (change.type !== "DELETED" || shelf.group === "") return;
    const name = `${shelf.plural}.${shelf.group}`;
    const definition = engine.store.shelf(DEFINITIONS).get({ namespace: "", name });
    if (definition?.metadata.deletionTimestamp) emptying.add(name);
  });
  options.signal.addEventListener("abort", stop, { once: true });
}

function empty(engine: Engine, name: string): void {
  const definition = engine.store.shelf(DEFINITIONS).get({ namespace: "", name });
  if (!definition?.metadata.deletionTimestamp) return;
  const shelf = engine.store.shelf(shelfOf(definition));
  const resource = engine.registry.ofShelf(shelf);
  const own = engine.registry.ofShelf(DEFINITIONS);
  for (const object of resource ? shelf.list() : []) {
    if (!resource || object.metadata.deletionTimestamp) continue;
    const call = internalCall(CONTROL_PLANE, { verb: "delete", resource, object });
    deleteObject(engine, call, { object, options: {} });
  }
  if (shelf.count() > 0 || !own) return;
  const finalizers = (definition.metadata.finalizers ?? []).filter((one) => one !== CLEANUP);
  const freed = withMetadata(definition, {
    finalizers: finalizers.length > 0 ? finalizers : undefined,
  });
  const call = internalCall(CONTROL_PLANE, { verb: "update", resource: own, object: freed });
  if (isReleased(call, freed)) expunge(engine, call, freed);
  else if (freed.metadata.finalizers?.length !== definition.metadata.finalizers?.length) {
    commit(engine, call, freed);
  }
}
