import assert from "node:assert/strict";
import { isDeaf } from "../../../controllers/autoscaling_listener/deaf_program.ts";
import type { ObservedListener } from "../../../controllers/autoscaling_listener/observe.ts";
import { ANNOTATIONS } from "../../../crds/group.ts";
import { aListener, aListenerPod } from "../../builders.ts";
import { stampAfter } from "../../times.ts";
import { pure } from "../situations.ts";

const by = (hash: string) =>
  aListenerPod({ metadata: { annotations: { [ANNOTATIONS.integrityHash]: hash } } });
const OURS = by("ls1-1").running();
const STARTING = by("ls1-1").waitingFor("ImagePullBackOff");
const READY = {
  type: "Ready",
  status: "True",
  reason: "Running",
  message: "",
  lastTransitionTime: stampAfter(1),
} as const;
const ORDER = { patchID: 3, replicas: 1 };

const ROWS: readonly {
  readonly program: string;
  readonly pod?: typeof OURS;
  readonly word?: ObservedListener["word"];
  readonly conditions?: readonly [];
  readonly deaf: boolean;
}[] = [
  { program: "another controller's", pod: by("6fb").running(), deaf: true },
  { program: "one in a pod of ours that only gives orders", word: ORDER, deaf: true },
  {
    program: "one that tells who completed",
    word: { ...ORDER, completedRunners: [] },
    deaf: false,
  },
  {
    program: "one that tells why it hears nothing",
    word: { ...ORDER, listenerReport: "no-session:SessionConflict another one holds it" },
    deaf: false,
  },
  { program: "one that has nothing to write into yet", deaf: false },
  { program: "one that has not started", pod: STARTING, word: ORDER, deaf: false },
  {
    program: "one of which ARC's definitions would drop what it tells",
    word: ORDER,
    conditions: [],
    deaf: false,
  },
];

for (const { program, pod = OURS, word, conditions = [READY], deaf } of ROWS) {
  pure(
    `${program} ${deaf ? "never hears of" : "follows, or will read,"} another configuration`,
    () => {
      const listener = aListener({ status: { conditions } });
      assert.equal(isDeaf({ listener, word }, pod), deaf);
    },
  );
}
