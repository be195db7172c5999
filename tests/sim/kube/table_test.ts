import assert from "node:assert/strict";
import { podStatusWord } from "../../../sim/kube/columns.ts";
import { durationText } from "../../../sim/kube/durations.ts";
import { jsonPathValues } from "../../../sim/kube/json_path.ts";
import { aDefinition, aKubeApi, aPod, aWidget, PODS, watching, WIDGETS } from "./a_kube_api.ts";

const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

Deno.test("pods are shown as kubectl users know them", async () => {
  const { clock, done } = aKubeApi();
  await done("POST", PODS, { body: aPod("a") });
  await clock.advance(61_000);
  const table = await done("GET", PODS, { accept: TABLE });
  assert.equal(table.kind, "Table");
  const shown = table.columnDefinitions.filter((one: { priority: number }) => one.priority === 0);
  assert.deepEqual(shown.map((one: { name: string }) => one.name), [
    "Name",
    "Ready",
    "Status",
    "Restarts",
    "Age",
  ]);
  assert.deepEqual(table.rows[0].cells.slice(0, 5), ["a", "0/1", "Pending", "0", "61s"]);
  assert.equal(table.rows[0].object.kind, "PartialObjectMetadata");
});

Deno.test("a definition's columns are shown, absent values as nothing", async () => {
  const { api, done } = aKubeApi();
  api.install([aDefinition({ type: "object", "x-kubernetes-preserve-unknown-fields": true }, {
    additionalPrinterColumns: [
      { name: "Size", type: "integer", jsonPath: ".spec.size" },
      { name: "Phase", type: "string", jsonPath: ".status.phase" },
      { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
    ],
  })]);
  await done("POST", WIDGETS, { body: aWidget("w", { size: 3 }) });
  const table = await done("GET", `${WIDGETS}/w`, { accept: TABLE });
  assert.deepEqual(table.rows[0].cells, ["w", 3, null, "0s"]);
});

Deno.test("a watch of tables defines its columns once", async () => {
  const talk = aKubeApi();
  await talk.done("POST", PODS, { body: aPod("a") });
  await talk.done("POST", PODS, { body: aPod("b") });
  const response = await talk.api.handle(
    new Request(`https://kube${PODS}?watch=1&timeoutSeconds=1`, {
      headers: { accept: TABLE, authorization: `Bearer ${talk.api.tokenFor("admin")}` },
    }),
  );
  await talk.clock.advance(1000);
  const events = (await response.text()).trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(events.map((event) => event.object.columnDefinitions !== null), [true, false]);
  assert.deepEqual(events.map((event) => event.object.rows[0].cells[0]), ["a", "b"]);
  assert.equal(talk.api.watchCount, 0);
});

Deno.test("metadata can be asked for alone", async () => {
  const talk = aKubeApi();
  await talk.done("POST", PODS, { body: aPod("a") });
  const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
  const list = await talk.done("GET", PODS, { accept });
  assert.equal(list.kind, "PartialObjectMetadataList");
  assert.deepEqual(Object.keys(list.items[0]).sort(), ["apiVersion", "kind", "metadata"]);
  const log = await watching(talk, `${PODS}?watch=1`);
  await log.cancel();
});

const PHASES: readonly (readonly [string, unknown, string])[] = [
  ["a pod's phase", { phase: "Running" }, "Running"],
  [
    "why a container waits",
    { phase: "Pending", containerStatuses: [{ state: { waiting: { reason: "ErrImagePull" } } }] },
    "ErrImagePull",
  ],
  [
    "how a container ended",
    { phase: "Failed", containerStatuses: [{ state: { terminated: { exitCode: 7 } } }] },
    "ExitCode:7",
  ],
  [
    "that one of two still runs",
    {
      phase: "Running",
      containerStatuses: [
        { state: { running: {} } },
        { state: { terminated: { reason: "Completed", exitCode: 0 } } },
      ],
    },
    "Running",
  ],
];

for (const [claim, status, word] of PHASES) {
  Deno.test(`the status word tells ${claim}`, { permissions: "none" }, () => {
    assert.equal(podStatusWord({ metadata: {}, status }), word);
  });
}

Deno.test("spans of time get coarser the longer they are", { permissions: "none" }, () => {
  const second = 1000;
  const rows: readonly (readonly [number, string])[] = [
    [0, "0s"],
    [119 * second, "119s"],
    [190 * second, "3m10s"],
    [59 * 60 * second, "59m"],
    [4.5 * 3600 * second, "4h30m"],
    [40 * 3600 * second, "40h"],
    [3 * 86_400 * second, "3d"],
    [400 * 86_400 * second, "400d"],
  ];
  for (const [ms, text] of rows) assert.equal(durationText(ms), text);
});

Deno.test("paths lead through members, indexes and filters", { permissions: "none" }, () => {
  const value = { a: { "b.c": [{ t: "x", v: 1 }, { t: "y", v: 2 }] } };
  assert.deepEqual(jsonPathValues(".a['b.c'][0].v", value), [1]);
  assert.deepEqual(jsonPathValues(".a.b\\.c[*].v", value), [1, 2]);
  assert.deepEqual(jsonPathValues('.a.b\\.c[?(@.t=="y")].v', value), [2]);
  assert.deepEqual(jsonPathValues(".missing.x", value), []);
});
