import assert from "node:assert/strict";
import { topFrames } from "../../bench/profile_frames.ts";

const frame = (functionName: string, url = "") => ({ functionName, url, lineNumber: 4 });

Deno.test("frames are ranked by own time, callers have that of what they call, and waiting is no work", () => {
  const text = topFrames({
    nodes: [
      { id: 1, callFrame: frame("(root)"), children: [2, 4] },
      { id: 2, callFrame: frame("outer", "file:///x/kube/cache.ts"), children: [3] },
      { id: 3, callFrame: frame("inner", "file:///x/kube/store.ts") },
      { id: 4, callFrame: frame("(idle)") },
    ],
    samples: [2, 3, 3, 4],
    timeDeltas: [1_000, 1_000, 1_000, 50_000],
  });
  assert.match(text, /^3 ms of CPU/);
  assert.match(text, /\| inner kube\/store\.ts:5 \| 2 +\| 66\.7 %/);
  assert.match(text, /\| outer kube\/cache\.ts:5 \| 3 +\| 100\.0 %/);
});
