/** When jobs come, and to whom. Knows the clock and the queue of the simulated GitHub, not what becomes of jobs. */
import type { ConfigUrl } from "../../github/config_url.ts";
import type { Clock } from "../../lib/clock.ts";
import type { DurationRange } from "../../lib/duration.ts";
import type { GitHubControl } from "../../sim/github/control.ts";
import type { RunnerSetFacts } from "./runner_sets.ts";

export interface ArrivalOptions {
  readonly sets: readonly RunnerSetFacts[];
  readonly control: Pick<GitHubControl, "queueJobs">;
  readonly duration: DurationRange;
}

/** Queues `count` jobs at once, spread evenly over the sets: the first sets get one more each. */
export function queueBurst(count: number, options: ArrivalOptions): void {
  const { sets, control, duration } = options;
  for (const [at, set] of sets.entries()) {
    const share = Math.floor(count / sets.length) + (at < count % sets.length ? 1 : 0);
    if (share === 0) continue;
    control.queueJobs({
      labels: [set.scaleSetName],
      scope: scopeText(set.configUrl),
      count: share,
      durationMs: duration,
    });
  }
}

/** Queues jobs one by one, to each set in turn, at a steady rate for a time. */
export async function queueStream(
  stream: { readonly perSecond: number; readonly forMs: number },
  options: ArrivalOptions & { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const { clock, signal, sets } = options;
  const startMs = clock.now().getTime();
  const count = Math.floor(stream.perSecond * stream.forMs / 1_000);
  for (let at = 0; at < count; at++) {
    const dueMs = startMs + at * 1_000 / stream.perSecond;
    const waitMs = dueMs - clock.now().getTime();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    queueBurst(1, { ...options, sets: [sets[at % sets.length] as RunnerSetFacts] });
  }
}

/** As the queue wants it: `octo`, `octo/widgets`, `enterprises/acme`. */
function scopeText({ scope, organization, repository, enterprise }: ConfigUrl): string {
  switch (scope) {
    case "organization":
      return organization;
    case "repository":
      return `${organization}/${repository}`;
    case "enterprise":
      return `enterprises/${enterprise}`;
    default:
      return scope satisfies never;
  }
}
