/** All kinds of the group, in the order in which they are installed. */
import { autoscalingListenerKind } from "./autoscaling_listener.ts";
import { autoscalingRunnerSetKind } from "./autoscaling_runner_set.ts";
import { ephemeralRunnerKind } from "./ephemeral_runner.ts";
import { ephemeralRunnerSetKind } from "./ephemeral_runner_set.ts";
import type { KindDefinition } from "./kind.ts";

export const KINDS: readonly KindDefinition[] = [
  autoscalingListenerKind,
  autoscalingRunnerSetKind,
  ephemeralRunnerSetKind,
  ephemeralRunnerKind,
];
