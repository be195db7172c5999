import assert from "node:assert/strict";
import { CompletedRunners } from "../../../controllers/ephemeral_runner/completed_runners.ts";
import { anEphemeralRunnerSet, aRunner, STORY } from "../../builders.ts";
import { after } from "../../times.ts";
import { pure } from "../situations.ts";

const runner = aRunner();
const uid = runner.metadata?.uid ?? "";
const set = anEphemeralRunnerSet({ spec: { completedRunners: [STORY.runner, "gone"] } });
const find = ({ name }: { readonly name: string }) => name === STORY.runner ? runner : undefined;

pure("a completed runner is news once, and its time is that of the first word", () => {
  const completed = new CompletedRunners();
  assert.deepEqual(completed.note(set, after(1), find), [
    { namespace: STORY.namespace, name: STORY.runner },
  ]);
  assert.deepEqual(completed.note(set, after(2), find), []);
  assert.equal(completed.sinceMs(uid), after(1).getTime());
});

pure("nothing is kept of runners that are gone", () => {
  const completed = new CompletedRunners();
  completed.note(set, after(1), find);
  assert.equal(completed.size, 1);
  completed.forget(uid);
  assert.deepEqual([completed.size, completed.sinceMs(uid)], [0, undefined]);
});
