import assert from "node:assert/strict";
import { Reporter } from "../../listener/reporter.ts";
import { VirtualClock } from "../../sim/clock.ts";

const DONE = true;

function succeed(): Promise<boolean> {
  return Promise.resolve(DONE);
}

function aReporter(
  write: (text: string | undefined) => Promise<boolean> = succeed,
) {
  const written: (string | undefined)[] = [];
  const clock = new VirtualClock();
  const reporter = new Reporter({
    clock,
    tellsCompleted: true,
    scaler: {
      report: async (text, signal) => {
        written.push(text);
        const ok = await write(text);
        signal.throwIfAborted();
        return ok;
      },
    },
  });
  const stop = new AbortController();
  return { reporter, written, clock, stop, flush: () => reporter.flush(stop.signal) };
}

Deno.test("B9: a report is written when it changed, and only then", async () => {
  const { reporter, written, flush } = aReporter();
  await flush();
  assert.deepEqual(written, []);
  reporter.say({ phantomJobs: 3 });
  await flush();
  await flush();
  reporter.say({ phantomJobs: 3 });
  await flush();
  reporter.say({ phantomJobs: 0 });
  await flush();
  assert.deepEqual(written, ["phantom-jobs:3", undefined]);
});

Deno.test("what a former life left is taken away", async () => {
  const { reporter, written, flush } = aReporter();
  reporter.found("no-scale-set:7");
  await flush();
  assert.deepEqual(written, [undefined]);
  reporter.found("");
  await flush();
  assert.equal(written.length, 1);
});

Deno.test("what could not be written is written the next time", async () => {
  let works = false;
  const { reporter, written, flush } = aReporter(() => Promise.resolve(works));
  reporter.say({ noScaleSet: 7 });
  await flush();
  works = true;
  await flush();
  await flush();
  assert.deepEqual(written, ["no-scale-set:7", "no-scale-set:7"]);
});

Deno.test("a write that takes too long holds nobody up, and the end is the end", async () => {
  const hang = Promise.withResolvers<void>();
  const { reporter, clock, stop, flush } = aReporter(() => hang.promise.then(succeed));
  reporter.say({ noScaleSet: 7 });
  let isOver = false;
  const flushed = flush().then(() => isOver = true);
  await clock.advance(11_000);
  hang.resolve();
  await flushed;
  assert.ok(isOver);
  stop.abort(new Error("SIGTERM"));
  reporter.say({ noScaleSet: 8 });
  await assert.rejects(flush(), /SIGTERM/);
});
