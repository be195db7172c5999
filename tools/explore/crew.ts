/** Hands tasks to workers, one at a time each, and their answers to whoever asked. Knows nothing of what a task is. */
import type { Answer, Task } from "./worker.ts";

export interface CrewOptions {
  readonly workers: number;
  /** As answers come in; their order is nobody's promise. */
  readonly onAnswer: (answer: Answer) => void;
}

/** Resolves when every task is answered. Throws when a worker dies, which is a bug of ours. */
export async function workThrough(tasks: readonly Task[], options: CrewOptions): Promise<void> {
  const waiting = tasks.values();
  const count = Math.min(options.workers, tasks.length);
  await Promise.all(Array.from({ length: count }, () => serve(waiting, options)));
}

/** One worker, as long as there are tasks. */
function serve(tasks: IterableIterator<Task>, options: CrewOptions): Promise<void> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const next = () => {
    const { done, value } = tasks.next();
    if (done) resolve();
    else worker.postMessage(value);
  };
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    options.onAnswer(data);
    next();
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`A worker died: ${event.message}`));
  };
  next();
  return promise.finally(() => worker.terminate());
}
