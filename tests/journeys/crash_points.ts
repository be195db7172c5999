/** Where in a story a process dies: before or after its nth call. Knows which calls are writes, and no story. */
import type { Process, Tap } from "./stage.ts";

export interface CrashPoint {
  /** 1 for the first call that counts. */
  readonly call: number;
  /** `before`: the call never leaves the process. `after`: it was carried out, its answer is never read. */
  readonly when: "before" | "after";
}

export interface Crash {
  readonly tap: Tap;
  /** Whether the point was reached. */
  readonly crashed: boolean;
}

/** A tap that kills `process()` at `point`, once: calls of its successors pass. */
export function crashAt(
  point: CrashPoint,
  options: {
    readonly counts: (request: Request) => boolean;
    readonly process: () => Process | undefined;
    readonly onCrash?: () => void;
  },
): Crash {
  let count = 0;
  let crashed = false;
  function die(): void {
    crashed = true;
    options.process()?.crash();
    options.onCrash?.();
  }
  return {
    tap: async (request, send) => {
      if (crashed || !options.counts(request) || ++count !== point.call) return;
      if (point.when === "before") return die();
      const response = await send();
      die();
      return response;
    },
    get crashed() {
      return crashed;
    },
  };
}

/**
 * Tells a story once for each point, until one is told to its end without a crash; `live` returns whether there was one.
 * Returns how many points there are, or fails naming the first at which the story went wrong.
 */
export async function everyPoint(
  when: CrashPoint["when"],
  live: (point: CrashPoint) => Promise<boolean>,
): Promise<number> {
  for (let call = 1;; call++) {
    try {
      if (!await live({ call, when })) return call - 1;
    } catch (thrown) {
      throw new Error(`The process died ${when} call ${call}`, { cause: thrown });
    }
  }
}

/** Whether a call may change anything: all calls to GitHub count, to Kubernetes all but reads. */
export function isWrite(request: Request): boolean {
  return request.method !== "GET" || !new URL(request.url).host.startsWith("kubernetes");
}
