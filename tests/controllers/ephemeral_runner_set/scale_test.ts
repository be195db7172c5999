import assert from "node:assert/strict";
import { type ScaleInputs, scaleOf } from "../../../controllers/ephemeral_runner_set/scale.ts";
import { pure } from "../situations.ts";

/** `[patchId, replicas]`; the record is empty unless given. */
const ROWS: readonly {
  readonly claim: string;
  readonly wanted: readonly [number, number];
  readonly served?: readonly [number, number];
  readonly listener?: "ours" | "ARC's";
  readonly capacity: number;
  /** Also those whose job is over; as many as count unless given. */
  readonly present?: number;
  readonly latest?: number;
  readonly toReplace?: number;
  readonly create?: number;
  readonly later?: number;
  readonly retire?: number;
}[] = [
  { claim: "0, as many as wanted: nothing", wanted: [0, 3], capacity: 3 },
  { claim: "0, fewer: the difference is created", wanted: [0, 3], capacity: 1, create: 2 },
  { claim: "0, more: the difference is retired", wanted: [0, 3], capacity: 5, retire: 2 },
  { claim: "0, none wanted: all may go", wanted: [0, 0], capacity: 2, retire: 2 },
  {
    claim: "0 always acts, though the latest is 0 too",
    wanted: [0, 2],
    served: [0, 2],
    capacity: 1,
    create: 1,
  },
  {
    claim: "a new batch, fewer: the difference is created",
    wanted: [5, 3],
    capacity: 1,
    create: 2,
  },
  { claim: "a new batch, more: finished ones may not be noticed yet", wanted: [5, 1], capacity: 3 },
  { claim: "a new batch, as many: nothing", wanted: [5, 3], capacity: 3 },
  {
    claim: "a served batch, fewer: finished ones are not replaced",
    wanted: [5, 3],
    served: [5, 3],
    capacity: 1,
  },
  {
    claim: "a served batch, fewer, by ARC's record: finished ones are not replaced",
    wanted: [5, 3],
    listener: "ARC's",
    latest: 5,
    capacity: 1,
  },
  {
    claim: "a served batch, more: those long idle are retired",
    wanted: [5, 1],
    served: [5, 1],
    capacity: 3,
    retire: 2,
  },
  {
    claim: "a served batch of ARC's listener, more: nothing",
    wanted: [5, 1],
    listener: "ARC's",
    latest: 5,
    capacity: 3,
  },
  {
    claim: "never more are there than wanted: the rest waits until those that are done have gone",
    wanted: [5, 3],
    capacity: 1,
    present: 2,
    create: 1,
    later: 1,
  },
  {
    claim: "B4: a served batch replaces the failed ones, and no others",
    wanted: [5, 3],
    served: [5, 3],
    capacity: 0,
    toReplace: 1,
    create: 1,
  },
  {
    claim: "B4: never more than are missing",
    wanted: [5, 3],
    served: [5, 3],
    capacity: 2,
    toReplace: 4,
    create: 1,
  },
  {
    claim: "X9: a served batch stays served when its last runner is gone",
    wanted: [5, 1],
    served: [5, 1],
    latest: 0,
    capacity: 0,
  },
  {
    claim: "X22: a number that an old runner happens to carry is new all the same",
    wanted: [5, 3],
    served: [9, 1],
    latest: 5,
    capacity: 1,
    create: 2,
  },
  {
    claim: "X22: a number below the highest is served once and then left alone",
    wanted: [2, 3],
    served: [2, 3],
    latest: 40,
    capacity: 1,
  },
  {
    claim: "C3: the same number with another count is a new decision",
    wanted: [5, 3],
    served: [5, 2],
    latest: 5,
    capacity: 2,
    create: 1,
  },
  {
    claim: "at a take-over ARC's rule holds until there is a record",
    wanted: [5, 3],
    latest: 5,
    capacity: 1,
  },
  {
    claim: "ARC's listener is judged by ARC's rule, whatever the record",
    wanted: [5, 3],
    served: [5, 3],
    listener: "ARC's",
    latest: 4,
    capacity: 1,
    create: 2,
  },
];

const decision = ([patchId, replicas]: readonly [number, number]) => ({ patchId, replicas });

for (const { claim, create = 0, later = 0, retire = 0, ...row } of ROWS) {
  pure(`patchID contract, ${claim}`, () => {
    const inputs: ScaleInputs = {
      wanted: decision(row.wanted),
      served: row.served && decision(row.served),
      capacity: row.capacity,
      present: row.present ?? row.capacity,
      exact: row.listener !== "ARC's",
      latestPatchId: row.latest ?? 0,
      toReplace: row.toReplace ?? 0,
    };
    const patience = row.wanted[0] === 0 ? "none" : "long-idle";
    assert.deepEqual(scaleOf(inputs), { create, later, retire, patience });
  });
}
