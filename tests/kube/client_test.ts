import assert from "node:assert/strict";
import { createKubeClient, type KubeClient, type WatchEvent } from "../../kube/client.ts";
import { isConflict, isGone, KubeError } from "../../kube/errors.ts";
import { LEASES, PODS } from "../../kube/resources.ts";
import { createTransport } from "../../kube/transport.ts";
import type { KubeObject, Pod } from "../../kube/types.ts";
import { VirtualClock } from "../../sim/clock.ts";

const KEY = { namespace: "a", name: "b" };
const POD: Pod = { apiVersion: "v1", kind: "Pod", metadata: { ...KEY, uid: "u" } };

interface Sent {
  readonly line: string;
  readonly contentType: string | null;
  readonly body: unknown;
}

/** A client of a server that answers in turn, and what it was asked. */
function scripted(...answers: readonly Response[]): { client: KubeClient; sent: Sent[] } {
  const sent: Sent[] = [];
  const rest = [...answers];
  const transport = createTransport({
    connection: {
      server: "http://kube.test",
      headers: () => Promise.resolve({}),
      async fetch(request) {
        const text = await request.text();
        sent.push({
          line: `${request.method} ${request.url.slice("http://kube.test".length)}`,
          contentType: request.headers.get("content-type"),
          body: text === "" ? undefined : JSON.parse(text),
        });
        return rest.shift() ?? new Response(null, { status: 500 });
      },
    },
    clock: new VirtualClock(),
  });
  return { client: createKubeClient(transport), sent };
}

function refusal(status: number, reason: string, message = reason): Response {
  return Response.json({ kind: "Status", reason, message }, { status });
}

Deno.test("get reads one object, and an absent one is undefined", async () => {
  const { client, sent } = scripted(Response.json(POD), refusal(404, "NotFound"));
  assert.deepEqual(await client.get(PODS, KEY), POD);
  assert.equal(await client.get(PODS, KEY), undefined);
  assert.equal(sent[0]?.line, "GET /api/v1/namespaces/a/pods/b");
});

Deno.test("get of a kind that is not served throws: it says nothing about the object", async () => {
  const { client } = scripted(new Response("404 page not found\n", { status: 404 }));
  await assert.rejects(client.get(PODS, KEY), KubeError);
});

Deno.test("a page of a list has its selectors, and its items their kind", async () => {
  const { client, sent } = scripted(Response.json({
    metadata: { resourceVersion: "9", continue: "" },
    items: [{ metadata: KEY, future: 1 }],
  }));
  const page = await client.listPage(PODS, {
    namespace: "a",
    labelSelector: "x=y",
    limit: 2,
    continue: "c",
  });
  assert.deepEqual(page, {
    items: [{ apiVersion: "v1", kind: "Pod", metadata: KEY, future: 1 }],
    resourceVersion: "9",
    continue: undefined,
  });
  assert.equal(
    sent[0]?.line,
    "GET /api/v1/namespaces/a/pods?labelSelector=x%3Dy&limit=2&continue=c",
  );
});

Deno.test("a list has all pages", async () => {
  const page = (name: string, next: string) =>
    Response.json({ metadata: { continue: next }, items: [{ metadata: { name } }] });
  const { client, sent } = scripted(page("a", "n1"), page("b", ""));
  const items = await client.list(PODS);
  assert.deepEqual(items.map((item) => item.metadata?.name), ["a", "b"]);
  assert.deepEqual(sent.map(({ line }) => line), [
    "GET /api/v1/pods?limit=500",
    "GET /api/v1/pods?limit=500&continue=n1",
  ]);
});

const writes: Readonly<
  Record<string, readonly [(client: KubeClient) => Promise<unknown>, string, string, unknown]>
> = {
  "create sends the object to its collection": [
    (client) => client.create(PODS, { metadata: KEY }),
    "POST /api/v1/namespaces/a/pods",
    "application/json",
    { apiVersion: "v1", kind: "Pod", metadata: KEY },
  ],
  "a dry run creates nothing": [
    (client) => client.create(PODS, POD, { dryRun: true }),
    "POST /api/v1/namespaces/a/pods?dryRun=All",
    "application/json",
    POD,
  ],
  "patch is a merge patch": [
    (client) => client.patch(PODS, KEY, { status: { x: null } }, { subresource: "status" }),
    "PATCH /api/v1/namespaces/a/pods/b/status",
    "application/merge-patch+json",
    { status: { x: null } },
  ],
  "a JSON patch is a list of operations": [
    (client) => client.jsonPatch(PODS, KEY, [{ op: "remove", path: "/x" }]),
    "PATCH /api/v1/namespaces/a/pods/b",
    "application/json-patch+json",
    [{ op: "remove", path: "/x" }],
  ],
  "apply is forced and names its manager": [
    (client) => client.apply(LEASES, { metadata: KEY }, { fieldManager: "me & you" }),
    "PATCH /apis/coordination.k8s.io/v1/namespaces/a/leases/b" +
    "?fieldManager=me%20%26%20you&force=true",
    "application/apply-patch+yaml",
    { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: KEY },
  ],
  "update replaces the whole": [
    (client) => client.update(PODS, POD),
    "PUT /api/v1/namespaces/a/pods/b",
    "application/json",
    POD,
  ],
  "delete names the incarnation, the propagation and the grace": [
    (client) =>
      client.delete(PODS, KEY, { uid: "u", propagation: "Foreground", gracePeriodSeconds: 0 }),
    "DELETE /api/v1/namespaces/a/pods/b",
    "application/json",
    {
      apiVersion: "v1",
      kind: "DeleteOptions",
      preconditions: { uid: "u" },
      propagationPolicy: "Foreground",
      gracePeriodSeconds: 0,
    },
  ],
};

for (const [claim, [write, line, contentType, body]] of Object.entries(writes)) {
  Deno.test(claim, async () => {
    const { client, sent } = scripted(Response.json(POD));
    await write(client);
    assert.deepEqual(sent, [{ line, contentType, body }]);
  });
}

const deletedAt = { deletionTimestamp: "2026-01-01T12:00:00Z" };
const deletions: Readonly<Record<string, readonly [KubeObject | Response, "gone" | "held"]>> = {
  "a Status is gone": [{ kind: "Status" }, "gone"],
  "the last state of an object is gone": [POD, "gone"],
  "a pod without grace is gone": [
    { ...POD, metadata: { ...deletedAt, deletionGracePeriodSeconds: 0 } },
    "gone",
  ],
  "a pod with grace is held": [
    { ...POD, metadata: { ...deletedAt, deletionGracePeriodSeconds: 30 } },
    "held",
  ],
  "an object with finalizers is held": [
    { ...POD, metadata: { ...deletedAt, deletionGracePeriodSeconds: 0, finalizers: ["f"] } },
    "held",
  ],
  "absent is gone": [refusal(404, "NotFound"), "gone"],
  "another incarnation is gone": [
    refusal(409, "Conflict", "the UID in the precondition (u) does not match the UID in record"),
    "gone",
  ],
};

for (const [claim, [answer, outcome]] of Object.entries(deletions)) {
  Deno.test(`the answer to a deletion: ${claim}`, async () => {
    const response = answer instanceof Response ? answer : Response.json(answer);
    const { client } = scripted(response);
    const left = await client.delete(PODS, KEY, { uid: "u" });
    assert.equal(left === undefined ? "gone" : "held", outcome);
  });
}

Deno.test("any other conflict of a deletion is thrown", async () => {
  const { client } = scripted(refusal(409, "Conflict", "the object has been modified"));
  await assert.rejects(client.delete(PODS, KEY, { uid: "u" }), isConflict);
});

Deno.test("a watch asks for bookmarks and gives events in order", async () => {
  const events = [
    { type: "ADDED", object: POD },
    { type: "BOOKMARK", object: { metadata: { resourceVersion: "8" } } },
    { type: "ERROR", object: { kind: "Status", code: 410 } },
  ];
  const { client, sent } = scripted(
    new Response(events.map((event) => `${JSON.stringify(event)}\n`).join("")),
  );
  const seen: WatchEvent<Pod>[] = await Array.fromAsync(
    client.watch(PODS, { resourceVersion: "7", timeoutSeconds: 290, labelSelector: "x" }),
  );
  assert.deepEqual(seen, events);
  assert.equal(
    sent[0]?.line,
    "GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=7" +
      "&timeoutSeconds=290&labelSelector=x",
  );
});

Deno.test("a watch from an expired version is gone", async () => {
  const { client } = scripted(refusal(410, "Expired"));
  const watch = client.watch(PODS, { resourceVersion: "1", timeoutSeconds: 1 });
  await assert.rejects(Array.fromAsync(watch), isGone);
});

Deno.test("a watch that breaks is an error of ours with the cause", async () => {
  const cause = new TypeError("connection reset");
  const { client } = scripted(
    new Response(new ReadableStream({ start: (controller) => controller.error(cause) })),
  );
  const watch = client.watch(PODS, { resourceVersion: "1", timeoutSeconds: 1 });
  await assert.rejects(Array.fromAsync(watch), { code: "kube_unreachable", cause });
});

Deno.test("an abort ends a watch without an error", async () => {
  const abort = new AbortController();
  const { client } = scripted(new Response(new ReadableStream()));
  const options = { resourceVersion: "1", timeoutSeconds: 1, signal: abort.signal };
  const seen = Array.fromAsync(client.watch(PODS, options));
  await Promise.resolve();
  abort.abort();
  assert.deepEqual(await seen, []);
});
