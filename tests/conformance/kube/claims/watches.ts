/** Claims about watches: where they start, what they tell, how they end. */
import assert from "node:assert/strict";
import type { ApiUnderTest, Claim } from "../api_under_test.ts";
import { assertRefused, at, aWidget, change, make } from "../wording.ts";

async function versionNow(api: ApiUnderTest): Promise<string> {
  return (await api.done("GET", at(api, "widgets"))).metadata.resourceVersion;
}

export const WATCHES: readonly Claim[] = [
  {
    says: "a watch from a version tells what came after it, in order",
    holds: async (api) => {
      await make(api, "widgets", aWidget("before"));
      const from = await versionNow(api);
      await make(api, "widgets", aWidget("a"));
      await using watch = await api.watch(at(api, "widgets", `?resourceVersion=${from}`));
      await change(api, "widgets", { name: "a", patch: { spec: { size: 1 } } });
      await make(api, "widgets", aWidget("b"));
      await api.done("DELETE", at(api, "widgets", "a"));
      await watch.until((events) => events.length >= 4);
      assert.deepEqual(watch.lines(), ["ADDED a", "MODIFIED a", "ADDED b", "DELETED a"]);
      const versions = watch.events.map(({ object }) => Number(object.metadata.resourceVersion));
      assert.deepEqual(versions, versions.toSorted((a, b) => a - b));
    },
  },
  {
    says: "objects in events have kind and apiVersion, and are as a get returns them",
    holds: async (api) => {
      const from = await versionNow(api);
      await using watch = await api.watch(at(api, "widgets", `?resourceVersion=${from}`));
      const made = await make(api, "widgets", aWidget("a"));
      await watch.until((events) => events.length >= 1);
      assert.deepEqual(watch.events[0]?.object, made);
    },
  },
  {
    says: "a DELETED event holds the last state with a newer resourceVersion",
    holds: async (api) => {
      const made = await make(api, "widgets", aWidget("a", { size: 3 }));
      const { resourceVersion } = made.metadata;
      await using watch = await api.watch(
        at(api, "widgets", `?resourceVersion=${resourceVersion}`),
      );
      await api.done("DELETE", at(api, "widgets", "a"));
      await watch.until((events) => events.length >= 1);
      const [event] = watch.events;
      assert.equal(event?.type, "DELETED");
      assert.equal(event?.object.spec.size, 3);
      assert.ok(Number(event?.object.metadata.resourceVersion) > Number(resourceVersion));
    },
  },
  {
    says: "a watch without a version starts with what is there",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a"));
      await make(api, "widgets", aWidget("b"));
      await using watch = await api.watch(at(api, "widgets"));
      await watch.until((events) => events.length >= 2);
      assert.deepEqual(watch.lines().toSorted(), ["ADDED a", "ADDED b"]);
    },
  },
  {
    says: "a watch of a namespace tells nothing of others",
    holds: async (api) => {
      const from = await versionNow(api);
      await using watch = await api.watch(at(api, "widgets", `?resourceVersion=${from}`));
      const elsewhere = "/apis/conformance.longshore.dev/v1/namespaces/default/widgets";
      const name = `in-${api.namespace}`;
      await api.done("POST", elsewhere, { body: aWidget(name) });
      await api.done("DELETE", `${elsewhere}/${name}`);
      await make(api, "widgets", aWidget("here"));
      await watch.until((events) => events.length >= 1);
      assert.deepEqual(watch.lines(), ["ADDED here"]);
    },
  },
  {
    says: "an object that stops matching is DELETED, one that starts is ADDED",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a", {}, { labels: { on: "yes" } }));
      await make(api, "widgets", aWidget("b"));
      const from = await versionNow(api);
      await using watch = await api.watch(
        at(api, "widgets", `?labelSelector=on%3Dyes&resourceVersion=${from}`),
      );
      await change(api, "widgets", { name: "a", patch: { metadata: { labels: { on: "no" } } } });
      await change(api, "widgets", { name: "b", patch: { metadata: { labels: { on: "yes" } } } });
      await change(api, "widgets", { name: "b", patch: { spec: { size: 1 } } });
      await watch.until((events) => events.length >= 3);
      assert.deepEqual(watch.lines(), ["DELETED a", "ADDED b", "MODIFIED b"]);
      assert.deepEqual(watch.events[0]?.object.metadata.labels, { on: "yes" });
    },
  },
  {
    says: "a watch by metadata.name tells of that object alone",
    holds: async (api) => {
      const from = await versionNow(api);
      await using watch = await api.watch(
        at(api, "widgets", `?fieldSelector=metadata.name%3Db&resourceVersion=${from}`),
      );
      await make(api, "widgets", aWidget("a"));
      await make(api, "widgets", aWidget("b"));
      await watch.until((events) => events.length >= 1);
      assert.deepEqual(watch.lines(), ["ADDED b"]);
    },
  },
  {
    says: "a write that changes nothing is no event",
    holds: async (api) => {
      const { metadata } = await make(api, "widgets", aWidget("a"));
      await using watch = await api.watch(
        at(api, "widgets", `?resourceVersion=${metadata.resourceVersion}`),
      );
      await change(api, "widgets", { name: "a", patch: { spec: { colour: "red" } } });
      await make(api, "widgets", aWidget("b"));
      await watch.until((events) => events.length >= 1);
      assert.deepEqual(watch.lines(), ["ADDED b"]);
    },
  },
  {
    says: "a watch ends normally at timeoutSeconds",
    holds: async (api) => {
      await using watch = await api.watch(at(api, "widgets", "?timeoutSeconds=1"));
      await watch.over;
      assert.deepEqual(watch.lines(), []);
    },
  },
  {
    says: "a watch with bookmarks gets one before its time is up",
    holds: async (api) => {
      const { metadata } = await make(api, "widgets", aWidget("a"));
      await using watch = await api.watch(
        at(
          api,
          "widgets",
          `?allowWatchBookmarks=true&timeoutSeconds=4&resourceVersion=${metadata.resourceVersion}`,
        ),
      );
      await watch.until((events) => events.some(({ type }) => type === "BOOKMARK"));
      const bookmark = watch.events.find(({ type }) => type === "BOOKMARK");
      assert.equal(bookmark?.object.kind, "Widget");
      assert.ok(
        Number(bookmark?.object.metadata.resourceVersion) >= Number(metadata.resourceVersion),
      );
      assert.equal(bookmark?.object.metadata.name, undefined);
    },
  },
  {
    says: "initial events end with a bookmark that says so",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a"));
      await using watch = await api.watch(at(
        api,
        "widgets",
        "?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
      ));
      await watch.until((events) => events.some(({ type }) => type === "BOOKMARK"));
      assert.deepEqual(watch.lines(), ["ADDED a"]);
      const annotations = watch.events.at(-1)?.object.metadata.annotations;
      assert.deepEqual(annotations, { "k8s.io/initial-events-end": "true" });
    },
  },
  {
    says: "initial events without resourceVersionMatch are 422",
    holds: async (api) => {
      const path = at(api, "widgets", "?watch=true&timeoutSeconds=1&sendInitialEvents=true");
      assertRefused(await api.call("GET", path), {
        code: 422,
        reason: "Invalid",
        message:
          /resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/,
      });
    },
  },
  {
    says: "a watch from a forgotten version is told so by an ERROR event with 410",
    holds: async (api) => {
      await make(api, "widgets", aWidget("a"));
      const version = await api.forgottenVersion();
      await using watch = await api.watch(at(api, "widgets", `?resourceVersion=${version}`));
      await watch.over;
      assert.deepEqual(watch.events.map(({ type }) => type), ["ERROR"]);
      const { metadata: _metadata, ...status } = watch.events[0]?.object ?? {};
      assert.match(status.message, /^too old resource version: 1 \(\d+\)$/);
      assert.deepEqual(status, {
        kind: "Status",
        apiVersion: "v1",
        status: "Failure",
        message: status.message,
        reason: "Expired",
        code: 410,
      });
    },
  },
  {
    says: "a watch from a version that is none is refused",
    holds: async (api) => {
      const path = at(api, "widgets", "?watch=true&timeoutSeconds=1&resourceVersion=soon");
      assertRefused(await api.call("GET", path), {
        code: 500,
        message:
          'resourceVersion: Invalid value: "soon": strconv.ParseUint: parsing "soon": invalid syntax',
      });
    },
  },
  {
    says: "the watch of our client yields events, and ends when its signal aborts",
    holds: async (api) => {
      const from = await versionNow(api);
      const over = new AbortController();
      const type = {
        group: "conformance.longshore.dev",
        version: "v1",
        kind: "Widget",
        plural: "widgets",
        namespaced: true,
      };
      const seen: string[] = [];
      const watching = (async () => {
        const { namespace } = api;
        const options = {
          namespace,
          resourceVersion: from,
          timeoutSeconds: 30,
          signal: over.signal,
        };
        for await (const event of api.kube.watch(type, options)) {
          seen.push(event.type);
          if (event.type === "DELETED") over.abort();
        }
      })();
      await make(api, "widgets", aWidget("a"));
      await api.done("DELETE", at(api, "widgets", "a"));
      await watching;
      assert.deepEqual(seen.filter((type) => type !== "BOOKMARK"), ["ADDED", "DELETED"]);
    },
  },
];
