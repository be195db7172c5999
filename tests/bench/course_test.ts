import assert from "node:assert/strict";
import { courseOf, type Life, phasesOf } from "../../bench/course.ts";

const LIVES: readonly Life[] = [
  { queued: 1_000, ordered: 1_100, registered: 1_200, pod: 1_250 },
  { queued: 1_000, ordered: 1_300, registered: 1_900, pod: 2_000 },
  { queued: 1_010, ordered: 1_105 },
];

Deno.test("a course tells when each milestone was passed, from the first job queued", () => {
  const course = courseOf(LIVES, 1_000);
  assert.deepEqual(course.queued, [0, 0, 10]);
  assert.deepEqual(course.ordered, [100, 105, 300]);
  assert.deepEqual(course.gone, []);
});

Deno.test("a phase tells how long runners were in it, and the longest time in which none left it", () => {
  const [ordering, registering, , starting] = phasesOf(LIVES, courseOf(LIVES, 1_000));
  assert.deepEqual(
    [ordering?.to, ordering?.ms.p50, ordering?.first, ordering?.last, ordering?.longestGapMs],
    ["ordered", 100, 100, 300, 195],
  );
  assert.deepEqual([registering?.ms.count, registering?.longestGapMs], [2, 700]);
  assert.deepEqual([starting?.ms.count, starting?.last, starting?.longestGapMs], [0, undefined, 0]);
});
