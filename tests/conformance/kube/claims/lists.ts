/** Claims about lists: pages, versions, selectors, forms. */
import assert from "node:assert/strict";
import type { ApiUnderTest, Claim } from "../api_under_test.ts";
import { aMap, aPod, assertRefused, at, aWidget, make } from "../wording.ts";

// deno-lint-ignore no-explicit-any
const namesOf = (list: any) => list.items.map((item: any) => item.metadata.name);

async function makeMaps(api: ApiUnderTest, names: readonly string[]): Promise<void> {
  for (const name of names) await make(api, "configmaps", aMap(name, {}, { labels: { of: "us" } }));
}

/** Lists what {@link makeMaps} made: a real namespace has a ConfigMap of its own. */
function ours(api: ApiUnderTest, query = ""): string {
  return at(api, "configmaps", `?labelSelector=of%3Dus${query}`);
}

export const LISTS: readonly Claim[] = [
  {
    says: "an empty list has items, a kind and a resourceVersion",
    holds: async (api) => {
      const list = await api.done("GET", at(api, "pods"));
      assert.deepEqual([list.kind, list.apiVersion, list.items], ["PodList", "v1", []]);
      assert.match(list.metadata.resourceVersion, /^\d+$/);
    },
  },
  {
    says: "items are sorted by name; those of built-in kinds do not repeat kind and apiVersion",
    holds: async (api) => {
      await makeMaps(api, ["b", "c", "a"]);
      const list = await api.done("GET", ours(api));
      assert.deepEqual(namesOf(list), ["a", "b", "c"]);
      assert.equal(list.items[0].kind, undefined);
      assert.equal(list.items[0].apiVersion, undefined);
    },
  },
  {
    says: "items of custom resources repeat kind and apiVersion",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a"));
      const list = await api.done("GET", at(api, "widgets"));
      assert.equal(list.kind, "WidgetList");
      assert.equal(list.items[0].kind, "Widget");
      assert.equal(list.items[0].apiVersion, "conformance.longshore.dev/v1");
    },
  },
  {
    says: "pages of a limit hold every object once, at one resourceVersion",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a"));
      await make(api, "widgets", aWidget("b"));
      await make(api, "widgets", aWidget("c"));
      const first = await api.done("GET", at(api, "widgets", "?limit=2"));
      assert.deepEqual(namesOf(first), ["a", "b"]);
      assert.equal(first.metadata.remainingItemCount, 1);
      const token = encodeURIComponent(first.metadata.continue);
      const last = await api.done("GET", at(api, "widgets", `?limit=2&continue=${token}`));
      assert.deepEqual(namesOf(last), ["c"]);
      assert.ok(!last.metadata.continue); // absent, or empty for custom resources
      assert.equal(last.metadata.remainingItemCount, undefined);
      assert.equal(last.metadata.resourceVersion, first.metadata.resourceVersion);
    },
  },
  {
    says: "what is made after the first page is not on the next ones, what was deleted still is",
    holds: async (api) => {
      for (const name of ["a", "b", "d"]) await make(api, "widgets", aWidget(name));
      const first = await api.done("GET", at(api, "widgets", "?limit=1"));
      await make(api, "widgets", aWidget("c"));
      await api.done("DELETE", at(api, "widgets", "d"));
      const token = encodeURIComponent(first.metadata.continue);
      const rest = await api.done("GET", at(api, "widgets", `?limit=9&continue=${token}`));
      assert.deepEqual(namesOf(rest), ["b", "d"]);
    },
  },
  {
    says: "a page of a selected list has no remainingItemCount",
    holds: async (api) => {
      await makeMaps(api, ["a", "b", "c"]);
      const first = await api.done("GET", ours(api, "&limit=2"));
      assert.deepEqual(namesOf(first), ["a", "b"]);
      assert.equal(first.metadata.remainingItemCount, undefined);
      const token = encodeURIComponent(first.metadata.continue);
      const last = await api.done("GET", ours(api, `&limit=2&continue=${token}`));
      assert.deepEqual(namesOf(last), ["c"]);
    },
  },
  {
    says: "a continue token that is too old is 410 Expired and brings one to go on with",
    holds: async (api) => {
      for (const name of ["a", "b", "c"]) await make(api, "widgets", aWidget(name));
      const first = await api.done("GET", at(api, "widgets", "?limit=1"));
      const old = encodeURIComponent(await api.forgottenPage(first.metadata.continue));
      const answer = await api.call("GET", at(api, "widgets", `?limit=1&continue=${old}`));
      assertRefused(answer, {
        code: 410,
        reason: "Expired",
        message:
          "The provided continue parameter is too old to display a consistent list result. You can " +
          "start a new list without the continue parameter, or use the continue token in this " +
          "response to retrieve the remainder of the results. Continuing with the provided token " +
          "results in an inconsistent list - objects that were created, modified, or deleted " +
          "between the time the first chunk was returned and now may show up in the list.",
      });
      const token = encodeURIComponent(answer.body.metadata.continue);
      const rest = await api.done("GET", at(api, "widgets", `?limit=5&continue=${token}`));
      assert.deepEqual(namesOf(rest), ["b", "c"]);
    },
  },
  {
    says: "a continue token that is none is 400",
    holds: async (api) => {
      const answer = await api.call("GET", at(api, "widgets", "?limit=1&continue=nonsense"));
      assertRefused(answer, {
        code: 400,
        reason: "BadRequest",
        message: /continue key is not valid/,
      });
    },
  },
  {
    says: "a list at resourceVersion 0 is answered",
    holds: async (api) => {
      const list = await api.done("GET", at(api, "widgets", "?resourceVersion=0"));
      assert.deepEqual(list.items, []);
    },
  },
  {
    says: "a list at a resourceVersion that is none is refused",
    holds: async (api) => {
      const answer = await api.call("GET", at(api, "widgets", "?resourceVersion=soon"));
      assertRefused(answer, { code: 400, reason: "BadRequest" });
    },
  },
  {
    says: "a list at a version to come is 504 and says when to ask again",
    holds: async (api) => {
      const answer = await api.call("GET", at(api, "widgets", "?resourceVersion=999999999"));
      assertRefused(answer, {
        code: 504,
        reason: "Timeout",
        message: /^Timeout: Too large resource version: 999999999, current: \d+$/,
      });
      assert.equal(answer.body.details.retryAfterSeconds, 1);
      assert.equal(answer.body.details.causes[0].reason, "ResourceVersionTooLarge");
    },
  },
  {
    says: "label selectors choose by equality, set and presence",
    holds: async (api) => {
      await make(api, "configmaps", aMap("a", {}, { labels: { of: "us", tier: "one" } }));
      await make(api, "configmaps", aMap("b", {}, { labels: { of: "us", tier: "two" } }));
      await make(api, "configmaps", aMap("c", {}, { labels: { of: "us" } }));
      const rows = {
        "tier=one": ["a"],
        "tier==two": ["b"],
        "tier!=one": ["b", "c"],
        "tier in (one,two)": ["a", "b"],
        "tier notin (one)": ["b", "c"],
        "tier": ["a", "b"],
        "!tier": ["c"],
        "of=us,tier=one": ["a"],
        "tier=three": [],
      };
      for (const [selector, names] of Object.entries(rows)) {
        const path = ours(api, encodeURIComponent(`,${selector}`));
        assert.deepEqual(namesOf(await api.done("GET", path)), names, selector);
      }
    },
  },
  {
    says: "a label selector that cannot be read is 400",
    holds: async (api) => {
      const path = at(api, "configmaps", `?labelSelector=${encodeURIComponent("a in b")}`);
      assertRefused(await api.call("GET", path), {
        code: 400,
        reason: "BadRequest",
        message: /unable to parse requirement/,
      });
    },
  },
  {
    says: "field selectors choose by metadata.name, and pods by node and phase",
    holds: async (api) => {
      await make(api, "pods", aPod("a"));
      await make(api, "pods", aPod("b", { nodeName: "node-1" }));
      const rows = {
        "metadata.name=a": ["a"],
        "metadata.name!=a": ["b"],
        "spec.nodeName=node-1": ["b"],
        "spec.nodeName=": ["a"],
        "status.phase=Pending": ["a", "b"],
        "status.phase!=Pending": [],
        "metadata.name=b,spec.nodeName=node-1": ["b"],
      };
      for (const [selector, names] of Object.entries(rows)) {
        const path = at(api, "pods", `?fieldSelector=${encodeURIComponent(selector)}`);
        assert.deepEqual(namesOf(await api.done("GET", path)), names, selector);
      }
    },
  },
  {
    says: "a custom resource is selected by metadata.name and by its declared fields",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a"));
      await make(api, "widgets", aWidget("b", { colour: "green" }));
      const byName = await api.done("GET", at(api, "widgets", "?fieldSelector=metadata.name%3Da"));
      assert.deepEqual(namesOf(byName), ["a"]);
      const byField = await api.done(
        "GET",
        at(api, "widgets", "?fieldSelector=spec.colour%3Dgreen"),
      );
      assert.deepEqual(namesOf(byField), ["b"]);
    },
  },
  {
    says: "a field that cannot be selected by is 400 and named",
    holds: async (api) => {
      assertRefused(await api.call("GET", at(api, "pods", "?fieldSelector=spec.colour%3Dred")), {
        code: 400,
        reason: "BadRequest",
        message: "field label not supported: spec.colour",
      });
      assertRefused(await api.call("GET", at(api, "widgets", "?fieldSelector=spec.size%3D1")), {
        code: 400,
        reason: "BadRequest",
        message: /field label not supported: spec.size$/,
      });
    },
  },
  {
    says: "a list across namespaces holds this one's objects too",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a"));
      const list = await api.done("GET", "/apis/conformance.longshore.dev/v1/widgets");
      // deno-lint-ignore no-explicit-any
      const own = list.items.filter((item: any) => item.metadata.namespace === api.namespace);
      assert.deepEqual(own.length, 1);
    },
  },
  {
    says: "metadata alone can be asked for",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a", { size: 1 }));
      const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
      const list = await api.done("GET", at(api, "widgets"), { accept });
      assert.equal(list.kind, "PartialObjectMetadataList");
      assert.equal(list.items[0].spec, undefined);
      assert.equal(list.items[0].metadata.name, "a");
    },
  },
  {
    says: "a collection is deleted by selector",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a", {}, { labels: { go: "yes" } }));
      await make(api, "widgets", aWidget("b"));
      await api.done("DELETE", at(api, "widgets", "?labelSelector=go%3Dyes"));
      assert.deepEqual(namesOf(await api.done("GET", at(api, "widgets"))), ["b"]);
    },
  },
];
