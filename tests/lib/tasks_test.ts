import assert from "node:assert/strict";
import { runTogether } from "../../lib/tasks.ts";

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

const never = new AbortController().signal;

Deno.test("tasks that end leave the others running until they end too", async () => {
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  await runTogether([
    async () => {
      await gate.promise;
      order.push("second");
    },
    () => {
      order.push("first");
      gate.resolve();
      return Promise.resolve();
    },
  ], never);
  assert.deepEqual(order, ["first", "second"]);
});

Deno.test("the first failure aborts the others, waits for them, and is thrown", async () => {
  const failure = new Error("first");
  let cleanedUp = "no";
  await assert.rejects(
    runTogether([
      () => Promise.reject(failure),
      async (signal) => {
        await untilAborted(signal).catch(() => {});
        await Promise.resolve();
        cleanedUp = "yes";
        throw new Error("second, while cleaning up");
      },
    ], never),
    failure,
  );
  assert.equal(cleanedUp, "yes");
});

Deno.test("a task that throws at once counts as a failure", async () => {
  const failure = new Error("at once");
  await assert.rejects(
    runTogether([untilAborted, () => {
      throw failure;
    }], never),
    failure,
  );
});

Deno.test("an abort from outside is a normal end", async () => {
  const controller = new AbortController();
  const ran = runTogether([untilAborted, untilAborted], controller.signal);
  controller.abort(new Error("stop"));
  await ran;
  await runTogether([untilAborted], AbortSignal.abort("already"));
});

Deno.test("a failure after an abort from outside is still a failure", async () => {
  const controller = new AbortController();
  const failure = new Error("cannot close");
  const ran = assert.rejects(
    runTogether([(signal) =>
      untilAborted(signal).catch(() => {
        throw failure;
      })], controller.signal),
    failure,
  );
  controller.abort();
  await ran;
});
