import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type ListenerReport,
  listenerReportText,
  parseListenerReport,
} from "../../crds/listener_report.ts";

function pure(name: string, body: () => void): void {
  Deno.test({ name, permissions: "none", fn: body });
}

const conflict = { reason: "SessionConflict", message: "A session is active" };

const ROWS: readonly (readonly [string | undefined, ListenerReport])[] = [
  [undefined, {}],
  ["no-scale-set:7", { noScaleSet: 7 }],
  ["phantom-jobs:15", { phantomJobs: 15 }],
  ["no-session:SessionConflict A session is active", { noSession: conflict }],
  [
    "no-scale-set:7;no-session:SessionConflict A session is active;phantom-jobs:2",
    { noScaleSet: 7, noSession: conflict, phantomJobs: 2 },
  ],
];

for (const [text, report] of ROWS) {
  pure(`${JSON.stringify(report)} is written ${text}, and read back`, () => {
    assert.equal(listenerReportText(report), text);
    const all = { noScaleSet: undefined, noSession: undefined, phantomJobs: undefined };
    assert.deepEqual(parseListenerReport(text), { ...all, ...report });
  });
}

pure("a message cannot pass itself off as another word", () => {
  const noSession = { reason: "Unreachable", message: "x;no-scale-set:7\nphantom-jobs:9" };
  const read = parseListenerReport(listenerReportText({ noSession }));
  assert.equal(read.noScaleSet, undefined);
  assert.equal(read.phantomJobs, undefined);
  assert.match(read.noSession?.message ?? "", /^x,no-scale-set:7 phantom-jobs:9$/);
});

pure("any text can be read", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const { noScaleSet = 1, phantomJobs = 1 } = parseListenerReport(text);
    assert.ok(noScaleSet > 0 && phantomJobs > 0);
  }));
});
