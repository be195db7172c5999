import assert from "node:assert/strict";
import { parseConfigUrl } from "../../../github/config_url.ts";
import { queueBurst, queueStream } from "../../../modes/dev/arrivals.ts";
import type { RunnerSetFacts } from "../../../modes/dev/runner_sets.ts";
import { VirtualClock } from "../../../sim/clock.ts";
import type { JobRequest } from "../../../sim/github/control.ts";

function aSet(name: string, url: string): RunnerSetFacts {
  return {
    key: { namespace: "n", name },
    scaleSetName: name,
    labels: [name],
    configUrl: parseConfigUrl(url),
    minRunners: 0,
    maxRunners: undefined,
  };
}

function aQueue() {
  const asked: JobRequest[] = [];
  const control = {
    queueJobs: (request: JobRequest) => {
      asked.push(request);
      return [];
    },
  };
  return { asked, control };
}

const SETS = [
  aSet("a", "https://github.com/org"),
  aSet("b", "https://github.com/org/repo"),
  aSet("c", "https://github.com/enterprises/acme"),
];
const duration = { fromMs: 1, toMs: 2 };

Deno.test("a burst is spread evenly, each share where its set belongs", () => {
  const { asked, control } = aQueue();
  queueBurst(7, { sets: SETS, control, duration });
  assert.deepEqual(asked.map(({ labels, scope, count }) => [labels?.[0], scope, count]), [
    ["a", "org", 3],
    ["b", "org/repo", 2],
    ["c", "enterprises/acme", 2],
  ]);
});

Deno.test("fewer jobs than sets leave some sets without", () => {
  const { asked, control } = aQueue();
  queueBurst(1, { sets: SETS, control, duration });
  assert.equal(asked.length, 1);
});

Deno.test("a stream comes at a steady rate and ends", async () => {
  const clock = new VirtualClock();
  const { asked, control } = aQueue();
  const signal = new AbortController().signal;
  const stream = queueStream({ perSecond: 2, forMs: 5_000 }, {
    sets: SETS,
    control,
    duration,
    clock,
    signal,
  });
  await clock.advance(2_100);
  assert.equal(asked.length, 5);
  await clock.advance(3_000);
  await stream;
  assert.equal(asked.length, 10);
});
