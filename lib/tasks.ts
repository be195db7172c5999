/** Things that run together and end together. */

/** A long-running piece of work: ends normally when `signal` aborts, throws when it cannot go on. */
export type Task = (signal: AbortSignal) => Promise<void>;

/**
 * Runs all tasks until they have ended. The first failure aborts the others; every task is awaited before this throws
 * that first failure. When `signal` aborts, all tasks are aborted with its reason, and rejections with that same reason
 * count as a normal end.
 */
export async function runTogether(tasks: readonly Task[], signal: AbortSignal): Promise<void> {
  const group = new AbortController();
  const forward = () => group.abort(signal.reason);
  if (signal.aborted) forward();
  else signal.addEventListener("abort", forward, { once: true });
  let failure: { readonly thrown: unknown } | undefined;
  await Promise.all(tasks.map(async (task) => {
    try {
      await task(group.signal);
    } catch (thrown) {
      if (group.signal.aborted && thrown === group.signal.reason) return;
      failure ??= { thrown };
      group.abort(thrown);
    }
  }));
  signal.removeEventListener("abort", forward);
  if (failure) throw failure.thrown;
}
