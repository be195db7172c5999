/** Stories of more than one set. */
import assert from "node:assert/strict";
import { AUTOSCALING_RUNNER_SETS } from "../../../crds/autoscaling_runner_set.ts";
import { jobsOf } from "../invariants.ts";
import type { AnyStage, Tap } from "../stage.ts";
import type { Story } from "./story.ts";

/** An organization with a set in a namespace of its own. */
export const ACME = {
  namespace: "team-a",
  url: "https://github.com/acme",
  token: "ghp_acme",
} as const;
/** Another one. */
export const GLOBEX = {
  namespace: "team-b",
  url: "https://github.com/globex",
  token: "ghp_globex",
} as const;

/** Jobs of an organization, of 30 s; only its own sets may take them. Returns their ids. */
export function queueIn(stage: AnyStage, scope: string, count: number): readonly string[] {
  const durationMs = 30 * stage.secondMs;
  return stage.world.github.control.queueJobs({ labels: ["linux"], scope, count, durationMs });
}

/** Whether these jobs ended well. */
export function areDone(stage: AnyStage, jobIds: readonly string[]): boolean {
  return jobsOf(stage).filter(({ jobId }) => jobIds.includes(jobId))
    .every(({ result }) => result === "succeeded");
}

/** Scale sets that somebody listens to. */
export function sessions(stage: AnyStage): number {
  return stage.world.github.control.state().scaleSets.filter(({ session }) => session).length;
}

function runnersIn(stage: AnyStage, namespace: string): number {
  return stage.runners().filter(({ metadata }) => metadata?.namespace === namespace).length;
}

/** Writes down which credentials were shown for which organization. */
function noteCredentials(users: Map<string, Set<string>>): Tap {
  return (request) => {
    const [, org] = /\/orgs\/(\w+)\/actions\/runners\/registration-token$/
      .exec(new URL(request.url).pathname) ?? [];
    if (org === undefined) return;
    const tokens = users.get(org) ?? new Set();
    users.set(org, tokens.add(request.headers.get("authorization") ?? ""));
  };
}

export const SET_STORIES: readonly Story[] = [
  {
    says:
      "F32: two sets of one name, in two namespaces with their own credentials, keep to themselves",
    tell: async (open) => {
      const watched = await open({ max: 3 });
      await using stage = watched.stage;
      const users = new Map<string, Set<string>>();
      stage.taps.controller = stage.taps.listener = noteCredentials(users);
      stage.startController();
      await stage.addSet({ ...ACME, max: 3 });
      await stage.addSet({ ...GLOBEX, max: 2 });
      await stage.until("both listen", () => sessions(stage) === 2, 60);
      const release = stage.holdJobs();
      const ofAcme = queueIn(stage, "acme", 5);
      const ofGlobex = queueIn(stage, "globex", 3);
      await stage.until(
        "both have runners",
        () => runnersIn(stage, "team-a") > 0 && runnersIn(stage, "team-b") > 0,
        30,
      );
      release();
      await stage.until("all jobs are done", () => areDone(stage, [...ofAcme, ...ofGlobex]), 120);
      assert.deepEqual(Object.fromEntries([...users].map(([org, tokens]) => [org, [...tokens]])), {
        acme: ["Bearer ghp_acme"],
        globex: ["Bearer ghp_globex"],
      });
      const scopeOf = new Map(
        stage.world.github.control.state().scaleSets.map(({ id, scope }) => [id, scope]),
      );
      for (const { jobId, scaleSetId } of jobsOf(stage)) {
        const scope = scopeOf.get(scaleSetId ?? 0);
        assert.match(scope ?? "", ofAcme.includes(jobId) ? /acme/ : /globex/);
      }
      const key = { namespace: "team-a", name: "linux" };
      await stage.world.admin.delete(AUTOSCALING_RUNNER_SETS, key);
      await stage.until("one listens", () => sessions(stage) === 1, 60);
      const more = queueIn(stage, "globex", 2);
      await stage.until("the other one still serves", () => areDone(stage, more), 60);
      await watched.check();
    },
  },
];
