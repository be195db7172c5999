import assert from "node:assert/strict";
import { SharedParts, sharingParts } from "../../kube/shared_parts.ts";
import type { KubeObject } from "../../kube/types.ts";

type Thing = KubeObject & { readonly spec: { readonly image: string } };

function thing(
  name: string,
  image = "a",
  labels: Readonly<Record<string, string>> = { of: "set" },
) {
  return JSON.parse(JSON.stringify({
    metadata: { name, labels, ownerReferences: [{ uid: "1" }] },
    spec: { image },
  })) as Thing;
}

Deno.test("siblings hold one copy of what they have in common, and keep what is their own", () => {
  const shared = sharingParts<Thing>(() => "set");
  const [a, b] = [shared(thing("a")), shared(thing("b"))];
  assert.equal(a.spec, b.spec);
  assert.equal(a.metadata?.labels, b.metadata?.labels);
  assert.equal(a.metadata?.ownerReferences, b.metadata?.ownerReferences);
  assert.deepEqual(b, thing("b"));
});

Deno.test("a sibling that differs keeps its own part, and the next ones follow it", () => {
  const shared = sharingParts<Thing>(() => "set");
  const old = shared(thing("a"));
  const [changed, next] = [shared(thing("b", "other")), shared(thing("c", "other"))];
  assert.deepEqual(old.spec, { image: "a" });
  assert.deepEqual(changed.spec, { image: "other" });
  assert.equal(changed.spec, next.spec);
  assert.equal(changed.metadata?.labels, old.metadata?.labels);
});

Deno.test("who are no siblings share nothing, and who has none is left as it is", () => {
  const shared = sharingParts<Thing>(({ metadata }) => metadata?.labels?.["of"]);
  const [a, b] = [shared(thing("a")), shared(thing("b", "a", { of: "another" }))];
  assert.notEqual(a.spec, b.spec);
  const lone = thing("c", "a", {});
  assert.equal(shared(lone), lone);
});

Deno.test("no more parts are remembered than there is room for", () => {
  const parts = new SharedParts();
  for (let i = 0; i < 10_000; i++) parts.share(`key ${i}`, { i });
  assert.equal(parts.size, 4_096);
});
